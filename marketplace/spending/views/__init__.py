"""Receipts as everybody sees them, and the desk of those who show them."""

from marketplace.spending.views import importing
from marketplace.spending.views.desk import blueprint as desk
from marketplace.spending.views.public import blueprint

__all__ = ["blueprint", "desk", "importing"]
