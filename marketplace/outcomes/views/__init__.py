"""What was measured, as everybody sees it, and the desk of those who measure."""

from marketplace.outcomes.views.desk import blueprint as desk
from marketplace.outcomes.views.public import blueprint

__all__ = ["blueprint", "desk"]
