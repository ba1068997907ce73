"""Receiving money: where it goes, when it goes, what waits and why."""

import uuid
from contextlib import suppress

from flask import flash, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as account_service
from marketplace.accounts.views import limits
from marketplace.checkout.jobs import run_command
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.payments import gateway
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import PayeeKind, PayoutAccount
from marketplace.payouts.policies import may_confirm
from marketplace.payouts.rules import Schedule, months_between, topics_of, usable_from
from marketplace.payouts.schemas import OpenInput, ProvedInput, ScheduleInput
from marketplace.payouts.views import words
from marketplace.payouts.views.desk import Page, on_both_desks, own_payee
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind

PUBLIC = {TeamKind.COMPANY: "companies", TeamKind.PROJECT: "projects"}


@on_both_desks("/receiving")
@access("member")
def receiving(kind: TeamKind, slug: str) -> Page:
    """Show what waits and why, where it goes, what was paid, and the statements."""
    return _page(own_payee(kind, slug), Form())


def _page(team: Team, form: Form, status: int = 200) -> Page:
    currency, _country = queries.get_home(PayeeKind(team.kind), team.id)
    now, terms = clock.now(), jobs.terms()
    outlook = queries.outlook_of(
        kind=PayeeKind(team.kind), payee_id=team.id, currency=currency, terms=terms, now=now
    )
    owner_ids = {one.user_id for one in queries.list_owners(team)}
    changing = outlook.proposed or outlook.current
    began = queries.when_it_began(team.id, currency)
    return render(
        "payouts/receiving.html",
        status,
        team=team,
        currency=currency,
        outlook=outlook,
        terms=terms,
        schedules=list(Schedule),
        topics=topics_of,
        usable_from=usable_from,
        is_alone=len(owner_ids) < 2,
        may_confirm=changing is not None
        and changing.changed_at is not None
        and changing.confirmed_at is None
        and may_confirm(changing, current_user, owner_ids),
        payouts=queries.list_of(team.id),
        month_name=words.month_name,
        months=months_between(began, now.date())[:36] if began else [],
        entries=[
            entry
            for entry in accounts.list_audit(team.kind, team.id)
            if entry.action.startswith("payouts.")
        ],
        form=form,
    )


def _prove(form: Form) -> None:
    """Make sure that it is the owner who sits there, within a transaction."""
    user = accounts.lock_user(current_user.id)
    account_service.require_password(user, form.data["current_password"])


@on_both_desks("/receiving", method="POST")
@access("member")
def open_account(kind: TeamKind, slug: str) -> Page:
    """Have an account opened at the provider, the first or another one, and go there."""
    team = own_payee(kind, slug)
    form = load_form(OpenInput())
    if not form.ok:
        return _page(team, form, 422)
    now = clock.now()
    limits.try_password(current_user.id, now=now)
    is_done = False
    with attempt(form):
        _prove(form)
        command = service.open_account(
            team=own_payee(kind, slug),
            country=queries.get_home(PayeeKind(kind), team.id)[1],
            url=public_url(f"/{PUBLIC[kind]}/{slug}"),
            by=current_user,
            is_compromised=form.data["is_compromised"],
            now=now,
        )
        is_done = True
    if not is_done:
        return _page(team, form, 422)
    if command is not None:
        run_command(command_id=str(command.id))
    account = queries.find_proposed(team.id) or queries.find_current(team.id)
    return _to_provider(team, account)


def _to_provider(team: Team, account: PayoutAccount | None) -> Response:
    """Lead to the provider's page, where it asks what it has to know."""
    if account is not None and account.provider_account_id is not None:
        here = public_url(request.script_root)
        desk = f"{here}{'/company' if team.kind == 'company' else '/project-desk'}/{team.slug}"
        with suppress(gateway.Unreachable):
            url = gateway.current().open_account_link(
                account.provider_account_id,
                return_url=f"{desk}/receiving/back",
                refresh_url=f"{desk}/receiving/again",
            )
            with atomic():
                service.went_to_provider(account_id=account.id, by=current_user)
            return redirect(url, 303)
    flash(_("The payment provider does not answer at the moment. Please try again in a minute."))
    return redirect_to("payouts.receiving", kind=team.kind, slug=team.slug)


