"""Payouts above the limit: two different operators, or back with a reason."""

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.payments.rules import TransferSeen
from marketplace.payouts import queries, service
from marketplace.payouts.models import PayeeKind, PayoutState
from marketplace.payouts.rules import Run
from marketplace.payouts.service.approving import Waits
from tests.accounts.people import make_person
from tests.payouts.conftest import add_member, connect, give


@pytest.fixture
def operators(db):
    return [make_person(is_operator=True) for _ in range(3)]


@pytest.fixture
def payout(team):
    connect(team)
    give(team, 5000)
    return command(team, Run(approval_from_minor=5000))


def command(team, run=None):
    with atomic():
        return service.command(
            payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
            minimum_minor=1, now=clock.now(), run=run,
        )  # fmt: skip


def approve(payout, operator):
    with atomic():
        return service.approve(payout_id=payout.id, operator=operator, now=clock.now())


def sent(db):
    return db.scalar(sa.text("select count(*) from provider_command where kind = 'transfer'"))


class TestApproval:
    def test_takes_two_different_operators(self, db, payout, operators):
        """Fails if one operator counts twice, or one is enough."""
        first, other, late = operators
        assert approve(payout, first).state is PayoutState.TO_APPROVE
        with pytest.raises(service.NotYours):
            approve(payout, first)
        assert sent(db) == 0
        assert approve(payout, other).state is PayoutState.COMMANDED
        assert sent(db) == 1
        with pytest.raises(service.AlreadyDecided):
            approve(payout, late)
        assert sent(db) == 1

    def test_is_not_for_who_gets_the_money(self, team, payout, operators, owner):
        add_member(team, operators[0])
        for who in (operators[0], owner):
            with pytest.raises(service.NotYours):
                approve(payout, who)

    def test_is_not_for_who_asked_for_it(self, db, team, operators):
        connect(team)
        give(team, 5000)
        asked = Run(approval_from_minor=1, asked_by_id=operators[0].id)
        payout = command(team, asked)
        with pytest.raises(service.NotYours):
            approve(payout, operators[0])

    def test_waits_where_the_payee_may_not_be_paid_any_more(
        self, team, payout, operators, owner, db
    ):
        """Fails if what was agreed to for one account goes to another."""
        with atomic():
            service.open_account(
                team=team, country=None, url=None, by=owner, now=clock.now(), is_compromised=True
            )
        with pytest.raises(Waits):
            approve(payout, operators[0])
        assert sent(db) == 0

    def test_is_for_payouts_from_the_limit_on(self, team, db):
        connect(team)
        give(team, 4999)
        assert command(team, Run(approval_from_minor=5000)).state is PayoutState.COMMANDED


class TestRefusal:
    def test_gives_everything_back_with_the_reason(
        self, team, payout, operators, letters, run_jobs
    ):
        with atomic():
            service.refuse(
                payout_id=payout.id, operator=operators[0], reason="who is this?", now=clock.now()
            )
        found = queries.get_payout(team.id, payout.number)
        assert (found.state, found.note) == (PayoutState.RETURNED, "who is this?")
        assert queries.on_accounts(team.id, "EUR").available_minor == 5000
        with pytest.raises(service.AlreadyDecided):
            approve(payout, operators[1])
        run_jobs()
        assert "came back" in letters[0]["Subject"]
        assert "Reason: who is this?" in letters[0].get_body(("plain",)).get_content()


class TestTransfer:
    @pytest.fixture
    def on_its_way(self, team):
        connect(team)
        give(team, 5000)
        return command(team)

    def note(self, payout, reversed_minor=0, transfer_id="tr_1"):
        seen = TransferSeen(transfer_id, payout.id, payout.amount_minor, reversed_minor)
        with atomic():
            return service.note_transfer(seen=seen, now=clock.now())

    def test_that_comes_back_is_credited_in_any_order_and_once(self, team, on_its_way):
        """Fails if a message is applied as it says, and not as far as it is news."""
        for reversed_minor in (0, 2000, 2000, 0):
            self.note(on_its_way, reversed_minor)
        assert queries.on_accounts(team.id, "EUR").available_minor == 2000
        for reversed_minor in (5000, 2000, 5000):
            self.note(on_its_way, reversed_minor)
        found = queries.get_payout(team.id, on_its_way.number)
        assert (found.state, found.returned_minor) == (PayoutState.RETURNED, 5000)
        waiting = queries.on_accounts(team.id, "EUR")
        assert (waiting.available_minor, waiting.in_flight_minor) == (5000, 0)

    def test_that_came_back_before_we_knew_that_it_went_is_both(self, team, on_its_way):
        """Fails if the message is forgotten because our command has no answer yet."""
        assert self.note(on_its_way, 5000)
        with atomic():
            assert not service.confirm(payout_id=on_its_way.id, provider_id="tr_1", now=clock.now())
        assert queries.on_accounts(team.id, "EUR").available_minor == 5000

    def test_that_comes_back_in_part_stays_paid(self, team, on_its_way):
        self.note(on_its_way, 2000)
        found = queries.get_payout(team.id, on_its_way.number)
        assert (found.state, found.returned_minor) == (PayoutState.PAID, 2000)

    def test_that_was_paid_after_we_credited_it_needs_a_person(self, team, on_its_way):
        with atomic():
            service.bring_back(payout_id=on_its_way.id, now=clock.now())
        with pytest.raises(service.PaidAfterAll):
            self.note(on_its_way)
        assert queries.on_accounts(team.id, "EUR").available_minor == 5000

    def test_of_somebody_else_is_left_alone(self, team, on_its_way):
        seen = TransferSeen("tr_9", None, 100, 100)
        with atomic():
            assert not service.note_transfer(seen=seen, now=clock.now())
