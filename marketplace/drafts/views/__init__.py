"""Writing on the desk of a project, and publishing what came by letter."""

from marketplace.drafts.views import by_mail, writing
from marketplace.drafts.views.routes import blueprint

__all__ = ["blueprint", "by_mail", "writing"]
