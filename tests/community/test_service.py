"""Teams are founded, joined, left, handed over, dissolved; links are made and revoked."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.community import queries, service
from marketplace.community.models import TeamComplaint, TeamMember
from marketplace.community.rules import Counts, MadeOf, TeamRole
from marketplace.community.service import ChallengeWish, TeamWish
from marketplace.community.service.belonging import CannotJoin, CaptainStays
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid, NotFound
from marketplace.privacy import service as privacy
from tests import factories
from tests.accounts.people import make_person
from tests.community.conftest import WISH


def found(by, name="The Tuesday table", **how):
    wish = TeamWish(
        **{"name": name, "made_of": MadeOf.FRIENDS, "about": "", "is_public": True} | how
    )
    with atomic():
        return service.found_team(wish=wish, is_named=False, currency="EUR", by=by, now=clock.now())


def member_of(team, user):
    return queries.find_membership(team.id, user.id)


class TestFound:
    def test_makes_who_founds_it_its_captain(self, team, captain):
        assert member_of(team, captain).role is TeamRole.CAPTAIN
        assert team.slug == "the-tuesday-table"

    def test_gives_each_an_address_of_its_own(self, team, friend):
        others = [found(friend), found(friend, name="new"), found(friend, name="новая")]
        slugs = {one.slug for one in others} | {team.slug}
        assert len(slugs) == 4
        assert "new" not in slugs
        assert others[2].slug == "team"

    def test_refuses_a_company_that_does_not_sell_here(self, friend):
        factories.make_company(name="Hidden", state="draft", verified_at=None)
        for name in ("Nobody", "Hidden"):
            with pytest.raises(Invalid) as refused:
                found(friend, made_of=MadeOf.EMPLOYEES, company=name)
            assert "company" in refused.value.fields


class TestCompany:
    @pytest.fixture
    def company(self, db):
        return factories.make_company(name="Arbosca", slug="arbosca")

    def test_is_found_by_name_or_address(self, company, friend):
        for text in ("arbosca", "ARBOSCA", "https://example.org/companies/arbosca/"):
            team = found(friend, made_of=MadeOf.EMPLOYEES, company=text)
            assert (team.company_id, team.is_confirmed) == (company.id, False)

    def test_counts_only_for_a_team_of_employees(self, company, friend):
        assert found(friend, company="Arbosca").company_id is None

    def test_confirms_refuses_and_is_asked_anew_about_another(self, company, friend, db):
        team = found(friend, made_of=MadeOf.EMPLOYEES, company="Arbosca")
        boss = factories.make_member(company).user_id
        by = db.get(type(friend), boss)
        with atomic():
            service.confirm_team(team_id=team.id, by=by, now=clock.now())
        assert team.is_confirmed
        wish = TeamWish(team.name, MadeOf.EMPLOYEES, "New words", True, "Arbosca")
        with atomic():
            service.change_team(team_id=team.id, wish=wish)
        assert team.is_confirmed
        factories.make_company(name="Other")
        with atomic():
            service.change_team(
                team_id=team.id, wish=TeamWish(team.name, MadeOf.EMPLOYEES, "", True, "Other")
            )
        assert not team.is_confirmed
        with atomic():
            service.refuse_team(team_id=team.id, by=by, now=clock.now())
        assert team.company_id is None
        done = db.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.at)).all()
        assert done == ["team.confirmed", "team.refused"]


class TestJoin:
    def test_twice_is_once(self, team, friend, join):
        assert join(friend).id == join(friend, is_named=True).id

    def test_needs_the_link_where_the_team_is_not_public(self, friend, captain):
        team = found(captain, is_public=False)
        how = {"team_id": team.id, "is_named": False, "by": friend, "now": clock.now()}
        with pytest.raises(CannotJoin), atomic():
            service.join(**how)
        with atomic():
            service.join(**how, is_invited=True)
        assert member_of(team, friend) is not None

    def test_is_refused_where_the_operator_suspended_the_team(self, team, friend, join):
        staff = factories.make_user(is_operator=True)
        with atomic():
            service.settle_complaints(
                team_id=team.id, is_suspended=True, reason="No", by=staff, now=clock.now()
            )
        with pytest.raises(CannotJoin):
            join(friend, is_invited=True)


class TestRemove:
    def test_keeps_out_until_a_new_link_is_given(self, team, captain, friend, join):
        member, link = join(friend), team.token
        with atomic():
            service.remove(team_id=team.id, member_id=member.id, by=captain, now=clock.now())
        assert team.token != link
        with pytest.raises(CannotJoin):
            join(friend, at=clock.now())
        assert join(friend, at=clock.now(), is_invited=True).left_at is None

    def test_does_not_remove_the_captain(self, team, captain):
        with pytest.raises(CaptainStays), atomic():
            service.remove(
                team_id=team.id,
                member_id=member_of(team, captain).id,
                by=captain,
                now=clock.now(),
            )

    def test_knows_nobody_of_another_team(self, team, captain, friend):
        other = member_of(found(friend, name="Another"), friend)
        with pytest.raises(NotFound), atomic():
            service.remove(team_id=team.id, member_id=other.id, by=captain, now=clock.now())


class TestLeave:
    def test_asks_a_captain_of_others_to_hand_over_first(self, team, captain, friend, join):
        member = join(friend)
        with pytest.raises(CaptainStays), atomic():
            service.leave(team_id=team.id, by=captain, now=clock.now())
        with atomic():
            service.hand_over(team_id=team.id, member_id=member.id, by=captain, now=clock.now())
        assert member_of(team, captain).role is TeamRole.MEMBER
        assert member_of(team, friend).role is TeamRole.CAPTAIN
        with atomic():
            service.leave(team_id=team.id, by=captain, now=clock.now())
        assert member_of(team, captain) is None
        assert team.dissolved_at is None

    def test_dissolves_what_nobody_is_in(self, team, captain):
        with atomic():
            service.leave(team_id=team.id, by=captain, now=clock.now())
        assert team.dissolved_at is not None

    def test_is_for_members(self, team, friend):
        with pytest.raises(NotFound), atomic():
            service.leave(team_id=team.id, by=friend, now=clock.now())

    def test_hands_over_to_oneself_without_effect(self, team, captain):
        own = member_of(team, captain)
        with atomic():
            service.hand_over(team_id=team.id, member_id=own.id, by=captain, now=clock.now())
        assert member_of(team, captain).role is TeamRole.CAPTAIN


class TestDissolve:
    def test_ends_every_membership(self, team, captain, friend, join):
        join(friend)
        with atomic():
            service.dissolve(team_id=team.id, by=captain, now=clock.now())
        assert queries.list_memberships(friend.id) == []
        assert queries.list_public().rows == []
        with pytest.raises(NotFound):
            join(friend)


class TestErasure:
    @pytest.fixture
    def person(self, db):
        return make_person(name="Rosalba Quattrocchi", email="rosalba@example.org")

    def erase(self, person):
        with atomic():
            privacy.erase(user_id=person.id, actor=None, reason="", now=clock.now())

    def test_takes_the_name_away_and_leaves_the_number(self, team, person, join, buy):
        join(person, is_named=True)
        buy(person)
        self.erase(person)
        assert [name for name, _captain in queries.list_names(team.id)] == ["Elena Bassi"]
        assert queries.count_members(team.id) == 1
        assert queries.standing_of_team(team.id, "EUR").pledge.given_minor == 372

    def test_lets_who_is_in_it_longest_lead_on(self, person, friend, db):
        team = found(person)
        with atomic():
            for user in (friend, factories.make_user()):
                service.join(team_id=team.id, is_named=False, by=user, now=clock.now())
        self.erase(person)
        assert member_of(team, friend).role is TeamRole.CAPTAIN

    def test_dissolves_a_team_of_one(self, person):
        team = found(person)
        self.erase(person)
        assert team.dissolved_at is not None

    def test_takes_the_link_away(self, person):
        with atomic():
            token = service.share_impact(
                user_id=person.id,
                shows_amounts=True,
                shows_name=True,
                is_indexed=True,
                now=clock.now(),
            ).token
        self.erase(person)
        with pytest.raises(NotFound):
            queries.get_shared(token)


class TestChallenge:
    def wish(self, begins=0, ends=10):
        today = clock.now().date()
        days = today + timedelta(days=begins), today + timedelta(days=ends)
        return ChallengeWish("Three projects", Counts.PROJECTS, 3, *days)

    @pytest.mark.parametrize(("begins", "ends"), [(5, 4), (-9, -1), (0, 366)])
    def test_has_days_in_order_that_are_not_over_nor_too_many(self, team, begins, ends):
        with pytest.raises(Invalid) as refused, atomic():
            service.set_challenge(team_id=team.id, wish=self.wish(begins, ends), now=clock.now())
        assert "ends_on" in refused.value.fields

    def test_is_one_at_a_time(self, team):
        with atomic():
            first = service.set_challenge(team_id=team.id, wish=self.wish(), now=clock.now())
        with pytest.raises(Invalid), atomic():
            service.set_challenge(team_id=team.id, wish=self.wish(), now=clock.now())
        with atomic():
            service.withdraw_challenge(team_id=team.id, challenge_id=first.id, now=clock.now())
        with pytest.raises(NotFound), atomic():
            service.withdraw_challenge(team_id=team.id, challenge_id=first.id, now=clock.now())
        with atomic():
            second = service.set_challenge(team_id=team.id, wish=self.wish(), now=clock.now())
        assert [row.id for row in queries.list_challenges(team.id, "EUR")] == [second.id]

    def test_stays_once_it_is_over(self, team):
        with atomic():
            made = service.set_challenge(team_id=team.id, wish=self.wish(), now=clock.now())
        later = clock.now() + timedelta(days=20)
        with pytest.raises(NotFound), atomic():
            service.withdraw_challenge(team_id=team.id, challenge_id=made.id, now=later)
        assert queries.list_challenges(team.id, "EUR")[0].id == made.id


class TestComplain:
    def test_is_once_until_it_is_settled(self, team, friend, db):
        staff = factories.make_user(is_operator=True)

        def complain(why):
            with atomic():
                service.complain(team_id=team.id, why=why, by=friend, now=clock.now())
            return db.scalars(sa.select(TeamComplaint.why)).all()

        assert complain("Rude") == ["Rude"]
        assert complain("Very rude") == ["Rude"]
        with atomic():
            service.settle_complaints(
                team_id=team.id, is_suspended=False, reason="Fine", by=staff, now=clock.now()
            )
        assert queries.list_complaints() == []
        assert complain("New name, ruder") == ["New name, ruder"]
        assert len(queries.list_complaints()) == 1


class TestShare:
    def test_is_one_a_person_made_anew_and_revoked(self, captain):
        what = {"shows_amounts": False, "shows_name": False, "is_indexed": False}
        now = clock.now()
        with atomic():
            first = service.share_impact(user_id=captain.id, now=now, **what).token
            same = service.share_impact(user_id=captain.id, now=now, **what | {"shows_name": True})
        assert same.token == first
        with atomic():
            service.renew_share(user_id=captain.id, now=now)
        with pytest.raises(NotFound):
            queries.get_shared(first)
        second = queries.find_share(captain.id).token
        assert queries.get_shared(second).shows_name
        with atomic():
            service.revoke_share(user_id=captain.id)
            service.revoke_share(user_id=captain.id)
        with pytest.raises(NotFound):
            queries.get_shared(second)
        with pytest.raises(NotFound), atomic():
            service.renew_share(user_id=captain.id, now=now)


def test_named_members_are_present_and_active(team, captain, friend, join, db):
    join(friend, is_named=True)
    assert [name for name, _captain in queries.list_names(team.id)] == [
        "Elena Bassi",
        "Tommaso Riva",
    ]
    friend.blocked_at = clock.now()
    db.flush()
    assert queries.list_names(team.id) == [("Elena Bassi", True)]
    assert db.scalar(sa.select(sa.func.count()).select_from(TeamMember)) == 2
    assert WISH.name == team.name
