"""Following teams, what is told of them, and the letters to their people."""

from datetime import timedelta

import pytest

from marketplace.community import jobs, queries, service
from marketplace.community.rules import Counts, MadeOf
from marketplace.community.service import ChallengeWish, TeamWish
from marketplace.core import clock
from marketplace.core.days import long_day
from marketplace.core.db import atomic
from marketplace.following import queries as news
from marketplace.following import service as following
from marketplace.following.queries import Scope
from marketplace.following.rules import Frequency, Kind, NewsKind
from marketplace.following.service import put_in_words
from marketplace.reconciliation.queries import Hold
from tests import factories
from tests.community.conftest import make_team

DAY = timedelta(days=1)
PRIVATE = TeamWish("Cousins & co", MadeOf.FRIENDS, "", is_public=False)


@pytest.fixture
def letters(app):
    found = app.extensions["post"].letters
    found.clear()
    return found


@pytest.fixture
def private(db, captain):
    return make_team(captain, clock.now() - 2 * DAY, PRIVATE)


@pytest.fixture
def reader(db):
    return factories.make_user(name="Zoé", email="zoe@example.org")


def follow(team, user, frequency=Frequency.AT_ONCE, since=None):
    with atomic():
        following.follow(
            kind=Kind.TEAM,
            thing_id=team.id,
            user_id=user.id,
            frequency=frequency,
            now=since or clock.now() - DAY,
        )


def set_out(team, goal=1, *, begins=0, ends=20, counts=Counts.PROJECTS):
    """Set a challenge on its first day."""
    first = clock.now() + begins * DAY
    wish = ChallengeWish("One <b>", counts, goal, first.date(), (clock.now() + ends * DAY).date())
    with atomic():
        return service.set_challenge(team_id=team.id, wish=wish, now=first)


def look(run_jobs):
    jobs.look_at_challenges()
    run_jobs()


def heard(user):
    return [put_in_words(one, "en").title for one in news.list_followed_news(user.id).rows]


def told(team):
    return [one.kind for one in news.list_news(Scope(Kind.TEAM, team.id)).rows]


class TestChallenges:
    def test_are_told_when_they_begin_and_when_they_are_reached(
        self, team, captain, reader, buy, run_jobs, letters, monkeypatch
    ):
        follow(team, reader)
        set_out(team)
        buy(captain)
        with monkeypatch.context() as patched:
            patched.setattr(jobs.published, "hold", lambda: Hold(since=clock.now()))
            look(run_jobs)
        assert heard(reader) == ["Set out: One <b>"]
        letters.clear()
        for _hour in range(2):
            look(run_jobs)
        assert heard(reader) == ["Reached: One <b>", "Set out: One <b>"]
        (letter,) = [one for one in letters if one["To"] == reader.email]
        assert letter["Subject"] == f"{team.name}: Reached: One <b>"
        text = letter.get_body(("plain",)).get_content()
        assert "The team set out for this: 1 project." in text
        assert f"/en/teams/{team.slug}#challenges" in text
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_are_not_told_before_they_begin_nor_after_they_were_taken_back(
        self, team, captain, run_jobs
    ):
        ahead = set_out(team, begins=0, ends=3)
        ahead.starts_on += DAY
        look(run_jobs)
        assert told(team) == []
        ahead.starts_on -= DAY
        look(run_jobs)
        assert told(team) == [NewsKind.CHALLENGE]
        with atomic():
            service.withdraw_challenge(team_id=team.id, challenge_id=ahead.id, now=clock.now())
        look(run_jobs)
        assert told(team) == []

    def test_end_plainly(self, team, run_jobs):
        set_out(team, 90, begins=-9, ends=-2)
        look(run_jobs)
        (end, begin) = news.list_news(Scope(Kind.TEAM, team.id)).rows
        assert end.kind is NewsKind.NOT_REACHED
        assert end.at.date() == (clock.now() - DAY).date()
        words = put_in_words(end, "en")
        assert words.title == "Not reached: One <b>"
        assert "90 projects" in words.text
        assert begin.urn != end.urn

    @pytest.mark.parametrize(
        ("counts", "says"), [(Counts.PLEDGE, "€2.50"), (Counts.PEOPLE, "250 people")]
    )
    def test_say_what_they_count(self, team, run_jobs, counts, says):
        set_out(team, 250, counts=counts)
        look(run_jobs)
        (one,) = news.list_news().rows
        assert says in put_in_words(one, "en").text
        assert long_day((clock.now() + 20 * DAY).date(), "it") in put_in_words(one, "it").text

    def test_tell_no_end_while_a_difference_is_looked_into(self, team, run_jobs, monkeypatch):
        set_out(team, 90, begins=-9, ends=-2)
        monkeypatch.setattr(jobs.published, "hold", lambda: Hold(since=clock.now()))
        look(run_jobs)
        assert told(team) == [NewsKind.CHALLENGE]

    def test_are_looked_at_some_at_a_time(self, team, private, run_jobs, monkeypatch):
        set_out(team)
        set_out(private)
        monkeypatch.setattr(jobs, "AT_ONCE", 1)
        jobs.look_at_challenges()
        assert run_jobs().count("tell_challenges") == 2