@on_both_desks("/receiving/accounts/<uuid:account_id>/continue", method="POST")
@access("member")
def go_on(kind: TeamKind, slug: str, account_id: uuid.UUID) -> Page:
    """Go back to the provider's page, to answer what is still asked or to change it."""
    team = own_payee(kind, slug)
    return _to_provider(team, _own_account(team, account_id))


def _own_account(team: Team, account_id: uuid.UUID) -> PayoutAccount:
    """Return an account of this payee.

    :raises NotFound: it is none of theirs, or is in use no more.
    """
    own = (queries.find_current(team.id), queries.find_proposed(team.id))
    found = [one for one in own if one is not None and one.id == account_id]
    if not found:
        raise NotFound
    return found[0]


@on_both_desks("/receiving/back")
@access("member")
def come_back(kind: TeamKind, slug: str) -> Page:
    """Come back from the provider's page: ask the provider what it knows now."""
    team = own_payee(kind, slug)
    for account in (queries.find_current(team.id), queries.find_proposed(team.id)):
        if account is not None and account.provider_account_id is not None:
            with suppress(gateway.Unreachable):
                jobs.ask_for_account(account.provider_account_id)
    return redirect_to("payouts.receiving", kind=kind, slug=slug)


@on_both_desks("/receiving/again")
@access("member")
def come_again(kind: TeamKind, slug: str) -> Page:
    """Come back because the way to the provider's page was too old; it works only for minutes."""
    own_payee(kind, slug)
    flash(_("That page of the provider was open for too long. Please go there once more."))
    return redirect_to("payouts.receiving", kind=kind, slug=slug)


@on_both_desks("/receiving/accounts/<uuid:account_id>/confirm", method="POST")
@access("member")
def confirm(kind: TeamKind, slug: str, account_id: uuid.UUID) -> Page:
    """Agree to a change as the second person."""
    team = own_payee(kind, slug)
    _own_account(team, account_id)
    form = load_form(ProvedInput())
    if form.ok:
        now = clock.now()
        limits.try_password(current_user.id, now=now)
        with attempt(form):
            _prove(form)
            service.confirm_change(account_id=account_id, by=current_user, now=now)
            flash(_("Confirmed. Every owner gets a letter about it."))
            return redirect_to("payouts.receiving", kind=kind, slug=slug)
    return _page(team, form, 422)


@on_both_desks("/receiving/accounts/<uuid:account_id>/withdraw", method="POST")
@access("member")
def withdraw(kind: TeamKind, slug: str, account_id: uuid.UUID) -> Page:
    """Let a proposed account go; the current one stays in use."""
    _own_account(own_payee(kind, slug), account_id)
    with atomic():
        service.withdraw_change(account_id=account_id, by=current_user, reason="", now=clock.now())
    flash(_("Withdrawn. The money goes where it went before."))
    return redirect_to("payouts.receiving", kind=kind, slug=slug)


@on_both_desks("/receiving/schedule", method="POST")
@access("member")
def schedule(kind: TeamKind, slug: str) -> Page:
    """Say how often to be paid."""
    team = own_payee(kind, slug)
    form = load_form(ScheduleInput())
    if not form.ok:
        return _page(team, form, 422)
    with atomic():
        service.set_schedule(
            kind=PayeeKind(kind),
            payee_id=own_payee(kind, slug).id,
            schedule=form.data["schedule"],
            by=current_user,
            now=clock.now(),
        )
    flash(_("Saved."))
    return redirect_to("payouts.receiving", kind=kind, slug=slug)


@on_both_desks("/receiving/pay-out", method="POST")
@access("member")
def pay_out(kind: TeamKind, slug: str) -> Page:
    """Put what is confirmed on its way now."""
    team = own_payee(kind, slug)
    currency, _country = queries.get_home(PayeeKind(kind), team.id)
    terms = jobs.terms()
    with atomic():
        own_payee(kind, slug)
        payout = service.command(
            payee_kind=PayeeKind(kind),
            payee_id=team.id,
            currency=currency,
            minimum_minor=terms.minimum_minor,
            now=clock.now(),
            run=terms.run(asked_by_id=current_user.id),
        )
    if payout is None:
        flash(_("Nothing can be paid out at the moment; this page says why."))
    elif payout.needs_approval:
        flash(_("The payout is set aside. Two of us look at it before it goes."))
    else:
        flash(_("The payout is on its way."))
    return redirect_to("payouts.receiving", kind=kind, slug=slug)
