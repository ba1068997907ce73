"""A sponsor's payment and what goes back of it, while answers are lost and processes die."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Pool, PoolRefund
from marketplace.campaigns.rules import PaymentStage, RefundStage
from marketplace.checkout import jobs
from marketplace.core import clock
from marketplace.core.db import atomic, session
from tests import factories
from tests.campaigns.pools import ask_to_pay, make_sponsor, make_sponsored, payment, seen
from tests.concurrency.market import Market
from tests.faults.test_killed import SENDING, forge, kill, later
from tests.faults.test_unanswered import lose

__all__ = ["forge", "kill", "later", "lose"]
LATER = timedelta(minutes=5)


@pytest.fixture
def pool(market: Market):
    with atomic():
        giver = factories.make_user()
    made = make_sponsored(make_sponsor(giver), giver)
    return made, giver


def pay(market: Market, row) -> None:
    market.provider.pay(row.payment_url)
    jobs.settle_session(row.checkout_session_id)


def ended(pool, giver) -> str:
    """End a pool that is paid in; return the command that gives back."""
    with atomic():
        campaigns.end(pool_id=pool.id, reason="Over", by=giver, now=clock.now())
    return str(
        session.scalar(
            sa.text(
                "select command.id from provider_command command "
                "join pool_refund refund on refund.id = command.subject_id "
                "where refund.pool_id = :pool"
            ),
            {"pool": pool.id},
        )
    )


def gone_back(pool) -> list[PoolRefund]:
    session.rollback()
    return list(
        session.scalars(
            sa.select(PoolRefund)
            .where(PoolRefund.pool_id == pool.id)
            .execution_options(populate_existing=True)
        )
    )


class TestPage:
    def test_whose_answer_is_lost_is_opened_once(self, market, pool, lose, later):
        """Fails if the page is asked for under a new key, or the payment counts nowhere."""
        made, giver = pool
        lose("^/v1/checkout/sessions")
        row_id = ask_to_pay(made, 900, giver)
        assert payment(row_id).payment_url is None
        lose(None)
        later(LATER)
        jobs.run_due_commands()
        row = payment(row_id)
        pay(market, row)
        assert payment(row_id).state is PaymentStage.PAID
        assert seen(made).budget_minor == 900
        assert market.broken() == []


class TestPayment:
    def test_that_is_told_twice_while_the_browser_returns_counts_once(self, market, pool):
        made, giver = pool
        row = payment(ask_to_pay(made, 900, giver))
        market.provider.pay(row.payment_url)
        session_id, pool_id = row.checkout_session_id, made.id
        session.rollback()
        answers = market.at_once([lambda: jobs.settle_session(session_id)] * 4)
        assert answers == ["complete"] * 4
        assert set(market.provider.deliver(times=2)) == {200}
        assert session.get_one(Pool, pool_id, populate_existing=True).budget_minor == 900
        assert market.broken() == []


class TestTheRest:
    @pytest.mark.parametrize("at", SENDING)
    def test_goes_back_once_though_a_process_dies(self, market, pool, kill, later, at):
        """Fails if what is left is commanded twice, or noted before it is done."""
        made, giver = pool
        row = payment(ask_to_pay(made, 900, giver))
        pay(market, row)
        payment_id = payment(row.id).payment_id
        command = ended(made, giver)
        kill(market, at, "send", command=command)
        later(LATER)
        jobs.run_due_commands()
        assert market.refunds(payment_id) == [900]
        assert [one.state for one in gone_back(made)] == [RefundStage.DONE]
        assert seen(made).returned_minor == 900
        assert market.broken() == []

    @pytest.mark.parametrize("hours", [1, 25])
    def test_goes_back_once_though_the_answer_is_lost(self, market, pool, lose, later, hours):
        made, giver = pool
        row = payment(ask_to_pay(made, 900, giver))
        pay(market, row)
        payment_id = payment(row.id).payment_id
        command = ended(made, giver)
        lose("^/v1/refunds")
        jobs.run_command(command_id=command)
        lose(None)
        later(timedelta(hours=hours))
        jobs.run_due_commands()
        assert market.refunds(payment_id) == [900]
        assert [one.state for one in gone_back(made)] == [RefundStage.DONE]
        assert market.broken() == []