class TestFollowingATeam:
    def test_begins_and_ends_at_its_button(self, client, team, reader, sign_in, run_jobs):
        assert "Follow this team" in client.get(f"/teams/{team.slug}").text
        sign_in(client, reader)
        answer = client.post(f"/teams/{team.slug}/follow")
        assert answer.location == f"/teams/{team.slug}"
        assert "Stop following" in client.get(answer.location).text
        set_out(team)
        look(run_jobs)
        page = client.get("/following").text
        assert "Set out: One &lt;b&gt;" in page
        assert f"/teams/{team.slug}#challenges" in page
        assert team.name in client.get("/account/letters").text
        client.post(f"/teams/{team.slug}/follow", data={"how": "stop"})
        assert news.count_followers(Kind.TEAM, team.id) == 0

    def test_is_for_members_where_it_is_by_invitation(
        self, client, private, reader, captain, sign_in, run_jobs, letters
    ):
        sign_in(client, reader)
        assert client.post(f"/teams/{private.slug}/follow").status_code == 404
        sign_in(client, captain)
        assert client.post(f"/teams/{private.slug}/follow").status_code == 303
        set_out(private)
        look(run_jobs)
        assert heard(captain) == ["Set out: One <b>"]
        assert [one["To"] for one in letters] == [captain.email]
        assert news.list_news().rows == []
        assert "Cousins" not in client.get("/news.atom").text

    @pytest.mark.parametrize("how", ["left", "private", "suspended"])
    def test_hears_nothing_of_what_one_may_not_see_any_more(
        self, team, reader, captain, join, run_jobs, letters, how
    ):
        join(reader)
        for frequency in (Frequency.AT_ONCE, Frequency.DAILY):
            follow(team, factories.make_user(), frequency)
        follow(team, reader)
        set_out(team)
        if how == "suspended":
            team.suspended_at, team.suspended_reason = clock.now(), "It pretends to be the town"
        else:
            team.is_public = False
            with atomic():
                service.leave(team_id=team.id, by=reader, now=clock.now())
        look(run_jobs)
        is_in = how == "suspended"  # its members see it still
        assert [one["To"] for one in letters] == ([reader.email] if is_in else [])
        assert bool(heard(reader)) is is_in
        assert bool(news.list_follows(reader.id)) is is_in
        until = clock.now() + DAY
        assert news.list_due(until.date(), until) == []

    def test_names_nobody_to_those_who_follow_a_person(self, team, captain, reader, run_jobs, db):
        company = factories.make_company()
        factories.make_member(company, captain)
        following.follow(
            kind=Kind.PERSON, thing_id=captain.id, user_id=reader.id, now=clock.now() - DAY
        )
        db.commit()
        set_out(team)
        look(run_jobs)
        assert heard(reader) == []

    def test_is_a_feed_of_what_was_told(self, client, team, run_jobs):
        set_out(team)
        look(run_jobs)
        items = client.get("/news.json").json["items"]
        own = client.get(f"/teams/{team.slug}/news.json").json["items"]
        (one,) = [item for item in items if "Set out" in item["title"]]
        assert one["id"] in [item["id"] for item in own]


