"""The operator's first page, the jobs that failed, and the audit log."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, redirect_to, render
from marketplace.desk import queries, service
from marketplace.invariants import queries as invariants
from marketplace.reconciliation import queries as reconciliation

blueprint = Blueprint("desk_staff", __name__)


@blueprint.get("/staff")
@access("staff")
def today() -> tuple[str, int]:
    """Show what waits and since when, and every invariant with its figures."""
    return render(
        "staff/today.html",
        findings=invariants.check_all(),
        queues=queries.list_queues(),
        last_run=reconciliation.find_last_run(),
        now=clock.now(),
    )


@blueprint.get("/staff/jobs")
@access("staff")
def jobs() -> tuple[str, int]:
    """List the jobs that failed."""
    cursor = decode_cursor(request.args.get("after"), 1)
    before = cursor[0] if cursor else None
    return render(
        "desk/jobs.html",
        page=queries.list_failed_jobs(before=before if isinstance(before, int) else None),
        now=clock.now(),
    )


@blueprint.post("/staff/jobs/<int:job_id>/retry")
@access("staff")
def retry(job_id: int) -> Response:
    """Let a job be tried again."""
    with atomic():
        service.retry(job_id=job_id, operator=current_user, now=clock.now())
    flash(_("It is tried again."))
    return redirect_to("desk_staff.jobs")


@blueprint.post("/staff/jobs/<int:job_id>/give-up")
@access("staff")
def give_up(job_id: int) -> Response:
    """Take a job out of the queue, with a reason."""
    with atomic():
        service.give_up(
            job_id=job_id,
            reason=request.form.get("reason", ""),
            operator=current_user,
            now=clock.now(),
        )
    flash(_("The job is given up."))
    return redirect_to("desk_staff.jobs")


@blueprint.get("/staff/audit")
@access("staff")
def audit() -> tuple[str, int]:
    """List what was done by whom to what, why and when; the newest first."""
    asked = {name: request.args.get(name, "").strip()[:200] for name in FILTERS}
    since, until = _day(asked["since"]), _day(asked["until"])
    page = accounts.list_actions(
        who=asked["who"],
        action=asked["action"],
        subject=asked["subject"],
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        before=_position(request.args.get("after")),
    )
    names = queries.names_of(entry.subject_id for entry in page.rows)
    return render("desk/audit.html", page=page, names=names, asked=asked)


FILTERS = ("who", "action", "subject", "since", "until")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day < date.max else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _position(text: str | None) -> tuple[datetime, UUID] | None:
    cursor = decode_cursor(text, 2)
    if cursor is None:
        return None
    try:
        return datetime.fromisoformat(str(cursor[0])), UUID(str(cursor[1]))
    except ValueError:
        return None
