"""The desk of plans, and what everybody may answer."""

from marketplace.planning.views.desk import blueprint as desk
from marketplace.planning.views.needs import blueprint

__all__ = ["blueprint", "desk"]
