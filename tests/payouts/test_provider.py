"""Payouts and the provider: replies that get lost, transfers that come back, late look-ups."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from marketplace.checkout import jobs as commands
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandState
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import PayeeKind, PayoutState
from sandbox.app import store_of
from sandbox.control import set_chaos
from tests.payouts.conftest import connect, give


@pytest.fixture
def bank(payment_double):
    """Return a bank; no trouble is left behind."""
    yield Bank(payment_double)
    set_chaos(store_of(payment_double), {})


@pytest.fixture
def payout(team, provider, bank):
    """Return a payout of 50.00 that waits to be sent."""
    connect(team, bank.open_account())
    give(team, 5000)
    with atomic():
        return service.command(
            payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
            minimum_minor=1, now=clock.now(),
        )  # fmt: skip


def trouble(payment_double, do, *, method="POST", times=1):
    rule = {"match": "^/v1/transfers", "method": method, "do": do, "times": times}
    set_chaos(store_of(payment_double), {"rules": [rule]})


def command_of(payout):
    session.expire_all()
    return session.scalars(
        sa.select(ProviderCommand).where(ProviderCommand.subject_id == payout.id)
    ).one()


def transfers(payment_double, payout):
    """Return the amounts that the provider sent for a payout, by transfer."""
    with store_of(payment_double).connection() as connection:
        rows = connection.execute(
            "select id, (data ->> 'amount')::int from sandbox.object "
            "where type = 'transfer' and data ->> 'transfer_group' = %s",
            [f"payout-{payout.id}"],
        ).fetchall()
    return dict(rows)


def run_later(payout, by):
    with time_machine.travel(clock.now() + by, tick=False):
        commands.run_command(command_id=str(command_of(payout).id))


def state_of(team, payout):
    session.expire_all()
    return queries.get_payout(team.id, payout.number).state


class TestSending:
    def test_whose_reply_is_lost_is_found_out_and_never_done_twice(
        self, team, payout, payment_double
    ):
        """Fails if silence counts as a refusal, or is followed by a new key."""
        trouble(payment_double, "drop_reply_after_effect", times=3)
        commands.run_command(command_id=str(command_of(payout).id))
        assert command_of(payout).state is CommandState.UNKNOWN
        assert state_of(team, payout) is PayoutState.COMMANDED
        assert queries.on_accounts(team.id, "EUR").in_flight_minor == 5000
        run_later(payout, timedelta(minutes=10))
        assert state_of(team, payout) is PayoutState.PAID
        assert list(transfers(payment_double, payout).values()) == [5000]

    def test_after_a_day_is_only_looked_up(self, team, payout, payment_double):
        """Fails if an old key is sent again: the provider has forgotten it by then."""
        trouble(payment_double, "drop_reply_after_effect", times=3)
        commands.run_command(command_id=str(command_of(payout).id))
        with store_of(payment_double).connection() as connection:
            connection.execute("delete from sandbox.idempotency")
        run_later(payout, timedelta(hours=25))
        assert state_of(team, payout) is PayoutState.PAID
        assert list(transfers(payment_double, payout).values()) == [5000]

    def test_that_is_not_found_after_a_day_comes_back(self, team, payout, payment_double):
        trouble(payment_double, "connection_error", times=3)
        commands.run_command(command_id=str(command_of(payout).id))
        run_later(payout, timedelta(hours=25))
        assert state_of(team, payout) is PayoutState.RETURNED
        assert transfers(payment_double, payout) == {}
        assert queries.on_accounts(team.id, "EUR").available_minor == 5000

    def test_that_is_refused_comes_back_and_is_paid_by_a_new_command(
        self, team, provider, bank, payment_double
    ):
        """Fails if a refused command is tried again under its old key."""
        give(team, 999_999_900)
        connect(team, bank.open_account())
        with atomic():
            payout = service.command(
                payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
                minimum_minor=1, now=clock.now(),
            )  # fmt: skip
        commands.run_command(command_id=str(command_of(payout).id))
        assert state_of(team, payout) is PayoutState.RETURNED
        assert "Insufficient funds" in queries.get_payout(team.id, payout.number).note
        commands.run_command(command_id=str(command_of(payout).id))
        assert transfers(payment_double, payout) == {}


class TestComingBack:
    def test_of_a_transfer_is_credited_once(self, team, payout, provider, bank, payment_double):
        """Fails if each of several deliveries credits, or none does."""
        commands.run_command(command_id=str(command_of(payout).id))
        (transfer_id,) = transfers(payment_double, payout)
        bank._post(f"/v1/transfers/{transfer_id}/reversals", amount="2000")
        assert set(provider.deliver(times=3)) == {200}
        assert queries.on_accounts(team.id, "EUR").available_minor == 2000
        assert state_of(team, payout) is PayoutState.PAID
        bank._post(f"/v1/transfers/{transfer_id}/reversals")
        provider.deliver(times=2)
        assert queries.on_accounts(team.id, "EUR").available_minor == 5000
        assert state_of(team, payout) is PayoutState.RETURNED

    def test_is_told_by_the_bank_of_the_payee(self, team, payout, provider, payment_double):
        """Fails if a bank that takes nothing goes on being paid."""
        commands.run_command(command_id=str(command_of(payout).id))
        account = queries.find_current(team.id)
        client = payment_double.test_client()
        sent = client.post(
            "/v1/payouts",
            data={"amount": "5000", "currency": "eur"},
            headers={
                "Authorization": "Bearer sk_test_sandbox",
                "Stripe-Account": account.provider_account_id,
            },
        ).get_json()
        client.post(f"/_sandbox/payouts/{sent['id']}", json={"status": "failed"})
        assert set(provider.deliver(times=2)) == {200}
        session.expire_all()
        assert queries.find_current(team.id).bank_refused_at is not None


class TestAskingForAccounts:
    def test_makes_up_for_a_lost_message(self, team, provider, bank, owner):
        with atomic():
            command = service.open_account(
                team=team, country="FR", url=None, by=owner, now=clock.now()
            )
        commands.run_command(command_id=str(command.id))
        account = queries.find_current(team.id)
        bank.onboard(account.provider_account_id)
        with time_machine.travel(clock.now() + timedelta(hours=13), tick=False):
            jobs.ask_for_accounts()
        session.expire_all()
        assert queries.find_current(team.id).can_be_paid

    def test_stops_where_nobody_answers(self, team, provider, bank, payment_double):
        connect(team, bank.open_account())
        rule = {"match": "^/v1/accounts", "do": "connection_error", "times": 9}
        set_chaos(store_of(payment_double), {"rules": [rule]})
        jobs.ask_for_accounts()
        assert queries.find_current(team.id).seen_at is None
