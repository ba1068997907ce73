"""Pages and documents of papers."""

from marketplace.papers.views import account, company, order
from marketplace.papers.views.routes import blueprint

__all__ = ["account", "blueprint", "company", "order"]
