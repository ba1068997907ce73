"""Disputes: freeze, give free or take back, whatever the provider says first (rule 9).

The provider is always asked what a dispute is now. What has to be posted for that is posted, each
effect once: so any messages in any order lead to one and the same book.
"""

import uuid
from datetime import datetime

from marketplace.campaigns import service as campaigns
from marketplace.campaigns.rules import ClaimState, Disputed
from marketplace.checkout import rules
from marketplace.checkout.service.holding import Funds, hold_funds, hold_unsent, keep_debts
from marketplace.checkout.service.losing import lose
from marketplace.checkout.service.owing import paid_from_due, take_refund
from marketplace.checkout.service.releasing import release_top_up
from marketplace.checkout.service.repaying import close_taken, refund_late_again
from marketplace.checkout.service.settling import settle
from marketplace.checkout.service.taking_back import Parts, Purse
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import (
    CLEARING,
    DISPUTE_FEES,
    Entry,
    Kind,
    Purpose,
)
from marketplace.orders import queries as orders
from marketplace.orders.models import (
    OPEN_DISPUTES,
    Dispute,
    DisputeState,
    Order,
)
from marketplace.payments import queries as payment_queries
from marketplace.payments.models import Payment
from marketplace.payments.rules import DisputeNews, DisputeSeen, PaymentState

STATES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
"""What the provider's words are in ours."""


def take_dispute(*, news: DisputeNews, now: datetime) -> bool:
    """Record a dispute, and before it the payment and refunds that the provider made before it.

    :raises NotFound: its order is not here yet.
    """
    settle(seen=news.payment, now=now)
    for refund in news.refunds:
        take_refund(seen=refund, now=now)
    return apply_dispute(seen=news.dispute, now=now)


def apply_dispute(*, seen: DisputeSeen, now: datetime) -> bool:
    """Post what has to be posted for a dispute to be what the provider says it is.

    Refunds that the provider made before are recorded before: it makes none afterwards. Returns
    whether the dispute is known now for the first time.

    :raises NotFound: its payment is not here yet.
    """
    payment = payment_queries.find_payment(seen.payment_id)
    if payment is None:
        raise NotFound
    order = orders.lock_order(payment.order_id)
    if order is None:
        return _apply_to_pool(payment, seen, now)
    dispute, is_new = _note(seen, now, order_id=order.id)
    if payment.state is PaymentState.SETTLED:
        hold_unsent(order)
        funds = hold_funds(order)
        if dispute.state not in (DisputeState.INQUIRY, DisputeState.CLOSED):
            _freeze(order, dispute, funds)
        _post_fees(order.id, seen)
        _end(order, dispute, funds, now)
    else:
        _post_fees(order.id, seen)
        _end_late(order, dispute, now)
    session.flush()
    if is_new:
        jobs.enqueue("dispute_mails", dispute_id=dispute.id)
    return is_new


def _apply_to_pool(payment: Payment, seen: DisputeSeen, now: datetime) -> bool:
    """Let the pool follow that a sponsor paid into; the letters are the pool's."""
    pool_id = campaigns.hold(payment_row_id=payment.order_id)
    dispute, is_new = _note(seen, now, pool_payment_id=payment.order_id)
    campaigns.follow_dispute(
        seen=Disputed(
            dispute_id=dispute.id,
            payment_row_id=payment.order_id,
            amount_minor=dispute.amount_minor,
            opened_at=dispute.opened_at,
            is_question=dispute.state in (DisputeState.INQUIRY, DisputeState.CLOSED),
            state=_CLAIMS.get(dispute.state, ClaimState.OPEN),
        ),
        now=now,
    )
    _post_fees(pool_id, seen)
    return is_new


_CLAIMS = {
    DisputeState.WON: ClaimState.FREE,
    DisputeState.CLOSED: ClaimState.FREE,
    DisputeState.LOST: ClaimState.TAKEN,
}


def _note(
    seen: DisputeSeen,
    now: datetime,
    *,
    order_id: uuid.UUID | None = None,
    pool_payment_id: uuid.UUID | None = None,
) -> tuple[Dispute, bool]:
    """Write down what the provider says; what was decided stays decided."""
    dispute = orders.find_dispute(seen.dispute_id)
    is_new = dispute is None
    if dispute is None:
        dispute = Dispute(
            id=seen.dispute_id,
            order_id=order_id,
            pool_payment_id=pool_payment_id,
            payment_id=seen.payment_id,
            currency=seen.currency,
            amount_minor=seen.amount_minor,
            opened_at=seen.opened_at,
            state=DisputeState.INQUIRY,
        )
        session.add(dispute)
    dispute.taken_minor = -sum(row.amount_minor for row in seen.movements)
    dispute.fee_minor = sum(row.fee_minor for row in seen.movements)
    if dispute.is_open:
        state = STATES.get(seen.status, DisputeState.NEEDS_RESPONSE)
        dispute.state, dispute.reason, dispute.due_at = state, seen.reason, seen.due_at
        if seen.is_submitted and dispute.submitted_at is None:
            dispute.submitted_at = now
        if state not in OPEN_DISPUTES:
            dispute.closed_at = now
            jobs.enqueue("dispute_ended_mails", dispute_id=dispute.id)
    session.flush()
    return dispute, is_new


