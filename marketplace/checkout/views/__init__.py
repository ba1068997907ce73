"""Pages of the basket and of the checkout, step by step."""

from marketplace.checkout.views import basket, delivery, payment, projects, returning
from marketplace.checkout.views.routes import blueprint

__all__ = ["basket", "blueprint", "delivery", "payment", "projects", "returning"]
