"""What a row of a table says, and what it is worth in the project's currency."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.reading.report import Refused
from marketplace.projects.rules import in_own_currency
from marketplace.spending.rules import parse_rate, place, read_row

TODAY = date(2026, 3, 12)
ROW = {"date": "2026-03-01", "amount": "12.50", "paid to": "Riwa Hardware", "for": "Cement"}


def read(**more):
    return read_row(
        7, ROW | {name.replace("_", " "): text for name, text in more.items()}, "EUR", TODAY
    )


class TestInOwnCurrency:
    def test_divides_by_the_rate(self):
        assert in_own_currency(10_290_000, "KES", "EUR", Decimal("150.00")) == 68_600

    @pytest.mark.parametrize(
        ("minor", "currency", "rate", "own"),
        [
            (1_600, "JPY", "160", 1_000),
            (1_000, "KWD", "0.33", 303),
            (1, "USD", "2", 1),
            (0, "USD", "2", 0),
        ],
    )
    def test_knows_decimals_and_rounds_half_up(self, minor, currency, rate, own):
        assert in_own_currency(minor, currency, "EUR", Decimal(rate)) == own

    @given(st.integers(0, 10**12), st.decimals("0.000001", 10**6, places=6))
    def test_is_off_by_half_a_cent_at_most(self, minor, rate):
        own = in_own_currency(minor, "USD", "EUR", rate)
        assert abs(own * rate - minor) <= rate / 2


class TestRow:
    def test_says_the_same_however_it_is_written(self):
        assert read().content_hash == read(date="01/03/2026", currency="eur").content_hash
        assert read().content_hash != read(amount="12.51").content_hash

    def test_is_known_again_by_its_reference(self):
        assert read(reference="17").import_key(0) == read(reference="17", amount="9").import_key(3)
        assert read().import_key(0) != read().import_key(1)

    def test_of_another_currency_has_a_rate_of_the_day(self):
        row = read(currency="KES", rate="150,00", rate_source="Bank slip")
        assert (row.rate, row.rate_on, row.rate_source) == (150, date(2026, 3, 1), "Bank slip")
        assert read(rate="150").rate is None
        assert read(currency="KES", rate="150", rate_date="2026-02-27").rate_on.day == 27

    @pytest.mark.parametrize(
        ("wrong", "found"),
        [
            ({"date": ""}, "date"),
            ({"date": "31.2.2026"}, "31.2.2026"),
            ({"date": "2026-03-13"}, "2026-03-13"),
            ({"amount": "much"}, "much"),
            ({"amount": "0"}, "0"),
            ({"amount": "-5"}, "-5"),
            ({"currency": "XYZ"}, "XYZ"),
            ({"currency": "KES"}, ""),
            ({"currency": "KES", "rate": "0"}, "0"),
            ({"currency": "KES", "rate": "1e3"}, "1e3"),
            ({"currency": "KES", "rate": "150", "rate_date": "soon"}, "soon"),
            ({"currency": "KES", "amount": "0.01", "rate": "150"}, "0.01"),
            ({"for": "x" * 301}, "x" * 301),
        ],
    )
    def test_is_refused_with_line_and_what_was_found(self, wrong, found):
        with pytest.raises(Refused) as refused:
            read(**wrong)
        assert (refused.value.line, refused.value.value) == (7, found)

    @given(st.dictionaries(st.sampled_from([*ROW, "currency", "rate", "rate date"]), st.text()))
    def test_is_read_or_refused_whatever_it_says(self, cells):
        try:
            row = read_row(1, ROW | cells, "EUR", TODAY)
        except Refused:
            return
        assert row.amount_minor > 0


class TestParsing:
    def test_takes_no_nonsense(self):
        assert parse_rate("9" * 9) is not None
        assert [parse_rate(text) for text in ("", "0", "x", "1.2345678")] == [None] * 4
        assert place("nonsense") is None
