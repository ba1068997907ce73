"""The operators' queue: payouts above the limit, and changes of account without a second owner."""

import uuid

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import Payout, PayoutAccount
from marketplace.payouts.policies import may_approve, may_confirm
from marketplace.payouts.rules import APPROVALS, usable_from
from marketplace.payouts.schemas import WhyInput
from marketplace.people import queries as people

blueprint = Blueprint("payouts_staff", __name__)

Page = Response | tuple[str, int]


@blueprint.get("/staff/payouts")
@access("staff")
def payouts() -> Page:
    """Show what waits for operators, the oldest first."""
    return _page(Form())


def _page(form: Form, status: int = 200) -> Page:
    return render(
        "staff/payouts.html",
        status,
        waiting=[_shown(payout) for payout in queries.list_to_approve()],
        changes=[_change(account) for account in queries.list_changes_for_operators()],
        needed=APPROVALS,
        terms=jobs.terms(),
        now=clock.now(),
        form=form,
    )


def _shown(payout: Payout) -> tuple[Payout, str, bool]:
    """Return a payout, the payee's name, and whether this operator may agree."""
    team = queries.get_payee(payout.payee_kind, payout.payee_id)
    members = {one.user_id for one in people.list_members(team)}
    return payout, team.name, may_approve(payout, current_user, members)


def _change(account: PayoutAccount) -> tuple[PayoutAccount, str, bool, object]:
    """Return a change of account, the payee's name, whether we confirm, when it cooled off."""
    team = queries.get_payee(account.payee_kind, account.payee_id)
    owners = {one.user_id for one in queries.list_owners(team)}
    is_ours = current_user.id not in owners and may_confirm(account, current_user, owners)
    return account, team.name, is_ours, usable_from(account.changed_at)


@blueprint.post("/staff/payouts/<uuid:payout_id>/approve")
@access("staff")
def approve(payout_id: uuid.UUID) -> Page:
    """Agree to a payout; with the second agreement it goes."""
    with atomic():
        payout = service.approve(payout_id=payout_id, operator=current_user, now=clock.now())
        is_sent = len(payout.approvals) >= APPROVALS
    if is_sent:
        flash(_("Payout #%(number)s is on its way.", number=payout.number))
    else:
        flash(_("Noted. Another of us has to agree as well."))
    return redirect_to("payouts_staff.payouts")


@blueprint.post("/staff/payouts/<uuid:payout_id>/refuse")
@access("staff")
def refuse(payout_id: uuid.UUID) -> Page:
    """Refuse a payout with a reason; the money goes back to the payee's balance."""
    form = load_form(WhyInput())
    if not form.ok:
        return _page(form, 422)
    with atomic():
        service.refuse(
            payout_id=payout_id,
            operator=current_user,
            reason=form.data["reason"],
            now=clock.now(),
        )
    flash(_("Refused. The money is the payee’s and waits for a later payout."))
    return redirect_to("payouts_staff.payouts")


@blueprint.post("/staff/payouts/accounts/<uuid:account_id>/confirm")
@access("staff")
def confirm(account_id: uuid.UUID) -> Page:
    """Agree to a change of account as the second person, after asking the payee by another way."""
    form = load_form(WhyInput())
    if not form.ok:
        return _page(form, 422)
    with atomic():
        service.confirm_change(
            account_id=account_id, by=current_user, now=clock.now(), why=form.data["reason"]
        )
    flash(_("Confirmed. Every owner gets a letter about it."))
    return redirect_to("payouts_staff.payouts")


@blueprint.post("/staff/payouts/accounts/<uuid:account_id>/refuse")
@access("staff")
def refuse_change(account_id: uuid.UUID) -> Page:
    """Refuse a proposed account, with a reason; the current one stays."""
    form = load_form(WhyInput())
    if not form.ok:
        return _page(form, 422)
    with atomic():
        service.withdraw_change(
            account_id=account_id,
            by=current_user,
            reason=form.data["reason"],
            now=clock.now(),
        )
    flash(_("Refused. The money goes where it went before."))
    return redirect_to("payouts_staff.payouts")
