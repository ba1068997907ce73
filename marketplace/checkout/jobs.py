"""What the worker does for a purchase: commands, messages, lapses, releases, reconciliation.

Each network call stands between two transactions, never inside one.
"""

import uuid
from datetime import timedelta

import structlog
from flask import current_app

from marketplace.checkout import service
from marketplace.checkout.queries import routes
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.failpoints import failpoint
from marketplace.core.jobs import enqueue
from marketplace.core.worker import task
from marketplace.ledger import service as ledger
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payments import gateway, queries
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import (
    CommandKind,
    CommandState,
    DisputeNews,
    EventSeen,
    EventState,
    PaymentSeen,
    RefundSeen,
    Sending,
)
from marketplace.payouts import jobs as payout_jobs
from marketplace.payouts import service as payouts

FORGOTTEN = timedelta(days=2)
"""So far back we look for disputes that we were not told of."""
ORDERS_A_BATCH = 100
SILENCE = timedelta(minutes=3)
"""After so long without news of a payment we ask for it ourselves."""


@task("run_command")
def run_command(*, command_id: str) -> None:
    """Send one command to the provider and carry on with what came of it."""
    key = uuid.UUID(command_id)
    with atomic():
        sending = payments.begin(command_id=key, now=now())
    if sending is not None:
        send(sending)


def send(sending: Sending) -> None:
    """Send a command that has begun, and carry on with what came of it."""
    failpoint("before sending")
    outcome = gateway.current().execute(sending)
    failpoint("after the provider's answer")
    with atomic():
        ended = payments.finish(command_id=sending.id, outcome=outcome, now=now())
        if ended is not None and ended.kind is CommandKind.TRANSFER:
            _end_payout(ended)
        elif ended is not None and ended.kind is CommandKind.CREATE_ACCOUNT:
            payouts.note_opened(
                account_id=ended.subject_id, provider_account_id=ended.provider_id, now=now()
            )
        elif ended is not None:
            service.apply_outcome(command=ended, now=now())
        failpoint("before noting the answer")
    failpoint("after noting the answer")


def _end_payout(command: ProviderCommand) -> None:
    if command.state is CommandState.SUCCEEDED and command.provider_id:
        payouts.confirm(payout_id=command.subject_id, provider_id=command.provider_id, now=now())
    else:
        payouts.bring_back(payout_id=command.subject_id, now=now(), why=command.error or "")


@task("run_due_commands", every="* * * * *")
def run_due_commands() -> None:
    """Take up commands that a killed process left, and look up those whose fate is unknown."""
    due = queries.list_due_commands(now())
    session.rollback()
    for command_id in due:
        run_command(command_id=str(command_id))


def settle_seen(seen: PaymentSeen) -> None:
    """Settle the order of a payment, as the provider told of it."""
    with atomic():
        service.settle(seen=seen, now=now())
        failpoint("before the payment is committed")
    failpoint("after the payment is committed")


def settle_session(session_id: str) -> str:
    """Ask the provider for a payment page, settle if it was paid; return its status."""
    seen = gateway.current().fetch_session(session_id)
    if seen.payment and seen.status == "complete":
        settle_seen(seen.payment)
    return seen.status


def take_event(event: EventSeen) -> None:
    """Apply a verified message once: fetch what it is about, then one transaction."""
    known, is_settled = queries.find_standing(event.id, event.payment_id)
    session.rollback()
    if known not in (None, EventState.PARKED):
        return
    seen = _payment_of(event, is_settled=is_settled)
    of_payee = payout_jobs.look_at(event)
    with atomic():
        fresh = payments.record_event(seen=event, now=now())
        if not fresh and known is None:
            return
        if of_payee is not None:
            state, error = payout_jobs.apply_event(event, of_payee)
        else:
            state, error = _apply(event, seen)
        if not fresh or state is not EventState.IGNORED:
            payments.mark_event(event_id=event.id, state=state, error=error)
        failpoint("before a message is committed")
    failpoint("after a message is committed")


OF_PAYMENTS = ("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded")


def _payment_of(event: EventSeen, *, is_settled: bool) -> PaymentSeen | DisputeNews | None:
    """Ask what a payment or dispute is now: messages about it may come in any order."""
    if event.dispute_id and event.payment_id and event.type.startswith("charge.dispute."):
        return gateway.current().fetch_dispute_news(event.dispute_id)
    if event.type not in OF_PAYMENTS or not event.payment_id or is_settled:
        return None
    return gateway.current().fetch_payment(event.payment_id)


def _apply_dispute(news: DisputeNews) -> tuple[EventState, str | None]:
    if not news.payment.is_ours:
        return EventState.IGNORED, None
    try:
        service.take_dispute(news=news, now=now())
    except NotFound:
        return EventState.PARKED, "its order is not here yet"
    return EventState.APPLIED, None


