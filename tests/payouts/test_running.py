"""A day's run: who is paid, who waits and why, and that it may be run again."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from marketplace.core.db import atomic
from marketplace.invariants import queries as invariants
from marketplace.ledger.rules import Source
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import PayeeKind, PayoutRun, PayoutState, Schedule
from tests.payouts.conftest import connect, give

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def run_at(moment):
    with time_machine.travel(moment, tick=False):
        jobs.pay_out()


def payouts_of(team):
    return list(queries.list_of(team.id))


def schedule(team, wanted):
    with atomic():
        service.set_schedule(
            kind=PayeeKind(team.kind), payee_id=team.id, schedule=wanted, by=None, now=MONDAY
        )


@pytest.fixture
def payee(team):
    """Return a payee that is paid every Monday and was looked at on the Sunday before."""
    connect(team, at=MONDAY - timedelta(days=100))
    schedule(team, Schedule.WEEKLY)
    run_at(MONDAY - timedelta(days=1))
    return team


class TestRun:
    def test_pays_who_is_due_once(self, payee, db):
        give(payee, 700, at=MONDAY)
        for hour in range(5):
            run_at(MONDAY + timedelta(hours=hour))
        (payout,) = payouts_of(payee)
        assert (payout.amount_minor, payout.run_on) == (700, MONDAY.date())
        run = db.get(PayoutRun, MONDAY.date())
        assert run.ended_at is not None

    def test_lets_others_wait_for_their_day(self, payee):
        give(payee, 700, at=MONDAY)
        run_at(MONDAY + timedelta(days=1))
        assert len(payouts_of(payee)) == 1  # made up for: nobody ran on Monday
        give(payee, 800, at=MONDAY)
        run_at(MONDAY + timedelta(days=2))
        assert len(payouts_of(payee)) == 1

    def test_goes_on_where_it_was_cut_short(self, payee, db, monkeypatch):
        """Fails if a run counts as done before everybody was looked at."""
        give(payee, 700, at=MONDAY)

        def die(*, name=None, **_more):
            raise KeyboardInterrupt

        monkeypatch.setattr(jobs.service, "pay_payee", die)
        with pytest.raises(KeyboardInterrupt):
            run_at(MONDAY)
        monkeypatch.undo()
        run_at(MONDAY + timedelta(hours=1))
        assert len(payouts_of(payee)) == 1

    def test_that_goes_on_leaves_to_the_next_what_came_meanwhile(self, payee):
        """Fails if whoever was paid is not passed over: the second payout would be refused."""
        asked = {
            "payee": (PayeeKind(payee.kind), payee.id, "EUR", Schedule.WEEKLY),
            "since": MONDAY.date() - timedelta(days=1),
            "day": MONDAY.date(),
            "terms": jobs.terms(),
            "now": MONDAY,
        }
        give(payee, 700, at=MONDAY)
        with atomic():
            assert service.pay_payee(**asked).amount_minor == 700
        give(payee, 800, at=MONDAY)
        with atomic():
            assert service.pay_payee(**asked) is None

    def test_that_one_payee_fails_goes_on_with_the_others(self, payee, monkeypatch, db):
        give(payee, 700, at=MONDAY)
        real, calls = service.pay_payee, []

        def fail_first(**asked):
            calls.append(asked)
            if len(calls) == 1:
                db.execute(sa.text("select 1/0"))
            return real(**asked)

        monkeypatch.setattr(jobs.service, "pay_payee", fail_first)
        run_at(MONDAY)
        assert payouts_of(payee) == []
        run_at(MONDAY + timedelta(hours=1))
        assert len(payouts_of(payee)) == 1

    def test_waits_below_the_minimum_until_it_is_too_old(self, payee):
        """Rule 15. Fails without the maximum age, or if it counts from the newest cent."""
        give(payee, 300, at=MONDAY)
        give(payee, 100, at=MONDAY + timedelta(days=60))
        run_at(MONDAY + timedelta(days=7))
        run_at(MONDAY + timedelta(days=89))
        assert payouts_of(payee) == []
        run_at(MONDAY + timedelta(days=90))
        (payout,) = payouts_of(payee)
        assert payout.amount_minor == 400

    def test_at_the_maximum_age_pays_also_who_only_wants_it_on_demand(self, payee):
        schedule(payee, Schedule.ON_DEMAND)
        give(payee, 3000, at=MONDAY)
        run_at(MONDAY + timedelta(days=89))
        assert payouts_of(payee) == []
        run_at(MONDAY + timedelta(days=90))
        assert len(payouts_of(payee)) == 1

    def test_lets_those_accrue_who_are_not_verified(self, payee, db, kind):
        give(payee, 3000, at=MONDAY)
        state = "suspended"
        db.execute(sa.text(f"update {kind} set state = :state"), {"state": state})
        db.commit()
        run_at(MONDAY)
        assert payouts_of(payee) == []
        assert queries.on_accounts(payee.id, "EUR").available_minor == 3000

    def test_above_the_limit_sets_aside_and_sends_nothing(self, payee, db):
        give(payee, 200_000, at=MONDAY)
        run_at(MONDAY)
        (payout,) = payouts_of(payee)
        assert payout.state is PayoutState.TO_APPROVE
        assert db.scalar(sa.text("select count(*) from provider_command")) == 0
        run_at(MONDAY + timedelta(days=7))
        assert len(payouts_of(payee)) == 1

    def test_lets_what_nobody_approved_go_back_within_the_week(self, payee):
        give(payee, 200_000, at=MONDAY)
        run_at(MONDAY)
        with time_machine.travel(MONDAY + timedelta(days=6, minutes=1), tick=False):
            jobs.decide_payouts()
        assert payouts_of(payee)[0].state is PayoutState.RETURNED
        assert queries.on_accounts(payee.id, "EUR").available_minor == 200_000


class TestOldest:
    def test_is_counted_from_the_cent_that_waits_longest(self, team):
        give(team, 300, at=MONDAY)
        give(team, 100, at=MONDAY + timedelta(days=5))
        assert queries.oldest_confirmed(team.id, "EUR") == MONDAY.date()

    def test_is_not_younger_after_a_payout_came_back(self, team):
        """Fails if money that came back counts as new, and so never grows old."""
        give(team, 600, at=MONDAY)
        connect(team)
        with atomic():
            payout = service.command(
                payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
                minimum_minor=1, now=MONDAY + timedelta(days=30),
            )  # fmt: skip
            service.bring_back(payout_id=payout.id, now=MONDAY + timedelta(days=31))
        assert queries.oldest_confirmed(team.id, "EUR") == MONDAY.date()


class TestStatements:
    def test_of_any_history_add_up_to_the_ledger(self, team, db):
        """Fails if an entry is left out, counted twice or lands in another month."""
        connect(team, at=MONDAY - timedelta(days=100))
        for step in range(24):
            at = MONDAY + timedelta(days=step * 9, hours=step)
            source = Source.PLEDGE if step % 3 else Source.TOP_UP
            give(team, 137 * (step + 1), at=at, source=source)
            if step % 5 == 4:
                with atomic():
                    payout = service.command(
                        payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
                        minimum_minor=1, now=at,
                    )  # fmt: skip
                    if step % 2:
                        service.bring_back(payout_id=payout.id, now=at + timedelta(days=20))
                    else:
                        service.confirm(payout_id=payout.id, provider_id=f"tr_{step}", now=at)
        before = 0
        for month in [date(2026, number, 1) for number in range(3, 11)]:
            found = queries.statement_of(team.id, "EUR", month)
            assert found.adds_up
            assert found.opening_minor == before
            entries = list(queries.walk_entries(team.id, "EUR", month))
            assert found.opening_minor + sum(row[-1] for row in entries) == found.closing_minor
            before = found.closing_minor
        assert before == queries.on_accounts(team.id, "EUR").available_minor
        told = {one.invariant.name: one for one in invariants.check_all()}
        assert told["payouts"].holds
        assert told["payouts"].looked_at == 4


class TestMadeOf:
    def test_is_everything_since_the_payout_before(self, team):
        """Fails if an entry stands in two payouts, or in none."""
        connect(team)
        for turn, amounts in enumerate([(700, 300), (50,), (25, 25, 1)]):
            for amount in amounts:
                give(team, amount)
            with atomic():
                payout = service.command(
                    payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
                    minimum_minor=1, now=MONDAY,
                )  # fmt: skip
            parts = queries.list_made_of(payout.id)
            assert sum(part.amount_minor for part in parts) == sum(amounts)
            assert sum(part.count for part in parts) == len(amounts)
            assert turn < 3
