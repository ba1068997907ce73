"""The operator's view of teams that somebody called an abuse."""

import uuid

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.community import queries, service
from marketplace.community.schemas import TeamSettleInput
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.web import Form, access, load_form, redirect_to, render

blueprint = Blueprint("community_staff", __name__)


@blueprint.get("/staff/teams")
@access("staff")
def teams() -> tuple[str, int]:
    """List complaints that wait, the oldest first, and teams that are suspended."""
    return _page(Form())


def _page(form: Form) -> tuple[str, int]:
    return render(
        "staff/teams.html",
        422 if form.errors else 200,
        complaints=queries.list_complaints(),
        suspended=queries.list_suspended(),
        form=form,
    )


@blueprint.post("/staff/teams/<uuid:team_id>")
@access("staff")
def settle(team_id: uuid.UUID) -> tuple[str, int] | Response:
    """Suspend a team, let it stand, or let it be seen again, and say why."""
    form, now = load_form(TeamSettleInput()), clock.now()
    if not form.ok:
        return _page(form)
    what, reason = form.data["what"], form.data["reason"]
    with atomic():
        if what == "lift":
            service.lift_suspension(team_id=team_id, reason=reason, by=current_user, now=now)
        else:
            service.settle_complaints(
                team_id=team_id,
                is_suspended=what == "suspend",
                reason=reason,
                by=current_user,
                now=now,
            )
    return redirect_to("community_staff.teams")
