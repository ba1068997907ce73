"""The operator's first page: do the books hold, and what waits for somebody."""

from flask import Blueprint

from marketplace.core.web import access, render
from marketplace.invariants import queries

blueprint = Blueprint("desk_staff", __name__)


@blueprint.get("/staff")
@access("staff")
def today() -> tuple[str, int]:
    """Show every invariant with its figures, and the queues with their lengths."""
    return render("staff/today.html", findings=queries.check_all(), queues=queries.count_queues())
