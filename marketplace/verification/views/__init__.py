"""An owner's page of who is behind a project, and concerns."""

from marketplace.verification.views.concerns import blueprint
from marketplace.verification.views.desk import blueprint as desk

__all__ = ["blueprint", "desk"]
