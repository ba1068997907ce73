"""A sponsor that is no company pays into a pool on the provider's page.

The provider's news come by the one settle path, and each effect is in the book once.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import queries
from marketplace.campaigns.models import Pool, PoolPayment
from marketplace.campaigns.rules import PaymentStage, PoolState, SponsorState
from marketplace.campaigns.service.reserving import account_of
from marketplace.campaigns.service.returning import command_refund, due_back, post
from marketplace.campaigns.service.telling import tell
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, PROVIDER_FEES, Entry, Kind
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import (
    CommandKind,
    CommandState,
    PaymentSeen,
    PaymentState,
    Sending,
)

MOST_MINOR = 99_999_999
"""The provider takes no more at once."""


def pay_in(
    *,
    pool_id: uuid.UUID,
    amount_minor: int,
    form_key: str,
    by: uuid.UUID,
    email: str,
    locale: str,
    return_url: str,
    now: datetime,
) -> tuple[PoolPayment, Sending | None]:
    """Put down the command for the page on which a sponsor pays into a pool, once for each form.

    Nothing is in the pool before the provider says that it was paid. `return_url` may hold
    `{payment}`. The caller sends what is returned; None where the form was sent before.

    :raises Conflict: the pool is over or disputed, or its sponsor was not admitted.
    :raises Invalid: the amount is none, too large, or less than the pool guarantees.
    """
    pool = queries.lock_pool(pool_id)
    if pool is None or pool.sponsor_id is None:
        raise NotFound
    known = session.scalar(sa.select(PoolPayment).where(PoolPayment.form_key == form_key))
    if known is not None:
        return known, None
    _check(pool, pool.sponsor_id, amount_minor, now)
    row = PoolPayment(
        id=new_id(),
        pool_id=pool.id,
        form_key=form_key,
        asked_by_id=by,
        currency=pool.currency,
        amount_minor=amount_minor,
        state=PaymentStage.PLACED,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    page = _page(row, pool, email, locale, return_url.replace("{payment}", str(row.id)))
    command = payments.command(
        kind=CommandKind.CREATE_CHECKOUT, subject_id=row.id, params=page, now=now, is_begun=True
    )
    return row, payments.sending_of(command)


def _check(pool: Pool, sponsor_id: uuid.UUID, amount_minor: int, now: datetime) -> None:
    if queries.get_sponsor(sponsor_id).state is not SponsorState.ADMITTED:
        raise Conflict(_l("We have not admitted this sponsor yet."))
    if pool.state is PoolState.ENDED or pool.ends_at <= now:
        raise Conflict(_l("This pool is over."))
    if pool.claimed_minor or queries.is_disputed(pool.id):
        raise Conflict(_l("A bank disputes a payment into this pool: until then it takes no more."))
    if not 0 < amount_minor <= MOST_MINOR:
        raise Invalid(fields={"amount": _l("Write an amount above zero.")})
    if pool.budget_minor + amount_minor < pool.guarantee_minor:
        raise Invalid(fields={"amount": _l("Pay in at least what the pool guarantees.")})


def _page(
    row: PoolPayment, pool: Pool, email: str, locale: str, return_url: str
) -> dict[str, object]:
    metadata = {"pool_payment": str(row.id)}
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": row.currency.lower(),
                    "unit_amount": row.amount_minor,
                    "product_data": {"name": pool.title[:250]},
                },
            }
        ],
        "client_reference_id": str(row.id),
        "customer_email": email,
        "metadata": metadata,
        "payment_intent_data": {"transfer_group": str(row.id), "metadata": metadata},
        "success_url": return_url,
        "cancel_url": return_url,
        "locale": locale,
    }


def note_page(*, command: ProviderCommand) -> None:
    """Keep where a sponsor pays, or that there is no such page."""
    row = queries.lock_payment(command.subject_id)
    if row is None or row.state is not PaymentStage.PLACED:
        return
    if command.state is CommandState.SUCCEEDED:
        row.checkout_session_id = command.provider_id
        row.payment_url = str((command.answer or {}).get("url"))
    else:
        row.state = PaymentStage.LAPSED
    session.flush()


def let_lapse(*, payment_row_id: uuid.UUID) -> None:
    """Note that a sponsor's page is closed and nothing was paid there."""
    row = queries.lock_payment(payment_row_id)
    if row is not None and row.state is PaymentStage.PLACED:
        row.state = PaymentStage.LAPSED
        session.flush()


def settle(*, seen: PaymentSeen, now: datetime) -> bool:
    """Record that a sponsor's payment arrived. Once; what its pool cannot use goes back in full.

    :raises NotFound: it is for no pool that we know.
    """
    row_id = seen.pool_payment_id
    pool_id = row_id and session.scalar(
        sa.select(PoolPayment.pool_id).where(PoolPayment.id == row_id)
    )
    if row_id is None or pool_id is None:
        raise NotFound
    # The accounts first, the pool's row last: see `reserving`.
    ledger.lock_balances(keys=[account_of(pool_id), due_back(pool_id)], currency=seen.currency)
    pool, row = queries.lock_pool(pool_id), queries.lock_payment(row_id)
    if pool is None or row is None:
        raise NotFound
    if payment_queries.find_payment(seen.payment_id) is not None:
        return _note_fee(pool, seen, now)
    is_in_time = pool.state is not PoolState.ENDED and now < pool.ends_at
    fits = (seen.amount_minor, seen.currency) == (row.amount_minor, row.currency)
    is_first = row.payment_id is None
    at = seen.captured_at or now
    if is_first:
        row.payment_id, row.paid_at = seen.payment_id, at
    if fits and is_in_time and is_first:
        row.state = PaymentStage.PAID
        payments.record_payment(seen=seen, order_id=row.id, state=PaymentState.SETTLED, now=now)
        entries = [Entry(CLEARING, account_of(pool.id), seen.amount_minor)]
        post(pool, Kind.POOL_FUNDED, f"pool_paid:{seen.payment_id}", entries, at)
        pool.budget_minor += seen.amount_minor
        pool.state, pool.told_percent = PoolState.FUNDED, 0
        tell(pool, "funded", seen.payment_id, seen.amount_minor)
        if pool.claimed_minor:
            jobs.enqueue("sweep_pool", pool_id=str(pool.id))
    else:
        row.state = PaymentStage.TOO_LATE if is_first else row.state
        payments.record_payment(seen=seen, order_id=row.id, state=PaymentState.TOO_LATE, now=now)
        entries = [Entry(CLEARING, due_back(pool.id), seen.amount_minor)]
        post(pool, Kind.LATE_PAYMENT, f"late:{seen.payment_id}", entries, at)
        command_refund(pool, seen.payment_id, seen.amount_minor, now)
        tell(pool, "too_late", seen.payment_id, seen.amount_minor)
    _note_fee(pool, seen, now)
    session.flush()
    return True


def _note_fee(pool: Pool, seen: PaymentSeen, now: datetime) -> bool:
    """Post what the provider kept, once it says so: the platform's, never the pool's."""
    payment = payment_queries.find_payment(seen.payment_id)
    if not seen.fee_minor:
        return False
    if payment is not None and payment.fee_minor is None:
        payment.fee_minor = seen.fee_minor
    entries = [Entry(PROVIDER_FEES, CLEARING, seen.fee_minor)]
    at = seen.captured_at or now
    return post(pool, Kind.FEE, f"fee:{seen.payment_id}", entries, at) is not None
