"""What goes wrong in every market: disputes, a refund that came back, a payout to our bank."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.campaigns.models import PoolPayment
from marketplace.checkout import service as checkout
from marketplace.companies.models import CompanyMember
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.demo.world import MEMBER, World
from marketplace.orders.models import CompanyOrder, Order
from marketplace.payments import gateway
from marketplace.payments.models import Payment
from marketplace.reconciliation import service as reconciliation

OPENED_BEFORE = timedelta(days=3)
PAID_OUT_MINOR = 20_00


def happen(world: World, bank: Bank) -> None:
    """Let them happen in the last days, the way the provider tells of them."""
    member = session.scalars(sa.select(User).where(User.email == MEMBER)).one()
    company_id = session.scalars(
        sa.select(CompanyMember.company_id).where(CompanyMember.user_id == member.id)
    ).first()
    session.rollback()
    if company_id is None:
        return
    opened, won = _charges_of(company_id, world.now)
    at = world.now - OPENED_BEFORE
    bank.set_clock(at)
    open_id = bank.dispute(opened, "product_not_received")
    won_id = bank.dispute(won, "unrecognized")
    of_pool_id = bank.dispute(_charge_of_pool(), "unrecognized")
    for dispute_id in (open_id, won_id, of_pool_id):
        _hear_of(dispute_id, at)
    with atomic():
        checkout.add_note(
            dispute_id=open_id,
            company_id=company_id,
            author_id=member.id,
            body="We sent it with tracking the day after the order. The parcel lies at the "
            "shopper's post office since Tuesday; we wrote to them and wait for an answer.",
            now=at + timedelta(hours=5),
        )
    bank.set_clock(world.now)
    bank.decide(won_id, "won")
    _hear_of(won_id, world.now - timedelta(days=1))
    bank.pay_out(PAID_OUT_MINOR, "EUR")
    seen, _after = gateway.current().list_bank_payouts(since=None, after=None)
    with atomic():
        reconciliation.book_bank_payouts(seen=seen, now=world.now)


def hear_of_refunds(order_id: uuid.UUID, at: datetime) -> None:
    """Record what became of an order's refunds at the provider."""
    payment_id = session.scalars(sa.select(Order.payment_id).where(Order.id == order_id)).one()
    session.rollback()
    for seen in gateway.current().fetch_refunds(payment_id or ""):
        with atomic():
            checkout.take_refund(seen=seen, now=at)


def _hear_of(dispute_id: str, at: datetime) -> None:
    news = gateway.current().fetch_dispute_news(dispute_id)
    with atomic():
        checkout.take_dispute(news=news, now=at)


def _charge_of_pool() -> str:
    """Return the charge of what a sponsor paid in first."""
    charge = session.scalars(
        sa.select(Payment.charge_id)
        .join(PoolPayment, PoolPayment.payment_id == Payment.id)
        .order_by(PoolPayment.paid_at)
        .limit(1)
    ).one()
    session.rollback()
    return charge or ""


def _charges_of(company_id: uuid.UUID, now: datetime) -> list[str]:
    """Return the charges of a company's two last sent orders of which nothing was given back."""
    rows = session.scalars(
        sa.select(Payment.charge_id)
        .join(Order, Order.payment_id == Payment.id)
        .join(CompanyOrder, CompanyOrder.order_id == Order.id)
        .where(
            CompanyOrder.company_id == company_id,
            CompanyOrder.sent_at < now - timedelta(days=4),
            Order.refund_reserved_minor == 0,
        )
        .order_by(Order.paid_at.desc())
        .limit(2)
    ).all()
    session.rollback()
    return [charge for charge in rows if charge]