def _freeze(order: Order, dispute: Dispute, funds: Funds) -> None:
    """Freeze what is disputed, in proportion, as far as it is with us still.

    What was paid out already stays where it is: the company owes it if the dispute is lost.
    """
    if ledger_queries.is_posted(f"dispute:{dispute.id}:opened"):
        return
    purse = Purse(funds.there)
    entries: list[Entry] = []
    for row, part in _parts(order, dispute):
        stands = funds.standings.get(row.transfer_id, ())
        for account, piece in rules.take_from(rules.not_frozen(stands), part):
            if account.purpose is not Purpose.COMMISSION:
                there = purse.take(account, piece)
                hold = rules.held(account)
                entries.append(Entry(account, hold, there, row.line_id, origin_id=row.transfer_id))
    ledger.post(
        kind=Kind.DISPUTE_OPENED,
        effect_key=f"dispute:{dispute.id}:opened",
        currency=order.currency,
        entries=entries,
        subject_id=order.id,
        effective_at=dispute.opened_at,
    )


def _parts(order: Order, dispute: Dispute) -> Parts:
    """Return how much of each captured row is disputed: all that is left, or a part of each."""
    remainders = ledger_queries.list_remainders(order.id)
    left = sum(row.left_minor for row in remainders if row.pool_id is None)
    return rules.take_back(remainders, min(dispute.amount_minor, left))


def _post_fees(subject_id: uuid.UUID, seen: DisputeSeen) -> None:
    """Post what the provider keeps for the dispute, and what of it came back: always ours."""
    for row in seen.movements:
        is_back = row.fee_minor < 0
        way = (CLEARING, DISPUTE_FEES) if is_back else (DISPUTE_FEES, CLEARING)
        if row.fee_minor:
            ledger.post(
                kind=Kind.DISPUTE_FEE_BACK if is_back else Kind.DISPUTE_FEE,
                effect_key=f"dispute:{seen.dispute_id}:fee:{row.id}",
                currency=seen.currency,
                entries=[Entry(*way, abs(row.fee_minor))],
                subject_id=subject_id,
                effective_at=seen.opened_at,
            )


def _end(order: Order, dispute: Dispute, funds: Funds, now: datetime) -> None:
    """Give free or take back what was frozen, once the bank has decided."""
    if dispute.state is DisputeState.LOST:
        lose(order, dispute, _parts(order, dispute), now)
    elif dispute.is_open:
        return
    elif ledger_queries.is_posted(f"dispute:{dispute.id}:opened"):
        _thaw(order, dispute, now)
    if not orders.is_disputed(order.id):
        release_top_up(order=order, effective_at=now)
    keep_debts(order, funds, f"dispute:{dispute.id}", now)


def _thaw(order: Order, dispute: Dispute, now: datetime) -> None:
    """Bring what was frozen back to exactly where it came from."""
    ledger.post(
        kind=Kind.DISPUTE_WON,
        effect_key=f"dispute:{dispute.id}:won",
        currency=order.currency,
        entries=[
            Entry(row.credit, row.debit, row.amount_minor, row.line_id, origin_id=row.origin_id)
            for row in ledger_queries.list_recorded(f"dispute:{dispute.id}:opened")
        ],
        subject_id=order.id,
        effective_at=now,
    )


def _end_late(order: Order, dispute: Dispute, now: datetime) -> None:
    """End a dispute over a payment that could not be used: it goes back to the shopper anyway.

    By the bank, if the dispute is lost; else by us, where the provider refused to as long as the
    bank had the money.
    """
    if dispute.state is DisputeState.LOST:
        ledger.post(
            kind=Kind.DISPUTE_LOST,
            effect_key=f"dispute:{dispute.id}:lost",
            currency=dispute.currency,
            entries=paid_from_due(order.id, dispute.currency, dispute.amount_minor),
            subject_id=order.id,
            effective_at=dispute.closed_at or dispute.opened_at,
        )
        close_taken(order=order, currency=dispute.currency, now=now)
    if not dispute.is_open:
        refund_late_again(order=order, payment_id=dispute.payment_id, now=now)
