"""The operator's view of projects: suspend, close; `verification` opens them."""

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.web import access, redirect_to, render
from marketplace.projects import queries, service
from marketplace.projects.models import ProjectState

blueprint = Blueprint("projects_staff", __name__)


@blueprint.get("/staff/projects")
@access("staff")
def projects() -> tuple[str, int]:
    """List projects by state, the oldest first."""
    wanted = request.args.get("state", ProjectState.PROPOSED)
    state = ProjectState(wanted) if wanted in list(ProjectState) else ProjectState.PROPOSED
    found = queries.list_by_state(state)
    return render(
        "staff/projects.html",
        projects=found,
        successors=queries.slugs_of({one.successor_id for one in found if one.successor_id}),
        state=state,
        states=list(ProjectState),
    )


@blueprint.post("/staff/projects/<slug>/<how>")
@access("staff")
def move(slug: str, how: str) -> Response:
    """Suspend, close or archive a project; the reason goes into the audit log."""
    if how not in ("suspend", "close", "archive"):
        raise NotFound
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Invalid(_l("Say why: it goes into the audit log."))
    with atomic():
        project = queries.get_by_slug(slug)
        service.move(
            project=project, how=how, operator=current_user, reason=reason[:500], now=clock.now()
        )
    return redirect_to("projects_staff.projects", state=project.state)


@blueprint.post("/staff/projects/<slug>/route")
@access("staff")
def route(slug: str) -> Response:
    """Say where a project's money goes when it takes no more, and whether it is a fund."""
    with atomic():
        project = queries.get_by_slug(slug)
        successor = request.form.get("successor", "").strip().rstrip("/").rpartition("/")[2]
        service.set_route(
            project=project,
            successor=queries.get_by_slug(successor) if successor else None,
            is_fund=bool(request.form.get("is_fund")),
            operator=current_user,
            now=clock.now(),
        )
    return redirect_to("projects_staff.projects", state=project.state)
