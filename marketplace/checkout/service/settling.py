"""Settle: the one way in which an order becomes paid, whoever brings the news (rule 19)."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from marketplace.campaigns import service as campaigns
from marketplace.checkout import rules
from marketplace.checkout.service.matching import allocate_matches
from marketplace.checkout.service.owing import due_to
from marketplace.checkout.service.rerouting import leave_unfit
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _l
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, PROVIDER_FEES, Entry, Kind
from marketplace.orders import queries as orders
from marketplace.orders.models import (
    CompanyOrder,
    CompanyOrderState,
    HoldState,
    Order,
    OrderState,
    StockHold,
)
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandKind, PaymentSeen, PaymentState


def settle(*, seen: PaymentSeen, now: datetime) -> bool:
    """Record that a payment arrived: order paid, ledger posted, receipt queued. Once.

    A sponsor's payment goes into its pool. What cannot be used goes back in full.
    Says whether anything happened.

    :raises NotFound: it is for no order and no pool that we know.
    """
    if not seen.is_captured or not seen.is_ours:
        return False
    if seen.order_id is None:
        return campaigns.settle(seen=seen, now=now)
    order = orders.lock_order(seen.order_id)
    if order is None:
        raise NotFound
    fits = seen.amount_minor == order.total_minor and seen.currency == order.currency
    # Nothing was paid yet for an order that waits for just this: nobody need look whether it was.
    is_awaited = fits and order.state is OrderState.PLACED
    if not is_awaited and payment_queries.find_payment(seen.payment_id) is not None:
        return _note_fee(order, seen, now)
    if is_awaited or (fits and order.state is OrderState.LAPSED and _hold_again(order.id)):
        _pay(order, seen, now)
    else:
        _send_back(order, seen, now)
        _note_fee(order, seen, now)
    return True


def _pay(order: Order, seen: PaymentSeen, now: datetime) -> None:
    paid = payments.recorded(seen=seen, order_id=order.id, state=PaymentState.SETTLED, now=now)
    session.execute(_PAY, paid)
    used, pools = allocate_matches(order, now)
    amounts = orders.get_amounts(order.id)
    at = seen.captured_at or now
    capture = ledger.Posting(
        Kind.CAPTURE,
        f"capture:{seen.payment_id}",
        rules.capture(amounts, pools),
        at,
        order.id,
    )
    ledger.post_all(currency=order.currency, postings=[capture, *_fee(order, seen, now)])
    set_committed_value(order, "state", OrderState.PAID)
    set_committed_value(order, "payment_id", seen.payment_id)
    set_committed_value(order, "captured_minor", seen.amount_minor)
    set_committed_value(order, "paid_at", at)
    _tell_parcels(order.id)
    leave_unfit(order=order, projects=amounts.unfit, now=now)
    campaigns.count_used(used=used)
    jobs.enqueue("order_receipt_mail", order_id=str(order.id))


# What is held becomes what is sold, its pieces taken in order of id.
_PAY = sa.text(
    f"""
    with payment as (
        {payments.RECORD}
    ), sending as (
        update company_order set state = 'to_send' where order_id = :order
    ), hold as (
        update stock_hold set state = 'sold' where order_id = :order and state = 'live'
        returning variant_id, quantity
    ), locked as (
        select variant.id, hold.quantity from variant join hold on hold.variant_id = variant.id
        order by variant.id for no key update of variant
    ), sold as (
        update variant
        set on_hand = on_hand - locked.quantity, reserved = reserved - locked.quantity
        from locked where variant.id = locked.id
    )
    update customer_order set state = 'paid', payment_id = :id, captured_minor = :amount,
                              paid_at = :captured_at
    where id = :order
    """  # noqa: S608  # our own constant
)


def _tell_parcels(order_id: uuid.UUID) -> None:
    """Let parcels that somebody has read before know what the statement made of them."""
    for known in session.identity_map.values():
        if isinstance(known, CompanyOrder) and known.order_id == order_id:
            set_committed_value(known, "state", CompanyOrderState.TO_SEND)


_HOLD_AGAIN = sa.text(
    """
    with wanted as (
        select hold.variant_id, hold.quantity from stock_hold hold
        join variant on variant.id = hold.variant_id
        where hold.order_id = :order_id and hold.state = 'freed'
        order by hold.variant_id for no key update of variant
    ), enough as (
        select bool_and(variant.on_hand - variant.reserved >= wanted.quantity) as all_there
        from wanted join variant on variant.id = wanted.variant_id
    ), reserved as (
        update variant set reserved = reserved + wanted.quantity
        from wanted, enough
        where variant.id = wanted.variant_id and enough.all_there
          and variant.on_hand - variant.reserved >= wanted.quantity
        returning variant.id
    )
    update stock_hold set state = 'live'
    from reserved where order_id = :order_id and variant_id = reserved.id
    returning variant_id
    """
)


def _hold_again(order_id: uuid.UUID) -> bool:
    """Reserve a lapsed order's pieces once more, all or none."""
    savepoint = session.begin_nested()
    held = session.scalars(_HOLD_AGAIN, {"order_id": order_id}).all()
    wanted = session.scalar(
        sa.select(sa.func.count()).where(
            StockHold.order_id == order_id, StockHold.state != HoldState.LIVE
        )
    )
    if not held or wanted:
        savepoint.rollback()
        return False
    savepoint.commit()
    return True


