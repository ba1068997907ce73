"""A bank disputes what a sponsor paid into a pool: freeze, give free, or let it go (rule 9).

Projects keep what they were given and promised: only what is left of the pool is frozen. What the
bank claims beyond that the pool gives to nobody once it comes back; if the dispute is lost, it is
the platform's loss until then.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import queries
from marketplace.campaigns.models import Pool, PoolDispute, PoolPayment, PoolRefund
from marketplace.campaigns.rules import (
    ClaimState,
    Disputed,
    PaymentStage,
    PoolState,
    RefundStage,
    wanted_of_pool,
)
from marketplace.campaigns.service.ending import close, make_good
from marketplace.campaigns.service.reserving import account_of, held_of
from marketplace.campaigns.service.returning import (
    LOSSES,
    due_back,
    post,
    send_anew,
)
from marketplace.campaigns.service.telling import tell
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_id
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, Entry, Kind


def follow_dispute(*, seen: Disputed, now: datetime) -> None:
    """Post what has to be posted for a dispute over a sponsor's payment to be what it is now.

    Each effect once, whatever comes first; what was decided stays decided.

    :raises NotFound: the payment is not here yet.
    """
    pool, payment = _hold(seen.payment_row_id)
    claim = queries.lock_claim(seen.dispute_id)
    if claim is None:
        claim = _open(pool, payment, seen)
    if not seen.is_question and _freeze(pool, payment, claim) and seen.state is ClaimState.OPEN:
        tell(pool, "disputed", claim.id, claim.amount_minor)
    if claim.state is ClaimState.OPEN and seen.state is not ClaimState.OPEN:
        if seen.state is ClaimState.TAKEN:
            _let_go(pool, claim, now)
        else:
            _thaw(pool, claim, now)
        claim.state, claim.closed_at = seen.state, now
        session.flush()
        if not seen.is_question:
            what = "dispute_lost" if seen.state is ClaimState.TAKEN else "dispute_won"
            tell(pool, what, claim.id, claim.amount_minor)
        _go_on(pool, claim, now)
    session.flush()


def hold(*, payment_row_id: uuid.UUID) -> uuid.UUID:
    """Hold what a dispute over a sponsor's payment may change; return the pool's id.

    :raises NotFound: the payment is not here yet.
    """
    return _hold(payment_row_id)[0].id


def _hold(payment_row_id: uuid.UUID) -> tuple[Pool, PoolPayment]:
    """Hold the pool's accounts, and then its row and the payment's."""
    found = session.execute(
        sa.select(PoolPayment.pool_id, PoolPayment.currency).where(PoolPayment.id == payment_row_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    keys = [account_of(found.pool_id), due_back(found.pool_id), held_of(found.pool_id)]
    ledger.lock_balances(keys=keys, currency=found.currency)
    pool, payment = queries.lock_pool(found.pool_id), queries.lock_payment(payment_row_id)
    if pool is None or payment is None or payment.payment_id is None:
        raise NotFound
    return pool, payment


def _open(pool: Pool, payment: PoolPayment, seen: Disputed) -> PoolDispute:
    claim = PoolDispute(
        id=seen.dispute_id,
        pool_id=pool.id,
        payment_id=payment.payment_id,
        amount_minor=seen.amount_minor,
        wanted_minor=0,
        frozen_minor=0,
        claimed_minor=0,
        state=ClaimState.OPEN,
        opened_at=seen.opened_at,
    )
    session.add(claim)
    session.flush()
    return claim


def _freeze(pool: Pool, payment: PoolPayment, claim: PoolDispute) -> bool:
    """Freeze what is left of the pool, up to what is disputed; claim the rest of what comes back.

    Says whether it was not done before.

    What is on its way back to the payment anyway stays where it is: the bank takes that first.
    """
    owed = sum(row.amount_minor for row in queries.lock_owed_refunds(claim.payment_id))
    left = dict(queries.list_left_of_payments(pool.id)).get(claim.payment_id, 0)
    is_in_pool = payment.state is PaymentStage.PAID
    wanted = wanted_of_pool(
        claim.amount_minor, owed_minor=owed, left_minor=left if is_in_pool else 0
    )
    frozen = min(wanted, pool.rest_minor)
    entries = [Entry(account_of(pool.id), held_of(pool.id), frozen)]
    key = f"dispute:{claim.id}:opened"
    if post(pool, Kind.POOL_FROZEN, key, entries, claim.opened_at) is None:
        return False
    claim.wanted_minor, claim.frozen_minor = wanted, frozen
    claim.claimed_minor = wanted - frozen
    pool.frozen_minor += frozen
    pool.claimed_minor += claim.claimed_minor
    session.flush()
    return True


def _thaw(pool: Pool, claim: PoolDispute, now: datetime) -> None:
    """Give the pool back what was frozen of it."""
    if ledger_queries.is_posted(f"dispute:{claim.id}:opened"):
        entries = [Entry(held_of(pool.id), account_of(pool.id), claim.frozen_minor)]
        post(pool, Kind.POOL_THAWED, f"dispute:{claim.id}:won", entries, now)
    pool.frozen_minor -= claim.frozen_minor
    pool.claimed_minor -= claim.claimed_minor
    claim.frozen_minor = claim.claimed_minor = 0


def _let_go(pool: Pool, claim: PoolDispute, now: datetime) -> None:
    """Let go what the bank took: frozen, owed, come back since; what is missing is our loss."""
    frozen = claim.frozen_minor
    came_back = min(claim.claimed_minor, pool.rest_minor)
    owed = _close_taken(claim, now)
    lacks = claim.amount_minor - frozen - came_back - owed
    entries = [
        Entry(held_of(pool.id), CLEARING, frozen),
        Entry(account_of(pool.id), CLEARING, came_back),
        Entry(due_back(pool.id), CLEARING, owed),
        Entry(LOSSES, CLEARING, lacks),
    ]
    post(pool, Kind.POOL_TAKEN, f"dispute:{claim.id}:lost", entries, now)
    claim.frozen_minor, claim.claimed_minor = 0, claim.claimed_minor - came_back
    pool.frozen_minor -= frozen
    pool.claimed_minor -= came_back
    pool.lost_minor += frozen + came_back


def _close_taken(claim: PoolDispute, now: datetime) -> int:
    """Close what the sponsor was owed and has from the bank; return how much that is.

    What the bank left of it is owed still, and commanded anew.
    """
    most = taken = claim.amount_minor - claim.wanted_minor
    for row in queries.lock_owed_refunds(claim.payment_id):
        part = min(row.amount_minor, taken)
        if part == row.amount_minor:
            row.state, row.done_at = RefundStage.TAKEN, now
        elif part:
            send_anew(row, now, but_minor=part)
            _note_taken(row, part, now)
        taken -= part
    session.flush()
    return most - taken


def _note_taken(row: PoolRefund, part: int, now: datetime) -> None:
    session.add(
        PoolRefund(
            id=new_id(),
            pool_id=row.pool_id,
            payment_id=row.payment_id,
            amount_minor=part,
            state=RefundStage.TAKEN,
            requested_at=row.requested_at,
            done_at=now,
        )
    )


def _go_on(pool: Pool, claim: PoolDispute, now: datetime) -> None:
    """Do what had to wait for the bank: send what it kept from arriving, end what is over."""
    if not queries.is_payment_disputed(claim.payment_id):
        for row in queries.lock_owed_refunds(claim.payment_id):
            if row.state is RefundStage.FAILED and (row.done_at or now) >= claim.opened_at:
                send_anew(row, now)
    if pool.state is PoolState.ENDED:
        close(pool, now)
    else:
        make_good(pool, now)
