"""The operator's view of the reconciliation: what differs, for how long, and why."""

import uuid
from datetime import datetime

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.core import clock, jobs
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, redirect_to, render
from marketplace.reconciliation import queries, service

blueprint = Blueprint("reconciliation_staff", __name__)

WHICH = ("unexplained", "explained", "closed")


@blueprint.get("/staff/reconciliation")
@access("staff")
def reconciliation() -> tuple[str, int]:
    """List differences with what each side says, and the last runs."""
    which = request.args.get("which", "")
    cursor = decode_cursor(request.args.get("after"), 2)
    before = None
    if cursor:
        try:
            before = (datetime.fromisoformat(str(cursor[0])), uuid.UUID(str(cursor[1])))
        except ValueError:
            before = None
    which = which if which in WHICH else WHICH[0]
    return render(
        "reconciliation/reconciliation.html",
        which=which,
        page=queries.list_differences(which, before=before),
        runs=queries.list_runs(),
        unexplained=queries.count_unexplained(),
        now=clock.now(),
    )


@blueprint.post("/staff/reconciliation/run")
@access("staff")
def run_now() -> Response:
    """Reconcile as soon as a worker is free."""
    with atomic():
        jobs.enqueue("reconcile", lock="reconcile")
        accounts.record(
            actor=current_user,
            action="reconciliation.run",
            subject_kind="reconciliation",
            subject_id="all",
            now=clock.now(),
        )
    flash(_("It is being compared. Open this page again in a moment."))
    return redirect_to("reconciliation_staff.reconciliation")


@blueprint.post("/staff/reconciliation/differences/<uuid:difference_id>/explain")
@access("staff")
def explain(difference_id: uuid.UUID) -> Response:
    """Note why the sides differ; with the last one explained, totals are published again."""
    with atomic():
        service.explain(
            difference_id=difference_id,
            reason=request.form.get("reason", ""),
            operator=current_user,
            now=clock.now(),
        )
    flash(_("The difference is explained."))
    return redirect_to("reconciliation_staff.reconciliation")


@blueprint.get("/staff/bank")
@access("staff")
def bank() -> tuple[str, int]:
    """Show what the provider sent to our own bank, and how much more of it there is ours."""
    cursor = decode_cursor(request.args.get("after"), 2)
    before = None
    if cursor:
        try:
            before = (datetime.fromisoformat(str(cursor[0])), str(cursor[1]))
        except ValueError:
            before = None
    return render(
        "reconciliation/bank.html",
        page=queries.list_bank_payouts(before=before),
        own=queries.list_own_money(),
    )
