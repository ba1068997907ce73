"""What everybody may check: the log, the proof of a receipt and what checks it, solvency."""

from marketplace.proofs.views import checking, log, solvency
from marketplace.proofs.views.routes import blueprint

__all__ = ["blueprint", "checking", "log", "solvency"]