def _apply(
    event: EventSeen, seen: PaymentSeen | DisputeNews | None
) -> tuple[EventState, str | None]:
    """Do what a message says; return what became of it, and why it has to wait."""
    if isinstance(seen, DisputeNews):
        return _apply_dispute(seen)
    if seen is not None:
        if not seen.is_ours:
            return EventState.IGNORED, None
        try:
            service.settle(seen=seen, now=now())
        except NotFound:
            return EventState.PARKED, "its order is not here yet"
        return EventState.APPLIED, None
    if event.refund and event.refund.is_ours and event.type.startswith("refund."):
        error = _apply_refund(event.refund)
        return (EventState.PARKED if error else EventState.APPLIED), error
    return EventState.IGNORED, None


def _apply_refund(seen: RefundSeen) -> str | None:
    """Record what the provider did of a refund; return why the message has to wait."""
    try:
        is_news = service.take_refund(seen=seen, now=now())
    except NotFound:
        return "what it gives back is not here yet"
    except Conflict:
        error = f"{seen.provider_id} was given back after it was rejected, and beyond what is left"
        structlog.get_logger().error("refund_needs_a_person", refund=seen.provider_id, error=error)
        return error
    if is_news and seen.came_to_nothing:
        structlog.get_logger().error("refund_failed", refund=seen.provider_id, why=seen.why)
    return None


@task("retry_parked_events", every="*/2 * * * *")
def retry_parked_events() -> None:
    """Try again the messages that came before what they are about."""
    parked = [(event.payload, event.id) for event in queries.list_parked_events()]
    session.rollback()
    for payload, _event_id in parked:
        take_event(gateway.current().reread_event(payload))


@task("ask_for_payments", every="* * * * *")
def ask_for_payments() -> None:
    """Settle orders whose payment we were not told of."""
    waiting = orders.list_awaiting(now() - SILENCE)
    sessions = [order.checkout_session_id for order in waiting if order.checkout_session_id]
    session.rollback()
    for session_id in sessions:
        _status_of(session_id)


def _status_of(session_id: str) -> str:
    """Settle a payment page if it was paid; one that cannot be asked must not stop the others."""
    try:
        return settle_session(session_id)
    except gateway.Unreachable as error:
        structlog.get_logger().warning("provider_unreachable", error=str(error))
        return "unknown"


@task("ask_for_disputes", every="17 * * * *")
def ask_for_disputes() -> None:
    """Ask what became of open disputes, and whether there are some that we were not told of."""
    wanted = list(orders.list_open_disputes())
    session.rollback()
    wanted += gateway.current().list_disputes_since(now() - FORGOTTEN)
    for dispute_id in dict.fromkeys(wanted):
        news = gateway.current().fetch_dispute_news(dispute_id)
        with atomic():
            _apply_dispute(news)


@task("let_orders_lapse", every="* * * * *")
def let_orders_lapse() -> None:
    """Close the payment pages of orders whose time is over; what was paid meanwhile is settled."""
    over = [(order.id, order.checkout_session_id) for order in orders.list_lapsing(now())]
    session.rollback()
    for order_id, session_id in over:
        status = _status_of(session_id) if session_id else "never opened"
        with atomic():
            if status == "open":
                service.give_up(order_id=order_id, now=now())
            elif status not in ("complete", "unknown"):
                service.let_lapse(order_id=order_id)


@task("release_closed_windows", every="*/5 * * * *")
def release_closed_windows() -> None:
    """Confirm what is held, where the return window has closed."""
    closed = orders.list_to_release(now())
    session.rollback()
    for company_order_id in closed:
        with atomic():
            service.release(company_order_id=company_order_id, now=now())
            failpoint("before a release is committed")
        failpoint("after a release is committed")


@task("leave_closed_project")
def leave_closed_project(*, project_id: str, below: int | None = None) -> None:
    """Send what a closed project has on, some orders at a time; the next batch is a job again."""
    project = uuid.UUID(project_id)
    batch = routes.list_waiting(project, below=below, most=ORDERS_A_BATCH)
    session.rollback()
    for order_id in batch.orders:
        with atomic():
            service.leave_closed(order_id=order_id, project_id=project, now=now())
    if batch.below is not None:
        with atomic():
            enqueue("leave_closed_project", project_id=project_id, below=batch.below)


@task("leave_closed_projects", every="23 * * * *")
def leave_closed_projects() -> None:
    """Look after closed projects that have money again: a payout came back, a dispute was won."""
    found = routes.list_closed_with_money()
    session.rollback()
    for project in found:
        leave_closed_project(project_id=str(project))


@task("compact_ledger", every="* * * * *")
def compact_ledger() -> None:
    """Fold what waits into the balances."""
    with atomic():
        ledger.compact()


@task("purge_baskets", every="27 3 * * *")
def purge_baskets() -> None:
    """Forget baskets that nobody comes back to, some at a time."""
    there_are_more = True
    while there_are_more:
        with atomic():
            there_are_more = service.purge(now=now())


@task("claim_orders")
def claim_orders(*, email: str, user_id: str) -> None:
    """Give a person with a confirmed address the orders they made as a guest."""
    with atomic():
        order_service.claim(email=email, customer_id=uuid.UUID(user_id))


def return_window() -> timedelta:
    """Return the settings' return window."""
    return timedelta(days=current_app.config["SETTINGS"].return_window_days)
