"""What values add up to, and what a unit cost; without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.outcomes.rules import (
    Freshness,
    IndicatorKind,
    Measured,
    NotANumber,
    Spent,
    achieved,
    cost_per_unit,
    parse_number,
    plain_number,
    present_value,
    progress_bp,
)

ADDS, LEVEL = IndicatorKind.ADDS, IndicatorKind.LEVEL
TODAY = date(2026, 3, 12)


def values(*pairs):
    return [Measured(day, Decimal(value)) for day, value in pairs]


def cost(kind, found, spent, *, baseline=None, target=None, today=TODAY):
    return cost_per_unit(kind, baseline, target, found, spent, today=today)


class TestParseNumber:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("212", "212"),
            ("0,6", "0.6"),
            (" 1 200.50 ", "1200.50"),
            ("−3", "-3"),
            ("1’000", "1000"),
        ],
    )
    def test_reads_what_people_write(self, text, value):
        assert parse_number(text) == Decimal(value)

    @pytest.mark.parametrize(
        "text", ["", "many", "1e5", "NaN", "1.2.3", "0.00001", "9" * 14, "²", "٣", "Infinity", "-"]
    )
    def test_refuses_the_rest(self, text):
        with pytest.raises(NotANumber):
            parse_number(text)

    @given(st.decimals(-(10**11), 10**11, places=4))
    def test_reads_what_plain_number_writes(self, value):
        assert parse_number(plain_number(value)) == value


class TestPresentValue:
    def test_is_the_sum_where_values_add_up(self):
        found = values((TODAY, 38), (TODAY, 45))
        assert present_value(ADDS, Decimal(2), found) == 85

    def test_is_the_newest_where_each_is_the_whole(self):
        assert present_value(LEVEL, Decimal(2), values((TODAY, 38), (TODAY, 45))) == 45

    def test_is_unknown_before_the_first(self):
        assert present_value(ADDS, Decimal(2), []) is None
        assert achieved(ADDS, Decimal(2), None, []) == 0


class TestProgress:
    def test_counts_from_the_baseline(self):
        assert progress_bp(LEVEL, Decimal(100), Decimal(300), values((TODAY, 150))) == 2_500

    def test_counts_downwards_where_less_is_better(self):
        found = values((TODAY, 25))
        assert progress_bp(LEVEL, Decimal(100), Decimal(0), found) == 7_500
        assert achieved(LEVEL, Decimal(100), Decimal(0), found) == 75

    def test_is_never_below_nothing(self):
        assert progress_bp(LEVEL, Decimal(100), Decimal(300), values((TODAY, 50))) == 0

    @pytest.mark.parametrize("target", [None, Decimal(5)])
    def test_is_unknown_without_a_way_to_go(self, target):
        assert progress_bp(LEVEL, Decimal(5), target, values((TODAY, 5))) is None


class TestCostPerUnit:
    def test_divides_what_was_spent_until_each_report(self):
        days = [TODAY - timedelta(days=back) for back in (90, 60, 30)]
        spent = [Spent(days[0], 9_000), Spent(days[1], 3_000), Spent(days[2] + timedelta(1), 999)]
        found = cost(ADDS, values(*zip(days, (10, 30, 20), strict=True)), spent)
        assert (found.minor, found.lowest_minor, found.highest_minor) == (200, 200, 900)
        assert (found.reports, found.newest_on) == (3, days[2])
        assert found.freshness is Freshness.FRESH

    def test_rounds_half_a_cent_up(self):
        assert cost(ADDS, values((TODAY, 2)), [Spent(TODAY, 5)]).minor == 3

    @pytest.mark.parametrize(
        ("days", "freshness"),
        [(365, Freshness.FRESH), (366, Freshness.FADING), (548, Freshness.FADING)],
    )
    def test_fades_with_the_age_of_the_newest_report(self, days, freshness):
        day = TODAY - timedelta(days=days)
        found = cost(ADDS, values((day, 2)), [Spent(day, 10)])
        assert (found.freshness, found.minor) == (freshness, 5)

    def test_is_unknown_after_a_year_and_a_half(self):
        day = TODAY - timedelta(days=549)
        found = cost(ADDS, values((day, 2)), [Spent(day, 10)])
        assert (found.freshness, found.minor, found.lowest_minor) == (Freshness.UNKNOWN, None, None)
        assert (found.reports, found.newest_on) == (1, day)

    @pytest.mark.parametrize(
        ("found", "spent"),
        [
            ([], [Spent(TODAY, 10)]),
            (values((TODAY, 2)), []),
            (values((TODAY, 0)), [Spent(TODAY, 10)]),
            (values((TODAY - timedelta(1), 2)), [Spent(TODAY, 10)]),
        ],
    )
    def test_is_unknown_without_both_spent_and_achieved(self, found, spent):
        known = cost(ADDS, found, spent)
        assert (known.freshness, known.minor, known.reports) == (Freshness.UNKNOWN, None, 0)

    def test_takes_several_values_of_a_day_as_one_report(self):
        found = cost(ADDS, values((TODAY, 2), (TODAY, 3)), [Spent(TODAY, 10)])
        assert (found.minor, found.lowest_minor, found.highest_minor, found.reports) == (2, 2, 2, 1)

    @given(
        st.lists(st.tuples(st.integers(0, 400), st.integers(-5, 50)), max_size=8),
        st.lists(st.tuples(st.integers(0, 400), st.integers(1, 10**6)), max_size=8),
    )
    def test_lies_between_its_lowest_and_its_highest(self, measured, spent):
        found = cost(
            LEVEL,
            values(*sorted((TODAY - timedelta(days=back), value) for back, value in measured)),
            [Spent(TODAY - timedelta(days=back), minor) for back, minor in spent],
        )
        if found.minor is not None:
            assert 0 <= found.lowest_minor <= found.minor <= found.highest_minor
            assert 1 <= found.reports <= len(measured)
