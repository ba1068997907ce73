"""The pages of money out on both desks."""

from marketplace.payouts.views import receiving, statements
from marketplace.payouts.views.desk import blueprint

__all__ = ["blueprint", "receiving", "statements"]
