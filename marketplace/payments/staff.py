"""The operator's view of the provider: what it was told, and what it said."""

from datetime import datetime

from flask import Blueprint, request

from marketplace.core.web import access, render
from marketplace.payments import queries

blueprint = Blueprint("payments_staff", __name__)


@blueprint.get("/staff/commands")
@access("staff")
def commands() -> tuple[str, int]:
    """List commands, the newest first; those whose fate is unknown stand out."""
    try:
        before = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        before = None
    found = queries.list_commands(before=before, limit=51)
    return render(
        "staff/commands.html",
        commands=found[:50],
        next_before=found[49].created_at.isoformat() if len(found) > 50 else None,
        parked=queries.list_parked_events(),
    )