class TestDissolved:
    def test_ends_following_with_a_note(
        self, client, team, captain, friend, reader, join, run_jobs, letters, sign_in
    ):
        join(friend)
        silent = factories.make_user()
        follow(team, reader)
        follow(team, friend)
        follow(team, silent, Frequency.NEVER)
        with atomic():
            service.dissolve(team_id=team.id, by=captain, now=clock.now())
        run_jobs()
        assert sorted(one["To"] for one in letters) == sorted(
            [captain.email, friend.email, reader.email]
        )
        assert {one["Subject"] for one in letters} == {f"The team {team.name} was dissolved"}
        assert news.count_followers(Kind.TEAM, team.id) == 0
        sign_in(client, reader)
        assert team.name not in client.get("/account/letters").text

    def test_is_told_to_its_people_only_where_it_was_by_invitation(
        self, private, captain, reader, run_jobs, letters
    ):
        follow(private, reader)
        with atomic():
            service.leave(team_id=private.id, by=captain, now=clock.now())
        run_jobs()
        assert letters == []
        assert news.count_followers(Kind.TEAM, private.id) == 0

    def test_goes_on_where_it_left_off(
        self, team, captain, friend, reader, join, run_jobs, letters, monkeypatch
    ):
        join(friend)
        follow(team, reader)
        follow(team, factories.make_user())
        monkeypatch.setattr(jobs, "AT_ONCE", 1)
        with atomic():
            service.dissolve(team_id=team.id, by=captain, now=clock.now())
        run_jobs()
        assert len({one["To"] for one in letters}) == len(letters) == 4


class TestLetters:
    def test_tell_who_was_removed_and_name_nobody(
        self, team, captain, friend, join, run_jobs, letters
    ):
        friend.locale = "fr"
        member = join(friend)
        with atomic():
            service.remove(team_id=team.id, member_id=member.id, by=captain, now=clock.now())
        run_jobs()
        (letter,) = letters
        assert letter["To"] == friend.email
        for kind in ("plain", "html"):
            text = letter.get_body((kind,)).get_content()
            assert team.name in text
            assert captain.name not in text
            assert f"/teams/{team.slug}" not in text

    def test_tell_who_leads_now_and_let_it_be_heard_of(
        self, team, captain, friend, reader, join, run_jobs, letters
    ):
        follow(team, reader)
        member = join(friend, is_named=True)
        first = queries.find_membership(team.id, captain.id)
        with atomic():
            service.hand_over(team_id=team.id, member_id=member.id, by=captain, now=clock.now())
        with atomic():
            service.hand_over(team_id=team.id, member_id=first.id, by=friend, now=clock.now())
        with atomic():
            service.hand_over(team_id=team.id, member_id=member.id, by=captain, now=clock.now())
        run_jobs()
        mine = [one for one in letters if one["To"] == friend.email]
        assert mine[0]["Subject"] == f"You lead the team {team.name} now"
        assert f"/teams/{team.slug}" in mine[0].get_body(("plain",)).get_content()
        one, _before = news.list_news(Scope(Kind.TEAM, team.id)).rows
        assert put_in_words(one, "en").text == "Tommaso Riva leads it now."
        member.is_named = False
        one, _before = news.list_news(Scope(Kind.TEAM, team.id)).rows
        assert put_in_words(one, "en").text == ""

    def test_tell_who_leads_after_somebody_was_forgotten(
        self, team, captain, friend, join, run_jobs, letters
    ):
        join(friend)
        with atomic():
            service.forget(user_id=captain.id, now=clock.now())
        run_jobs()
        assert [one["To"] for one in letters] == [friend.email]

    def test_tell_everybody_in_it_that_it_is_suspended_and_why(
        self, team, captain, friend, reader, join, run_jobs, letters
    ):
        join(friend)
        operator = factories.make_user()
        follow(team, reader)
        said = {"team_id": team.id, "reason": "It pretends <b> to be the town", "by": operator}
        with atomic():
            service.settle_complaints(**said, is_suspended=True, now=clock.now())
        run_jobs()
        assert {one["To"] for one in letters} == {captain.email, friend.email}
        text = letters[0].get_body(("plain",)).get_content()
        assert "It pretends <b> to be the town" in text
        assert "It pretends &lt;b&gt; to be" in letters[0].get_body(("html",)).get_content()
        letters.clear()
        with atomic():
            service.lift_suspension(**said, now=clock.now())
        jobs.team_mail(
            team_id=str(team.id),
            user_id=str(friend.id),
            what="suspended",
            at=clock.now().isoformat(),
        )
        assert letters == []  # it is lifted already
        run_jobs()
        assert {one["Subject"] for one in letters} == {f"The team {team.name} is seen again"}
