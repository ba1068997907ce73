"""The operator's desk of verification and of concerns."""

from marketplace.verification.staff import checks, concerns
from marketplace.verification.staff.checks import blueprint

__all__ = ["blueprint", "checks", "concerns"]
