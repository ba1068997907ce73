"""On the desk of a project: who follows from elsewhere, and what they answered."""

import uuid

from flask import flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.paging import decode_id_cursor
from marketplace.core.web import access, redirect_to, render
from marketplace.federation import queries, service
from marketplace.federation.jobs.asking import addresses, is_on
from marketplace.federation.models import CommentState
from marketplace.federation.rules.decisions import SAID, read_decision
from marketplace.federation.views.routes import blueprint
from marketplace.projects.views.desk import own


@blueprint.get("/project-desk/<slug>/elsewhere")
@access("member")
def elsewhere(slug: str) -> tuple[str, int]:
    """Show how many follow from which servers, and the comments that wait."""
    project = own(slug)
    asked = request.args.get("state", CommentState.WAITING)
    state = CommentState(asked) if asked in list(CommentState) else CommentState.WAITING
    return render(
        "federation/elsewhere.html",
        project=project,
        handle=addresses().handle(project.slug) if is_on() else "",
        followers=queries.count_followers(project.id),
        hosts=queries.list_follower_hosts(project.id),
        waiting=queries.count_comments(CommentState.WAITING, project_id=project.id),
        comments=queries.list_to_decide(
            state, project_id=project.id, before=decode_id_cursor(request.args.get("after"))
        ),
        state=state,
        states=list(CommentState),
    )


@blueprint.post("/project-desk/<slug>/comments/<uuid:comment_id>/<how>")
@access("member")
def decide(slug: str, comment_id: uuid.UUID, how: str) -> Response:
    """Show a comment on the update's page, or do not."""
    wanted = read_decision(how)
    if wanted is None:
        raise NotFound
    with atomic():
        service.decide(
            comment_id=comment_id,
            project_id=own(slug).id,
            how=wanted,
            by=current_user,
            now=clock.now(),
        )
    flash(str(SAID[wanted]))
    return redirect_to("federation.elsewhere", slug=slug)
