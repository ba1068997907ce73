"""Pages of what was bought: the receipt, and a person's orders and impact."""

from marketplace.orders.views import account, choice, receipt
from marketplace.orders.views.routes import blueprint

__all__ = ["account", "blueprint", "choice", "receipt"]
