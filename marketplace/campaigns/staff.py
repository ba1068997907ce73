"""The operator's view of pools: all of them, ending one early, who funds them, what came back."""

import uuid

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.campaigns import queries, service
from marketplace.campaigns.schemas import EndInput
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt

blueprint = Blueprint("pools_staff", __name__)

Page = tuple[str, int] | Response


@blueprint.get("/staff/pools")
@access("staff")
def pools() -> Page:
    """List every pool with its figures."""
    return _page(Form())


def _page(form: Form, status: int = 200) -> Page:
    return render(
        "staff/pools.html",
        status,
        pools=queries.list_all(),
        sponsors=queries.list_to_decide(),
        failed=queries.list_failed_refunds(),
        now=clock.now(),
        form=form,
    )


@blueprint.post("/staff/sponsors/<uuid:sponsor_id>/<how>")
@access("staff")
def decide(sponsor_id: uuid.UUID, how: str) -> Page:
    """Admit the name under which somebody wants to fund pools, or refuse it with a reason."""
    if how not in ("admit", "refuse"):
        raise NotFound
    form = load_form(EndInput())
    if form.ok:
        try:
            with attempt(form, whole="reason"):
                service.decide(
                    sponsor_id=sponsor_id,
                    is_admitted=how == "admit",
                    reason=form.data["reason"],
                    by=current_user,
                    now=clock.now(),
                )
                flash(_("Admitted.") if how == "admit" else _("Refused."))
                return redirect_to("pools_staff.pools")
        except Conflict as fact:
            form.refuse({"reason": fact.message})
    return _page(form, 422)


@blueprint.post("/staff/pools/refunds/<uuid:refund_id>/send")
@access("staff")
def send_again(refund_id: uuid.UUID) -> Page:
    """Send once more what did not reach a sponsor."""
    with atomic():
        made = service.send_again(refund_id=refund_id, now=clock.now())
        accounts.record(
            actor=current_user,
            action="pool.refund_again",
            subject_kind="pool",
            subject_id=made.pool_id,
            reason=made.payment_id,
            now=clock.now(),
        )
    flash(_("It is being sent again."))
    return redirect_to("pools_staff.pools")


@blueprint.post("/staff/pools/refunds/<uuid:refund_id>/paid")
@access("staff")
def paid_otherwise(refund_id: uuid.UUID) -> Page:
    """Note that what did not reach a sponsor was paid from our own bank."""
    form = Form(values=request.form.to_dict())
    if form.ok:
        try:
            with attempt(form, whole="reference"):
                service.pay_otherwise(
                    refund_id=refund_id,
                    reference=request.form.get("reference", ""),
                    by=current_user,
                    now=clock.now(),
                )
                flash(_("It is in the book: the sponsor has the money."))
                return redirect_to("pools_staff.pools")
        except Conflict as fact:
            form.refuse({"reference": fact.message})
    return _page(form, 422)


@blueprint.post("/staff/pools/<slug>/end")
@access("staff")
def end_pool(slug: str) -> Page:
    """End a pool early; the reason is public and stands in the audit log."""
    pool = queries.get_public(slug)
    form = load_form(EndInput())
    if form.ok:
        try:
            with attempt(form, whole="reason"):
                service.end(
                    pool_id=pool.id,
                    reason=form.data["reason"],
                    by=current_user,
                    now=clock.now(),
                )
                flash(_("The pool has ended. What orders had reserved is still theirs."))
                return redirect_to("pools_staff.pools")
        except Conflict as fact:
            form.refuse({"reason": fact.message})
    return _page(form, 422)
