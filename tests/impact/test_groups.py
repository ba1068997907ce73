"""Sums over projects agree with those of each, and with the whole."""

import pytest

from marketplace.impact.queries import (
    Group,
    group_totals,
    list_months,
    list_projects,
    platform_totals,
    project_totals,
)
from marketplace.ledger.rules import AccountKey, Entry, Kind, Purpose
from tests.impact.test_queries import pending, post

GROUPS = {
    "all": (lambda _world: Group(), ("wells", "taps", "books")),
    "cause": (lambda world: Group(cause=world["water"].id), ("wells", "taps")),
    "goal": (lambda _world: Group(goal=3), ("wells",)),
    "place": (lambda _world: Group(country="KE"), ("wells", "books")),
    "none": (lambda _world: Group(country="FR"), ()),
}


@pytest.mark.parametrize("name", GROUPS)
class TestGroupTotals:
    def test_adds_up_what_its_projects_have(self, world, name):
        group, members = GROUPS[name][0](world), GROUPS[name][1]
        each = project_totals([world[one].id for one in members])
        totals = group_totals(group, "EUR")
        assert totals.projects == len(members)
        assert totals.given_minor == sum(one.given_minor for one in each.values())
        assert totals.held_minor == sum(one.held_minor for one in each.values())
        assert totals.paid_out_minor == sum(one.paid_out_minor for one in each.values())
        assert totals.unspent_minor == sum(one.unspent_minor for one in each.values())
        assert dict(totals.largest) == dict(each)
        given = [one.given_minor for _id, one in totals.largest]
        assert given == sorted(given, reverse=True)

    def test_adds_up_month_by_month(self, world, name):
        group = GROUPS[name][0](world)
        totals, months = group_totals(group, "EUR"), list_months(group, "EUR")
        assert sum(month.given_minor for month in months) == totals.given_minor
        assert sum(month.paid_out_minor for month in months) == totals.paid_out_minor


class TestWhole:
    def test_is_what_the_marketplace_tells(self, world):
        totals, whole = group_totals(Group(), "EUR"), platform_totals("EUR")
        assert totals.given_minor == whole.given_minor
        assert totals.projects == whole.projects

    def test_shows_no_more_than_asked_and_counts_all(self, world):
        totals = group_totals(Group(), "EUR", shown=1)
        assert [one for one, _totals in totals.largest] == [world["wells"].id]
        assert (totals.projects, totals.given_minor) == (3, 1000)

    def test_of_another_currency_keeps_to_itself(self, world):
        assert group_totals(Group(), "JPY").given_minor == 9_000

    def test_loads_projects_with_photos(self, world):
        found = list_projects([world["wells"].id])
        assert found[world["wells"].id].photo is None


def test_money_in_dispute_is_pending(world):
    held = AccountKey(Purpose.DISPUTE_HOLD, world["taps"].id, pending(world["taps"]).source)
    post(Kind.DISPUTE_OPENED, Entry(pending(world["taps"]), held, 300))
    assert group_totals(Group(country="IT"), "EUR").pending_minor == 300
