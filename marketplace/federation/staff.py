"""The operator's view of other servers: who follows, what failed, what was said, who is blocked."""

import uuid

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor, decode_id_cursor
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.federation import queries, service
from marketplace.federation.jobs.asking import is_on
from marketplace.federation.models import CommentState
from marketplace.federation.rules.decisions import SAID, read_decision
from marketplace.federation.schemas import BlockInput

blueprint = Blueprint("federation_staff", __name__)

WHICH = ("hosts", "comments", "reports", "failed", "blocked")


@blueprint.get("/staff/federation")
@access("staff")
def federation() -> tuple[str, int]:
    """Show servers, comments that wait, complaints, failed deliveries or blocks."""
    return _page(request.args.get("which", ""), Form())


def _page(which: str, form: Form, status: int = 200) -> tuple[str, int]:
    which = which if which in WHICH else WHICH[0]
    after = request.args.get("after")
    cursor, before = decode_cursor(after, 1), decode_id_cursor(after)
    lists = {
        "hosts": lambda: queries.list_hosts(after=str(cursor[0]) if cursor else ""),
        "comments": lambda: queries.list_to_decide(CommentState.WAITING, before=before),
        "reports": queries.list_reports,
        "failed": lambda: queries.list_failed(before=before),
        "blocked": queries.list_blocks,
    }
    return render(
        "federation/staff.html",
        status,
        which=which,
        tabs=WHICH,
        found=lists[which](),
        is_on=is_on(),
        form=form,
        now=clock.now(),
    )


@blueprint.post("/staff/federation/blocks")
@access("staff")
def block() -> tuple[str, int] | Response:
    """Have nothing to do with a server or a person any more."""
    form = load_form(BlockInput())
    if form.ok:
        with attempt(form):
            service.block(by=current_user, now=clock.now(), **form.data)
            flash(_("Blocked: follows and answers from there are gone."))
            return redirect_to("federation_staff.federation", which="blocked")
    return _page("blocked", form, 422)


@blueprint.post("/staff/federation/blocks/<uuid:block_id>/lift")
@access("staff")
def unblock(block_id: uuid.UUID) -> Response:
    """Let a server or a person come back."""
    with atomic():
        service.unblock(block_id=block_id, by=current_user, now=clock.now())
    flash(_("The block is lifted."))
    return redirect_to("federation_staff.federation", which="blocked")


@blueprint.post("/staff/federation/comments/<uuid:comment_id>/<how>")
@access("staff")
def decide(comment_id: uuid.UUID, how: str) -> Response:
    """Show a comment on the update's page, or do not; it is written down."""
    wanted = read_decision(how)
    if wanted is None:
        raise NotFound
    with atomic():
        service.decide(
            comment_id=comment_id, project_id=None, how=wanted, by=current_user, now=clock.now()
        )
    flash(str(SAID[wanted]))
    return redirect_to("federation_staff.federation", which="comments")


@blueprint.post("/staff/federation/reports/<uuid:report_id>/close")
@access("staff")
def close_report(report_id: uuid.UUID) -> Response:
    """Note what came of a complaint from elsewhere."""
    with atomic():
        service.close_report(
            report_id=report_id,
            reason=request.form.get("reason", "").strip(),
            by=current_user,
            now=clock.now(),
        )
    flash(_("Noted."))
    return redirect_to("federation_staff.federation", which="reports")


@blueprint.post("/staff/federation/deliveries/<uuid:delivery_id>/retry")
@access("staff")
def retry(delivery_id: uuid.UUID) -> Response:
    """Try once more to deliver what was given up."""
    with atomic():
        service.retry_delivery(delivery_id=delivery_id, by=current_user, now=clock.now())
    flash(_("It is tried again."))
    return redirect_to("federation_staff.federation", which="failed")
