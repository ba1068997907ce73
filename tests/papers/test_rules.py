"""What papers say, worked out from amounts."""

from itertools import pairwise
from uuid import UUID

import pytest

from marketplace.core.money import net_of
from marketplace.papers.rules import Item, Stands, by_rate, credited, gifts_of, number_of

ONE, TWO = UUID(int=1), UUID(int=2)


class TestNumber:
    def test_has_year_and_five_digits(self):
        assert number_of("G", 2026, 12) == "G-2026-00012"
        assert number_of("I", 2026, 123456) == "I-2026-123456"


class TestGifts:
    def test_add_up_by_project(self):
        found = gifts_of([Stands(1, ONE, 0, 120, 0, 0), Stands(2, ONE, 5, 0, 7, 0)])
        assert (found[ONE].pending_minor, found[ONE].confirmed_minor) == (5, 120)
        assert found[ONE].frozen_minor == 7
        assert not found[ONE].is_decided

    def test_leave_out_what_the_giver_got_back_though_a_project_keeps_it(self):
        found = gifts_of([Stands(1, ONE, 0, 120, 0, 100), Stands(1, TWO, 0, 80, 0, 100)])
        assert found[ONE].confirmed_minor == 20
        assert found[TWO].confirmed_minor == 80

    def test_take_what_is_missing_from_the_next_project_of_the_same_row(self):
        found = gifts_of([Stands(1, ONE, 0, 60, 0, 100), Stands(1, TWO, 0, 140, 0, 100)])
        assert found[ONE].confirmed_minor == 0
        assert found[TWO].confirmed_minor == 100


class TestCredited:
    @pytest.mark.parametrize("rate", [0, 400, 1000, 2200])
    @pytest.mark.parametrize("cuts", [(0, 1, 999), (0, 333, 666, 999), (0, 999), (0, 500, 999)])
    def test_adds_up_to_the_net_price(self, rate, cuts):
        parts = [credited(end - start, start, rate) for start, end in pairwise(cuts)]
        assert sum(parts) == net_of(999, rate)


class TestByRate:
    def test_adds_up_net_and_vat_of_each_rate(self):
        items = [
            Item("Towel", 1, 1220, 1000, 2200),
            Item("Beans", 2, 1100, 1000, 1000),
            Item("", 1, 122, 100, 2200),
        ]
        assert by_rate(items) == {1000: (1000, 100), 2200: (1100, 242)}