def _send_back(order: Order, seen: PaymentSeen, now: datetime) -> None:
    """Give a payment back in full that came too late, twice, or with the wrong amount."""
    payments.record_payment(seen=seen, order_id=order.id, state=PaymentState.TOO_LATE, now=now)
    ledger.post(
        kind=Kind.LATE_PAYMENT,
        effect_key=f"late:{seen.payment_id}",
        currency=seen.currency,
        entries=[Entry(CLEARING, due_to(order.id), seen.amount_minor)],
        subject_id=order.id,
        effective_at=seen.captured_at or now,
    )
    payments.command(
        kind=CommandKind.REFUND,
        subject_id=order.id,
        params={
            "payment_intent": seen.payment_id,
            "amount": seen.amount_minor,
            "metadata": {"late_payment": seen.payment_id},
        },
        now=now,
    )
    jobs.enqueue("late_payment_mail", order_id=str(order.id), amount_minor=seen.amount_minor)


def _note_fee(order: Order, seen: PaymentSeen, now: datetime) -> bool:
    """Post what the provider kept, once it says so."""
    fee = _fee(order, seen, now)
    if not fee:
        return False
    payment = payment_queries.find_payment(seen.payment_id)  # held by the session: not asked again
    if payment is not None and payment.fee_minor is None:
        payment.fee_minor = seen.fee_minor
    return bool(ledger.post_all(currency=seen.currency, postings=fee))


def _fee(order: Order, seen: PaymentSeen, now: datetime) -> list[ledger.Posting]:
    """Return what the provider kept, as it is posted; nothing while it does not say."""
    if not seen.fee_minor:
        return []
    entries = [Entry(PROVIDER_FEES, CLEARING, seen.fee_minor)]
    at = seen.captured_at or now
    return [ledger.Posting(Kind.FEE, f"fee:{seen.payment_id}", entries, at, order.id)]


_FREE = sa.text(
    """
    with hold as (
        update stock_hold set state = 'freed' where order_id = :order_id and state = 'live'
        returning variant_id, quantity
    ), locked as (
        select variant.id, hold.quantity from variant join hold on hold.variant_id = variant.id
        order by variant.id for no key update of variant
    )
    update variant set reserved = reserved - locked.quantity
    from locked where variant.id = locked.id
    """
)


def let_lapse(*, order_id: uuid.UUID) -> bool:
    """Free what an unpaid order held, once its payment page is certainly closed."""
    order = orders.lock_order(order_id)
    if order is None or order.state is not OrderState.PLACED:
        return False
    session.execute(_FREE, {"order_id": order.id})
    if order.matched_minor:
        campaigns.give_back(order_id=order.id)
    order.state = OrderState.LAPSED
    session.execute(
        sa.update(CompanyOrder)
        .where(CompanyOrder.order_id == order.id)
        .values(state=CompanyOrderState.CANCELLED)
    )
    session.flush()
    return True


def give_up(*, order_id: uuid.UUID, now: datetime) -> ProviderCommand | None:
    """Begin to let a placed order go: close its payment page first, free the stock afterwards.

    Returns the command that closes the page, None where there is nothing to close.

    :raises Conflict: it is paid.
    """
    order = orders.lock_order(order_id)
    if order is None or order.state is OrderState.LAPSED:
        return None
    if order.state is OrderState.PAID:
        raise Conflict(_l("This order is paid already."))
    if order.checkout_session_id is None:
        return None
    return payments.command(
        kind=CommandKind.EXPIRE_CHECKOUT,
        subject_id=order.id,
        params={"session_id": order.checkout_session_id},
        now=now,
    )
