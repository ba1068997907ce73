"""Runs of payouts, changes of account whose time has come, and letters to owners."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app

from marketplace.core import mail
from marketplace.core.addresses import public_url
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.core.failpoints import failpoint
from marketplace.core.jobs import enqueue
from marketplace.core.worker import task
from marketplace.payments import gateway
from marketplace.payments.rules import AccountSeen, EventSeen, EventState, TransferSeen
from marketplace.payouts import queries, service
from marketplace.payouts.models import Payout, PayoutAccount
from marketplace.payouts.rules import (
    UNDECIDED_AFTER,
    PayeeKind,
    Terms,
    month_before,
    usable_from,
)
from marketplace.people.queries import Team

ASK_AGAIN_AFTER = timedelta(hours=12)
DESKS = {"company": "company", "project": "project-desk"}


def terms() -> Terms:
    """Return what the settings say of payouts."""
    settings = current_app.config["SETTINGS"]
    return Terms(
        minimum_minor=settings.payout_minimum_minor,
        maximum_age=timedelta(days=settings.payout_maximum_age_days),
        approval_from_minor=settings.payout_approval_from_minor,
    )


@task("pay_out", every="7 * * * *")
def pay_out() -> None:
    """Pay whoever is due today. Every hour: what a killed worker left undone is done by the next.

    Each payee is a transaction of its own; one that fails must not stop the others.
    """
    moment = now()
    day = moment.date()
    with atomic():
        since = service.begin_run(day=day, now=moment)
    if since is None:
        return
    payees = queries.list_with_money()
    session.rollback()
    failed = 0
    for payee in payees:
        try:
            with atomic():
                service.pay_payee(payee=payee, since=since, day=day, terms=terms(), now=moment)
                failpoint("before a payout is committed")
        except sa.exc.DBAPIError as error:
            failed += 1
            structlog.get_logger().error(
                "payout_failed", payee=str(payee[1]), error=type(error).__name__
            )
        failpoint("after a payout is committed")
    if not failed:
        with atomic():
            service.end_run(day=day, now=moment)


@task("decide_payouts", every="37 * * * *")
def decide_payouts() -> None:
    """Put accounts in use that were confirmed and cooled off; let go what nobody approved."""
    moment = now()
    ready = queries.list_changes_to_use(moment)
    undecided = queries.list_to_give_up(moment - UNDECIDED_AFTER)
    session.rollback()
    for account_id in ready:
        with atomic():
            service.use_change(account_id=account_id, now=moment)
    for payout_id in undecided:
        with atomic():
            service.give_up(payout_id=payout_id, now=moment)


@task("ask_for_accounts", every="17 */6 * * *")
def ask_for_accounts() -> None:
    """Ask the provider for accounts that we have not heard of: a message may have got lost."""
    silent = queries.list_accounts_to_ask_for(now() - ASK_AGAIN_AFTER)
    session.rollback()
    for provider_account_id in silent:
        try:
            ask_for_account(provider_account_id)
        except gateway.Unreachable as error:
            structlog.get_logger().warning("provider_unreachable", error=str(error))
            return


def ask_for_account(provider_account_id: str) -> bool:
    """Take over what the provider says of an account now; False if it is none of ours."""
    seen = gateway.current().fetch_account(provider_account_id)
    with atomic():
        return service.note_account(seen=seen, now=now())


OF_TRANSFERS = ("transfer.created", "transfer.updated", "transfer.reversed")
OF_ACCOUNTS = ("account.updated", "payout.failed", "payout.paid")


def look_at(event: EventSeen) -> AccountSeen | TransferSeen | None:
    """Ask what a message is about, if it is about a payee: what it says may be old by now."""
    if event.type in OF_TRANSFERS:
        return gateway.current().fetch_transfer(event.object_id)
    if event.type in OF_ACCOUNTS and event.account_id:
        return gateway.current().fetch_account(event.account_id)
    return None


def apply_event(
    event: EventSeen, seen: AccountSeen | TransferSeen
) -> tuple[EventState, str | None]:
    """Do what a message about a payee means; return what became of it, and why it waits."""
    moment = now()
    if isinstance(seen, TransferSeen):
        try:
            is_ours = service.note_transfer(seen=seen, now=moment)
        except service.PaidAfterAll:
            error = f"{seen.transfer_id} was paid after its payout had been credited back"
            structlog.get_logger().error("payout_needs_a_person", error=error)
            return EventState.PARKED, error
    else:
        is_ours = service.note_account(seen=seen, now=moment)
        if event.type == "payout.failed":
            service.note_bank_refusal(provider_account_id=seen.account_id, now=moment)
    return (EventState.APPLIED if is_ours else EventState.IGNORED), None


TELL_IN_DAYS = 7
"""So long after its end we tell of a month; later nobody waits for the letter."""


@task("tell_of_statements", every="23 6 * * *")
def tell_of_statements() -> None:
    """Tell every payee once that the statement of the month before is ready."""
    moment = now()
    if moment.day > TELL_IN_DAYS:
        return
    month = month_before(moment.date())
    with atomic():
        if not service.note_told(month=month, now=moment):
            return
        for kind, payee_id in queries.list_with_entries(month):
            enqueue(
                "statement_mail",
                payee_kind=kind.value,
                payee_id=str(payee_id),
                month=month.isoformat(),
            )


@task("statement_mail")
def statement_mail(*, payee_kind: str, payee_id: str, month: str) -> None:
    """Tell every owner that a statement is ready, and what it says."""
    team = queries.get_payee(PayeeKind(payee_kind), uuid.UUID(payee_id))
    currency, _country = queries.get_home(PayeeKind(payee_kind), team.id)
    statement = queries.statement_of(team.id, currency, date.fromisoformat(month))
    key = f"statement-{team.id}-{statement.month:%Y-%m}"
    place = f"statements/{statement.month:%Y-%m}"
    _write(team, "statement_ready", key, place, statement=statement)


@task("payout_account_mail")
def payout_account_mail(*, account_id: str, what: str, at: str) -> None:
    """Tell every owner what became of the account to which their money goes."""
    account = session.get_one(PayoutAccount, uuid.UUID(account_id))
    team = queries.get_payee(account.payee_kind, account.payee_id)
    moment = datetime.fromisoformat(at)
    _write(
        team,
        "payout_account",
        f"payout-account-{account.id}-{what}-{moment:%Y%m%d%H%M%S}",
        account=account,
        what=what,
        usable_from=usable_from(account.changed_at),
    )


@task("payout_returned_mail")
def payout_returned_mail(*, payout_id: str, amount_minor: int) -> None:
    """Tell every owner that money came back, and that it is not lost."""
    payout = session.get_one(Payout, uuid.UUID(payout_id))
    team = queries.get_payee(payout.payee_kind, payout.payee_id)
    key = f"payout-returned-{payout.id}-{payout.returned_minor}"
    _write(team, "payout_returned", key, payout=payout, amount_minor=amount_minor)


def _write(
    team: Team,
    kind: str,
    key: str,
    page: str = "receiving",
    **context: Any,  # Any: Jinja's
) -> None:
    for owner in queries.list_owners(team):
        user = owner.user
        place = f"/{user.locale}/{DESKS[team.kind]}/{team.slug}/{page}"
        mail.send(
            to=user.email,
            kind=kind,
            locale=user.locale,
            key=f"{key}-{user.id}",
            name=user.name,
            team=team,
            link=public_url(place),
            **context,
        )
