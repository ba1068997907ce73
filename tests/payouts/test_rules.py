"""When payees are paid, what a statement says, and how what came back is divided."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.payouts import rules
from marketplace.payouts.rules import Schedule, Statement, StatementRow, Topic, Wait

NOW = datetime(2026, 3, 12, 18, 42, tzinfo=UTC)


class TestNextRun:
    @pytest.mark.parametrize(
        ("schedule", "after", "then"),
        [
            (Schedule.WEEKLY, date(2026, 3, 12), date(2026, 3, 16)),
            (Schedule.WEEKLY, date(2026, 3, 16), date(2026, 3, 23)),
            (Schedule.WEEKLY, date(2026, 3, 15), date(2026, 3, 16)),
            (Schedule.MONTHLY, date(2026, 3, 1), date(2026, 4, 1)),
            (Schedule.MONTHLY, date(2026, 12, 31), date(2027, 1, 1)),
            (Schedule.MONTHLY, date(2026, 1, 31), date(2026, 2, 1)),
            (Schedule.ON_DEMAND, date(2026, 3, 12), None),
        ],
    )
    def test_is_the_next_day_of_the_schedule(self, schedule, after, then):
        assert rules.next_run(schedule, after) == then

    def test_makes_up_for_days_on_which_nobody_ran(self):
        friday = date(2026, 3, 13)
        assert rules.is_due(Schedule.WEEKLY, since=friday, until=date(2026, 3, 18))
        assert not rules.is_due(Schedule.WEEKLY, since=date(2026, 3, 16), until=date(2026, 3, 22))
        assert not rules.is_due(Schedule.ON_DEMAND, since=friday, until=date(2027, 3, 18))


class TestAge:
    def test_lets_money_go_on_the_day_it_is_old_enough(self):
        age = timedelta(days=90)
        day = date(2026, 3, 12)
        assert rules.is_old_enough(day - age, today=day, maximum_age=age)
        assert not rules.is_old_enough(day - age + timedelta(days=1), today=day, maximum_age=age)
        assert not rules.is_old_enough(None, today=day, maximum_age=age)


class TestChange:
    def test_waits_for_a_second_person_and_for_two_days(self):
        assert rules.change_waits(None, None, NOW) == []
        assert rules.change_waits(NOW, None, NOW) == [Wait.CONFIRMATION, Wait.COOLING_OFF]
        later = NOW + timedelta(hours=48)
        assert rules.change_waits(NOW, NOW, later - timedelta(seconds=1)) == [Wait.COOLING_OFF]
        assert rules.change_waits(NOW, None, later) == [Wait.CONFIRMATION]
        assert rules.change_waits(NOW, NOW, later) == []


class TestTopics:
    @pytest.mark.parametrize(
        ("requirement", "topic"),
        [
            ("external_account", Topic.BANK),
            ("business_type", Topic.BUSINESS),
            ("business_profile.mcc", Topic.BUSINESS),
            ("tos_acceptance.date", Topic.TERMS),
            ("individual.dob.day", Topic.PERSON),
            ("individual.verification.document", Topic.DOCUMENT),
            ("person_1Nv0FGQ9RKHgCVdK.last_name", Topic.PERSON),
            ("company.tax_id", Topic.TAX),
            ("company.owners_provided", Topic.OWNERS),
            ("company.address.city", Topic.BUSINESS),
            ("something.new", Topic.OTHER),
        ],
    )
    def test_say_what_is_asked_for(self, requirement, topic):
        assert rules.topic_of(requirement) is topic

    def test_stand_once_each(self):
        asked = ["individual.dob.day", "individual.dob.month", "external_account"]
        assert rules.topics_of(asked) == [Topic.PERSON, Topic.BANK]


class TestReturnedParts:
    @given(
        parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=3),
        steps=st.lists(st.integers(0, 10_000), max_size=6),
    )
    def test_add_up_to_what_came_back_in_any_steps(self, parts, steps):
        """Fails if a part is credited more than it was, or a cent twice."""
        back, before = [0] * len(parts), 0
        for step in steps:
            total = min(before + step, sum(parts))
            now = rules.returned_parts(parts, total, before)
            assert sum(now) == total - before
            back = [a + b for a, b in zip(back, now, strict=True)]
            before = total
        assert sum(back) == before
        assert all(0 <= one <= part for one, part in zip(back, parts, strict=True))


class TestStatement:
    def test_is_wrong_if_it_does_not_add_up(self):
        rows = [
            StatementRow(date(2026, 3, 2), "release", None, 500),
            StatementRow(date(2026, 3, 9), "payout", None, -600),
            StatementRow(date(2026, 3, 10), "payout_returned", None, 100),
        ]
        good = Statement(date(2026, 3, 1), "EUR", 250, 250, rows)
        assert (good.entries_minor, good.paid_out_minor, good.adds_up) == (500, 500, True)
        assert not Statement(date(2026, 3, 1), "EUR", 250, 251, rows).adds_up

    def test_lists_months_the_latest_first(self):
        months = rules.months_between(date(2025, 11, 30), date(2026, 2, 1))
        assert [f"{month:%Y-%m}" for month in months] == [
            "2026-02",
            "2026-01",
            "2025-12",
            "2025-11",
        ]
