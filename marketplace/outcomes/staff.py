"""The operator's view of outcomes: what nobody but its author has looked at."""

import uuid

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.web import access, load_form, redirect_to, render
from marketplace.outcomes import queries, service
from marketplace.outcomes.schemas import ReviewInput
from marketplace.projects import queries as projects

blueprint = Blueprint("outcomes_staff", __name__)


@blueprint.get("/staff/outcomes")
@access("staff")
def outcomes() -> tuple[str, int]:
    """List published values that nobody has reviewed, the oldest first."""
    return render("staff/outcomes.html", outcomes=queries.list_to_review())


@blueprint.post("/staff/outcomes/<uuid:outcome_id>")
@access("staff")
def review(outcome_id: uuid.UUID) -> Response:
    """Say that a value and its proof are right."""
    form = load_form(ReviewInput())
    with atomic():
        project = queries.get_project_of(outcome_id)
        service.review(
            outcome=queries.get_outcome(project.id, outcome_id),
            by=current_user,
            membership=projects.find_membership(project.id, current_user.id),
            note=form.data.get("note", ""),
            now=clock.now(),
        )
    return redirect_to("outcomes_staff.outcomes")
