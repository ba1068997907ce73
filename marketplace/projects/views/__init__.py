"""Projects as everybody sees them, and the desk of their owners."""

from marketplace.projects.views import budget, closing, public
from marketplace.projects.views.desk import blueprint as desk
from marketplace.projects.views.public import blueprint

__all__ = ["blueprint", "budget", "closing", "desk", "public"]
