"""A pool of a foundation that is paid in at the provider's double, and disputed there."""

import sqlalchemy as sa

from marketplace.campaigns import service
from marketplace.campaigns.models import Pool, PoolDispute, PoolRefund
from marketplace.checkout import jobs
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.payments import queries as payments
from tests.campaigns.pools import ask_to_pay, make_sponsor, make_sponsored, payment


class Funded:
    """A pool of a foundation, with what was paid into it."""

    def __init__(self, here, giver, minor=1_000, **changes):
        self.here, self.giver = here, giver
        self.pool = make_sponsored(make_sponsor(giver), giver, **changes)
        self.pool_id = self.pool.id
        self.row = self.pays(minor) if minor else None

    def pays(self, minor):
        row = payment(ask_to_pay(self.pool, minor, self.giver))
        self.here.provider.pay(row.payment_url)
        jobs.settle_session(row.checkout_session_id)
        return payment(row.id)

    @property
    def now(self):
        session.rollback()
        return session.get_one(Pool, self.pool_id, populate_existing=True)

    @property
    def claim(self):
        session.rollback()
        return session.scalars(
            sa.select(PoolDispute)
            .where(PoolDispute.pool_id == self.pool_id)
            .execution_options(populate_existing=True)
        ).one()

    def disputed(self, row=None, **said):
        """Let the bank of a payment dispute it, at the provider; nobody hears of it."""
        found = payments.find_payment((row or self.row).payment_id)
        session.rollback()
        return self.here.provider.dispute(found.charge_id, **said)

    def decided(self, dispute_id, how):
        self.here.provider.decide(dispute_id, how)
        self.here.hear()

    def end(self):
        with atomic():
            service.end(pool_id=self.pool_id, reason="Over", by=self.giver, now=clock.now())

    def buys(self):
        return self.here.buy(top_up=0)

    def stands(self, purpose):
        return self.here.balance(purpose, self.pool_id)

    @property
    def refunds(self):
        session.rollback()
        rows = session.scalars(
            sa.select(PoolRefund)
            .where(PoolRefund.pool_id == self.pool_id)
            .order_by(PoolRefund.id)
            .execution_options(populate_existing=True)
        )
        return [(one.amount_minor, one.state) for one in rows]

    @property
    def book(self):
        """Return every transfer about the pool, without numbers and moments."""
        rows = session.execute(
            sa.text(
                "select split_part(happened.effect_key, ':', 3), happened.kind, debit.purpose, "
                "credit.purpose, moved.amount_minor from ledger_transaction happened "
                "join ledger_transfer moved on moved.transaction_id = happened.id "
                "join ledger_account debit on debit.id = moved.debit_id "
                "join ledger_account credit on credit.id = moved.credit_id "
                "where happened.subject_id = :pool and happened.kind <> 'pool_returned'"
            ),
            {"pool": self.pool_id},
        )
        return sorted(tuple(row) for row in rows)
