"""What purchases gave is what the ledger says, for a person and for every team they were in."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.community import queries, service
from marketplace.community.models import TeamMember
from marketplace.community.queries.invariants import COUNTED
from marketplace.community.rules import Counts
from marketplace.community.service import ChallengeWish
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.invariants.queries import check_all
from tests import factories
from tests.community.conftest import AGO
from tests.orders.world import confirm_all
from tests.statements import statements

SHARE, GIFT = 372, 200


def given(team):
    standing = queries.standing_of_team(team.id, "EUR")
    return standing.pledge.given_minor, standing.top_up.given_minor


def broken():
    return [finding.invariant.name for finding in check_all() if not finding.holds]


class TestStandingOfPerson:
    def test_keeps_sources_and_states_apart(self, buy, captain):
        order = buy(captain)
        standing = queries.standing_of_person(captain.id, "EUR")
        assert (standing.pledge.pending_minor, standing.pledge.confirmed_minor) == (SHARE, 0)
        assert (standing.top_up.pending_minor, standing.match.given_minor) == (GIFT, 0)
        confirm_all(order.id)
        standing = queries.standing_of_person(captain.id, "EUR")
        assert (standing.pledge.pending_minor, standing.pledge.confirmed_minor) == (0, SHARE)
        assert sum(part.pledge.given_minor for part in standing.projects) == SHARE
        assert [part.title for part in standing.projects] == ["Springs", "Aurora", "Nora"]

    def test_adds_up_by_month_too(self, buy, captain):
        buy(captain)
        (month,) = queries.standing_of_person(captain.id, "EUR").months
        assert month.began_on == clock.now().date().replace(day=1)
        assert (month.minor("pledge"), month.minor("top_up"), month.projects) == (SHARE, GIFT, 3)

    def test_is_of_one_year_where_that_is_asked(self, buy, captain):
        buy(captain)
        year = clock.now().year
        assert queries.standing_of_person(captain.id, "EUR", year=year).pledge.given_minor == SHARE
        assert queries.standing_of_person(captain.id, "EUR", year=year - 1).projects == []

    def test_takes_off_what_was_given_back(self, buy, captain, give_back):
        order = buy(captain)
        towels = order.lines[0].share_minor
        give_back(order, line=0)
        left = queries.standing_of_person(captain.id, "EUR").pledge.given_minor
        assert left == SHARE - towels
        give_back(buy(captain))
        assert queries.standing_of_person(captain.id, "EUR").pledge.given_minor == left


class TestStandingOfTeam:
    def test_counts_from_the_joining_on(self, team, buy, captain, friend, join):
        buy(captain)
        buy(friend)
        assert given(team) == (SHARE, GIFT)
        join(friend, at=clock.now())
        assert given(team) == (SHARE, GIFT)
        buy(friend)
        assert given(team) == (2 * SHARE, 2 * GIFT)

    def test_keeps_what_was_counted_when_somebody_leaves(self, team, buy, friend, join):
        join(friend)
        buy(friend)
        with atomic():
            service.leave(team_id=team.id, by=friend, now=clock.now())
        buy(friend)
        assert given(team) == (SHARE, GIFT)
        join(friend, at=clock.now())
        buy(friend)
        assert given(team) == (2 * SHARE, 2 * GIFT)
        assert broken() == []

    def test_follows_refunds(self, team, buy, captain, give_back):
        order = buy(captain)
        buy(captain)
        give_back(order)
        assert given(team) == (SHARE, GIFT)
        assert broken() == []

    def test_is_of_this_team_only(self, team, buy, friend):
        buy(friend)
        assert given(team) == (0, 0)

    def test_counts_one_order_for_each_team_of_its_buyer(self, team, buy, captain):
        with atomic():
            other = service.found_team(
                wish=service.TeamWish("Another", team.made_of, "", is_public=False),
                is_named=False,
                currency="EUR",
                by=captain,
                now=clock.now() - AGO,
            )
        buy(captain)
        assert given(team) == given(other) == (SHARE, GIFT)
        assert broken() == []

    def test_costs_as_many_statements_for_many_as_for_one(self, team, buy, captain, engine, client):
        counts = []
        for _purchase in range(2):
            buy(captain)
            with statements(engine) as seen:
                assert client.get(f"/teams/{team.slug}").status_code == 200
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 8


class TestInvariant:
    def test_sees_an_order_that_counts_twice(self, team, captain, db):
        assert "teams" not in broken()
        now = clock.now()
        first = db.scalars(sa.select(TeamMember)).one()
        first.left_at = now
        db.flush()
        db.add(
            TeamMember(
                team_id=team.id,
                user_id=captain.id,
                role="captain",
                is_named=False,
                joined_at=now - timedelta(hours=1),
            )
        )
        db.flush()
        assert broken() == ["teams"]

    def test_looks_at_every_team(self, team, db):
        assert tuple(db.execute(sa.text(COUNTED)).one()) == (2, 0)  # a team, a membership


class TestChallenges:
    @pytest.fixture
    def set_out(self, team):
        def setting(counts, goal, *, begins=0, days=10):
            today = clock.now().date()
            wish = ChallengeWish(
                "Together",
                counts,
                goal,
                today + timedelta(days=begins),
                today + timedelta(days=begins + days),
            )
            with atomic():
                return service.set_challenge(team_id=team.id, wish=wish, now=clock.now())

        return setting

    @pytest.mark.parametrize(
        ("counts", "done", "pending"),
        [(Counts.PLEDGE, 2 * SHARE, 2 * SHARE), (Counts.PROJECTS, 3, 0), (Counts.PEOPLE, 2, 0)],
    )
    def test_count_what_they_say(
        self, team, set_out, buy, captain, friend, join, counts, done, pending
    ):
        join(friend)
        set_out(counts, 1_000)
        buy(captain)
        buy(friend)
        (row,) = queries.list_challenges(team.id, "EUR")
        assert (row.done, row.pending) == (done, pending)

    def test_count_no_own_gift_and_nothing_that_went_back(
        self, team, set_out, buy, captain, give_back
    ):
        set_out(Counts.PEOPLE, 1)
        give_back(buy(captain))
        (row,) = queries.list_challenges(team.id, "EUR")
        assert row.done == 0

    def test_count_their_own_days_only(self, team, set_out, buy, captain):
        set_out(Counts.PROJECTS, 1, begins=1)
        buy(captain)
        (row,) = queries.list_challenges(team.id, "EUR")
        assert row.done == 0


class TestListPublic:
    def test_turns_pages_by_name(self, team, captain, monkeypatch):
        monkeypatch.setattr(queries.teams, "PER_PAGE", 1)
        with atomic():
            for name, is_public in (("Astra", True), ("Hidden", False)):
                service.found_team(
                    wish=service.TeamWish(name, team.made_of, "", is_public=is_public),
                    is_named=False,
                    currency="EUR",
                    by=captain,
                    now=clock.now(),
                )
        first = queries.list_public()
        assert [row.name for row in first.rows] == ["Astra"]
        assert first.next_cursor is not None
        after = queries.list_public(after=(first.rows[0].name, first.rows[0].id))
        assert [row.name for row in after.rows] == [team.name]
        assert after.next_cursor is None


def test_noise_is_not_counted(buy, team):
    buy(factories.make_user())
    assert given(team) == (0, 0)
