"""Pages of teams and of shared impact: who sees what, and that hostile input does nothing."""

import io
import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from marketplace.community import jobs, queries, service
from marketplace.community.rules import Counts, MadeOf
from marketplace.community.service import ChallengeWish, TeamWish
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.paging import encode_cursor
from marketplace.following import service as following
from marketplace.following.rules import Kind
from marketplace.projects.service import post_update
from marketplace.reconciliation.queries import Hold
from tests import factories
from tests.community.conftest import WISH
from tests.impact.test_views import views as impact_views
from tests.statements import statements

NOBODY = "0199e000-0000-7000-8000-000000000000"
YEAR = clock.now().year


@pytest.fixture
def private(captain):
    with atomic():
        return service.found_team(
            wish=TeamWish("Cousins", MadeOf.FRIENDS, "", is_public=False),
            is_named=True,
            currency="EUR",
            by=captain,
            now=clock.now(),
        )


@pytest.fixture
def as_captain(client, captain, sign_in, team):
    sign_in(client, captain)
    return f"/teams/{team.slug}"


def suspend(team, reason="It pretends to be the town"):
    with atomic():
        service.settle_complaints(
            team_id=team.id,
            is_suspended=True,
            reason=reason,
            by=factories.make_user(is_operator=True),
            now=clock.now(),
        )


def _people(count):
    return [factories.make_user() for _person in range(count)]


def words(**how):
    return {"name": "Tea", "made_of": "friends", "about": "", "is_public": "1", "company": ""} | how


class TestTeam:
    def test_keeps_whose_money_it_is_apart(self, client, team, captain, buy):
        buy(captain)
        page = client.get(f"/teams/{team.slug}").text
        assert "€3.72" in page
        assert "€2.00" in page
        assert "€5.72" not in page  # the two are never one sum
        assert "<strong>eat</strong>" in page
        assert "Elena Bassi" in page
        assert "Springs" in page

    def test_shows_only_who_wants_to_be_seen(self, client, team, friend, join):
        join(friend)
        page = client.get(f"/teams/{team.slug}").text
        assert "Tommaso" not in page
        assert "2 people" in page

    def test_is_nobody_elses_business_where_it_is_by_invitation(
        self, client, private, friend, captain, sign_in
    ):
        assert client.get(f"/teams/{private.slug}").status_code == 404
        assert client.get(f"/share/teams/{private.slug}").status_code == 404
        assert client.get(f"/teams/{private.slug}/news.atom").status_code == 404
        assert "Cousins" not in client.get("/teams").text
        sign_in(client, friend)
        assert client.get(f"/teams/{private.slug}").status_code == 404
        sign_in(client, captain)
        page = client.get(f"/teams/{private.slug}")
        assert page.status_code == 200
        assert 'content="noindex"' in page.text
        assert client.get(f"/share/teams/{private.slug}").status_code == 404

    def test_is_seen_by_members_only_while_it_is_suspended(self, client, team, captain, sign_in):
        suspend(team)
        assert client.get(f"/teams/{team.slug}").status_code == 404
        assert team.name not in client.get("/teams").text
        sign_in(client, captain)
        assert "It pretends to be the town" in client.get(f"/teams/{team.slug}").text

    def test_shows_no_sums_while_a_difference_is_not_explained(
        self, client, team, captain, buy, monkeypatch
    ):
        buy(captain)
        monkeypatch.setattr(impact_views.published, "hold", lambda: Hold(since=clock.now()))
        page = client.get(f"/teams/{team.slug}").text
        assert "€3.72" not in page
        assert "no sums" in page

    def test_is_shared_like_a_project(self, client, team, captain, buy):
        buy(captain)
        page = client.get(f"/teams/{team.slug}").text
        assert f"http://localhost/share/teams/{team.slug}.png" in page
        picture = client.get(f"/share/teams/{team.slug}.png")
        assert Image.open(io.BytesIO(picture.data)).size == (1200, 630)
        assert "€3.72" in client.get(f"/share/teams/{team.slug}").text
        told = client.get(f"/oembed?url=http://localhost/teams/{team.slug}").json
        assert told["title"] == team.name

    def test_costs_few_statements(self, client, team, captain, buy, engine):
        buy(captain)
        for address in ("/teams", f"/teams/{team.slug}", f"/teams/{team.slug}/news.atom"):
            with statements(engine) as seen:
                assert client.get(address).status_code == 200
            assert len(seen) <= 8, address


class TestFeed:
    def test_tells_of_challenges_and_months(self, client, team, captain, buy, run_jobs):
        order = buy(captain)
        order.placed_at = clock.now() - timedelta(days=40)
        team_began = clock.now() - timedelta(days=60)
        queries.find_membership(team.id, captain.id).joined_at = team_began
        today = clock.now().date()
        long_ago = clock.now() - timedelta(days=50)
        with atomic():
            service.set_challenge(
                team_id=team.id,
                wish=ChallengeWish(
                    "Nine <b>", Counts.PROJECTS, 9, long_ago.date(), today - timedelta(days=2)
                ),
                now=long_ago,
            )
        jobs.look_at_challenges()
        run_jobs()
        feed = client.get(f"/teams/{team.slug}/news.json").json
        titles = [item["title"] for item in feed["items"]]
        assert "Not reached: Nine <b>" in titles
        assert "Set out: Nine <b>" in titles
        assert "The team was founded" in titles
        assert any("€3.72" in item["content_html"] for item in feed["items"])
        assert len({item["id"] for item in feed["items"]}) == len(titles)
        assert ET.fromstring(client.get(f"/teams/{team.slug}/news.atom").data).tag.endswith("feed")


class TestFounding:
    def test_needs_an_account_and_ends_with_the_link(self, client, friend, sign_in):
        assert client.get("/teams/new").status_code == 303
        sign_in(client, friend)
        answer = client.post("/teams/new", data=words(is_named="1"))
        assert answer.location == "/teams/tea/people"
        token = queries.get_team("tea").token
        assert f"/teams/invitation/{token}" in client.get(answer.location).text

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"name": "ab"}, "Please fill this in, with at most 80"),
            ({"name": "\u200b\u202e\u200b"}, "Please fill this in"),
            ({"made_of": "army"}, "Choose one of what is offered"),
            ({"about": "x" * 2001}, "too long"),
            ({"made_of": "employees", "company": "Nobody Inc"}, "No company with this name"),
            ({"is_public": "perhaps"}, "could not be understood"),
        ],
    )
    def test_says_what_is_wrong_and_loses_nothing(self, client, friend, sign_in, wrong, says):
        sign_in(client, friend)
        answer = client.post("/teams/new", data=words(about="Kept <i>words</i>") | wrong)
        assert answer.status_code == 422
        assert says in answer.text
        if "about" not in wrong:
            assert "Kept &lt;i&gt;words" in answer.text

    def test_lets_no_markup_through(self, client, friend, sign_in):
        sign_in(client, friend)
        evil = words(name="<script>1</script>", about="<img src=x> [x](javascript:alert(1))")
        answer = client.post("/teams/new", data=evil)
        page = client.get(answer.location.removesuffix("/people")).text
        assert "<script>1" not in page
        assert "<img src=x>" not in page
        assert 'href="javascript' not in page

    def test_is_limited(self, client, friend, sign_in):
        sign_in(client, friend)
        answers = [client.post("/teams/new", data=words()).status_code for _time in range(11)]
        assert answers == [303] * 10 + [429]


class TestJoining:
    def test_asks_first_whether_to_be_named(self, client, team, friend, sign_in):
        sign_in(client, friend)
        page = f"/teams/{team.slug}/join"
        assert "counts for the team, too" in client.get(page).text
        assert client.post(page, data={"is_named": "1"}).location == f"/teams/{team.slug}"
        assert "Tommaso Riva" in client.get(f"/teams/{team.slug}").text
        assert client.get(page).status_code == 303
        client.post(f"/teams/{team.slug}/name", data={"is_named": "0"})
        assert ">Tommaso Riva<" not in client.get(f"/teams/{team.slug}").text

    def test_leads_by_the_link_into_a_team_by_invitation(self, client, private, friend, sign_in):
        page = client.get(f"/teams/invitation/{private.token}")
        assert "Sign in to join" in page.text
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        sign_in(client, friend)
        assert client.post(f"/teams/{private.slug}/join", data={"token": "x"}).status_code == 404
        assert client.post(f"/teams/{private.slug}/join").status_code == 404
        answer = client.post(f"/teams/{private.slug}/join", data={"token": private.token})
        assert answer.location == f"/teams/{private.slug}"
        assert client.get(f"/teams/invitation/{private.token}").status_code == 303

    def test_ends_at_a_link_that_was_made_anew(self, client, private, captain, sign_in):
        old = private.token
        sign_in(client, captain)
        client.post(f"/teams/{private.slug}/link")
        assert client.get(f"/teams/invitation/{old}").status_code == 404

    def test_ends_at_a_suspended_team(self, client, private):
        suspend(private)
        assert client.get(f"/teams/invitation/{private.token}").status_code == 404

    def test_says_so_to_who_was_removed(self, client, team, friend, captain, join, sign_in):
        member = join(friend)
        with atomic():
            service.remove(team_id=team.id, member_id=member.id, by=captain, now=clock.now())
        sign_in(client, friend)
        assert "by its link only" in client.get(f"/teams/{team.slug}/join").text
        assert client.post(f"/teams/{team.slug}/join").status_code == 403

    def test_refuses_what_does_not_belong_there(self, client, team, friend, sign_in):
        sign_in(client, friend)
        answer = client.post(f"/teams/{team.slug}/join", data={"role": "captain"})
        assert answer.status_code == 422


class TestLeading:
    def test_is_the_captains_alone(self, client, team, friend, join, sign_in):
        member = join(friend)
        sign_in(client, friend)
        at = f"/teams/{team.slug}"
        for page in ("words", "challenge"):
            assert client.get(f"{at}/{page}").status_code == 403
        deeds = ("link", "dissolve", f"people/{member.id}/captain", f"people/{member.id}/remove")
        for deed in (*deeds, f"challenge/{NOBODY}/withdraw"):
            assert client.post(f"{at}/{deed}").status_code == 403, deed
        assert queries.find_membership(team.id, friend.id) is not None

    def test_shows_members_each_other_and_strangers_nobody(
        self, client, team, friend, sign_in, join
    ):
        sign_in(client, factories.make_user())
        assert client.get(f"/teams/{team.slug}/people").status_code == 404
        join(friend, is_named=True)
        third = factories.make_user(name="Hidden Person")
        join(third)
        sign_in(client, friend)
        page = client.get(f"/teams/{team.slug}/people").text
        assert "Elena Bassi" in page
        assert "Hidden Person" not in page

    def test_hands_over_removes_and_dissolves(self, client, as_captain, team, friend, join):
        member, third = join(friend), join(factories.make_user(name="Nora Third"))
        assert "Nora Third" in client.get(f"{as_captain}/people").text
        client.post(f"{as_captain}/people/{third.id}/remove")
        assert "Nora Third" not in client.get(f"{as_captain}/people").text
        assert client.post(f"{as_captain}/leave").status_code == 409
        assert client.post(f"{as_captain}/people/{NOBODY}/captain").status_code == 404
        client.post(f"{as_captain}/people/{member.id}/captain")
        assert client.post(f"{as_captain}/dissolve").status_code == 403
        assert client.post(f"{as_captain}/leave").status_code == 303
        assert queries.count_members(team.id) == 1

    def test_dissolves_for_good(self, client, as_captain):
        assert client.post(f"{as_captain}/dissolve").status_code == 303
        assert client.get(as_captain).status_code == 404

    def test_changes_what_is_said(self, client, as_captain):
        assert WISH.name in client.get(f"{as_captain}/words").text
        assert client.post(f"{as_captain}/words", data=words(name="x")).status_code == 422
        assert client.post(f"{as_captain}/words", data=words(name="Tea & cake")).status_code == 303
        assert "Tea &amp; cake" in client.get(as_captain).text


class TestChallenge:
    def said(self, **how):
        today = clock.now().date()
        last = today + timedelta(days=9)
        days = {"starts_on": str(today), "ends_on": str(last)}
        return {"title": "For the springs", "counts": "pledge", "goal": "3.00"} | days | how

    def test_stands_on_the_page_until_it_is_taken_back(
        self, client, as_captain, team, captain, buy
    ):
        assert client.post(f"{as_captain}/challenge", data=self.said()).status_code == 303
        buy(captain)
        page = client.get(as_captain).text
        assert "€3.72 of €3.00" in page
        assert "reached" in page
        assert "€3.72 of it may still be returned" in page
        (row,) = queries.list_challenges(team.id, "EUR")
        client.post(f"{as_captain}/challenge/{row.id}/withdraw")
        assert "For the springs" not in client.get(as_captain).text

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"goal": "many"}, "above zero"),
            ({"goal": "-3"}, "above zero"),
            ({"goal": "0"}, "above zero"),
            ({"goal": "9" * 18}, "above zero"),
            ({"counts": "people", "goal": "3.5"}, "above zero"),
            ({"counts": "money"}, "Choose one"),
            ({"ends_on": "2020-01-01"}, "ends before it begins"),
            ({"ends_on": "tomorrow"}, "Write the day like"),
            ({"title": " \u200b "}, "Please fill this in"),
        ],
    )
    def test_says_what_is_wrong(self, client, as_captain, wrong, says):
        answer = client.post(f"{as_captain}/challenge", data=self.said(**wrong))
        assert answer.status_code == 422
        assert says in answer.text

    def test_reads_amounts_as_the_language_writes_them(self, client, as_captain, team):
        said = self.said(goal="1.250,50")
        assert client.post(f"/it{as_captain}/challenge", data=said).status_code == 303
        assert queries.list_challenges(team.id, "EUR")[0].goal == 125_050


class TestCompany:
    def test_confirms_only_its_own(self, client, captain, sign_in):
        company = factories.make_company(name="Arbosca")
        wish = TeamWish("Looms", MadeOf.EMPLOYEES, "", True, "Arbosca")
        with atomic():
            team = service.found_team(
                wish=wish, is_named=False, currency="EUR", by=captain, now=clock.now()
            )
        assert "Arbosca" not in client.get(f"/teams/{team.slug}").text
        elsewhere, stranger, boss = factories.make_company(), *_people(2)
        factories.make_member(elsewhere, stranger)
        factories.make_member(company, boss)
        sign_in(client, stranger)
        where = f"/company/{company.slug}/teams"
        assert client.get(where).status_code == 404
        theirs = f"/company/{elsewhere.slug}/teams/{team.id}"
        assert client.post(theirs, data={"what": "confirm"}).status_code == 404
        sign_in(client, boss)
        assert "Looms" in client.get(where).text
        assert client.post(f"{where}/{team.id}", data={"what": "x"}).status_code == 404
        assert client.post(f"{where}/{team.id}", data={"what": "confirm"}).status_code == 303
        assert "confirmed by Arbosca" in client.get(f"/teams/{team.slug}").text
        assert "confirmed by Arbosca" in client.get("/teams").text
        client.post(f"{where}/{team.id}", data={"what": "refuse"})
        assert "Looms" not in client.get(where).text


class TestStaff:
    def test_hears_complaints_suspends_and_lifts(self, client, team, friend, sign_in):
        sign_in(client, friend)
        at = f"/teams/{team.slug}/complaint"
        assert client.get(at).status_code == 200
        assert client.post(at, data={"why": ""}).status_code == 422
        assert client.post(at, data={"why": "An insult"}).status_code == 303
        sign_in(client, factories.make_user(is_operator=True))
        assert "Complaints about teams" in client.get("/staff").text
        assert "An insult" in client.get("/staff/teams").text
        where = f"/staff/teams/{team.id}"
        assert client.post(where, data={"what": "suspend"}).status_code == 422
        assert client.post(where, data={"what": "suspend", "reason": "It is"}).status_code == 303
        assert "It is" in client.get("/staff/teams").text
        assert client.get(f"/teams/{team.slug}").status_code == 200
        assert client.post(where, data={"what": "lift", "reason": "Renamed"}).status_code == 303
        assert "It is" not in client.get("/staff/teams").text
        nobody = client.post(f"/staff/teams/{NOBODY}", data={"what": "keep", "reason": "x"})
        assert nobody.status_code == 404


class TestList:
    def test_knows_its_end_and_no_nonsense(self, client, team):
        assert team.name in client.get("/teams?after=nonsense").text
        assert client.get("/teams?after=WyJ6IiwgIjAxOTllMDAwIl0").status_code == 200  # no id in it
        end = encode_cursor(("zzz", NOBODY))
        assert "The list ends here" in client.get(f"/teams?after={end}").text

    def test_says_so_where_there_is_none(self, client):
        assert "No team yet" in client.get("/teams").text


class TestSharing:
    @pytest.fixture
    def share(self, client, captain, sign_in, buy):
        """Return what makes a link, and reads it as a stranger would."""

        def made(**how):
            order = buy(captain)
            sign_in(client, captain)
            assert client.post("/account/impact/share", data=how).status_code == 303
            with client.session_transaction() as cookie:
                cookie.clear()
            return queries.find_share(captain.id).token, order

        return made

    def test_is_private_until_somebody_shares(self, client, captain, sign_in):
        sign_in(client, captain)
        assert "Only you see this" in client.get("/account/impact").text
        assert "Nobody but you" in client.get("/account/impact/share").text
        assert client.get("/impact/shared/x").status_code == 404

    def test_shows_no_amount_and_no_name_unless_asked_to(self, client, share):
        token, order = share()
        page = client.get(f"/impact/shared/{token}")
        assert page.status_code == 200
        assert "€" not in page.text
        assert "Elena" not in page.text
        assert "Springs" in page.text
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert page.headers["Cache-Control"] == "no-store"
        for private in (order.number, order.token, "Towels", "Beans", "Via Po"):
            assert private not in page.text

    def test_shows_what_was_chosen(self, client, share):
        token, order = share(shows_amounts="1", shows_name="1", is_indexed="1")
        page = client.get(f"/impact/shared/{token}")
        assert "€3.72" in page.text
        assert "€5.72" not in page.text
        assert "Elena Bassi" in page.text
        assert "X-Robots-Tag" not in page.headers
        assert "noindex" not in page.text
        assert "Towels" not in page.text
        assert order.number not in page.text

    def test_is_gone_after_revoking_and_renewing(self, client, share, captain, sign_in):
        token, _order = share()
        sign_in(client, captain)
        client.post("/account/impact/share/renew")
        assert client.get(f"/impact/shared/{token}").status_code == 404
        again = queries.find_share(captain.id).token
        assert client.get(f"/impact/shared/{again}").status_code == 200
        client.post("/account/impact/share/revoke")
        for address in ("", f"/{YEAR}", f"/{YEAR}.png"):
            assert client.get(f"/impact/shared/{again}{address}").status_code == 404

    def test_refuses_what_does_not_belong_there(self, client, captain, sign_in):
        sign_in(client, captain)
        assert client.post("/account/impact/share", data={"token": "x"}).status_code == 422

    def test_costs_few_statements(self, client, share, engine):
        token, _order = share(shows_amounts="1")
        for address in ("", f"/{YEAR}"):
            with statements(engine) as seen:
                client.get(f"/impact/shared/{token}{address}")
            assert len(seen) <= 8

    def test_is_in_the_copy_of_ones_data_without_its_secret(self, client, share, captain, sign_in):
        token, _order = share()
        sign_in(client, captain)
        copy = client.get("/account/data.json")
        assert copy.json["impact_share"][0]["shows_name"] is False
        assert token not in json.dumps(copy.json)


class TestAccount:
    def test_begins_with_what_the_purchases_gave(self, client, captain, buy, sign_in, engine):
        order = buy(captain)
        sign_in(client, captain)
        with statements(engine) as seen:
            page = client.get("/account").text
        figures = re.findall(r'<p class="fig__n">(.*?)</p><p class="fig__l">(.*?)</p>', page)
        assert [(re.sub("<.*?>", "", number), label) for number, label in figures] == [
            ("€3.72", "Given by companies, sent where you chose"),
            ("€2.00", "Your own donations"),
            ("3", "projects that you chose"),
        ]
        assert f'href="/receipt/{order.token}">{order.number}</a>' in page
        assert len(seen) <= 10

    def test_tells_the_last_of_what_is_followed(self, client, captain, sign_in):
        project, owner = factories.make_project(), factories.make_user()
        factories.make_owner(project, owner)
        with atomic():
            following.follow(
                kind=Kind.PROJECT, thing_id=project.id, user_id=captain.id, now=clock.now()
            )
            post_update(
                project=project,
                author=owner,
                title="The third tap opens",
                body="-",
                now=clock.now(),
            )
        sign_in(client, captain)
        assert "The third tap opens" in client.get("/account").text

    def test_says_what_to_do_where_there_is_nothing(self, client, captain, sign_in):
        sign_in(client, captain)
        page = client.get("/account").text
        assert "No orders yet" in page
        assert 'href="/projects"' in page
        assert "fig__n" not in page


class TestYear:
    def test_keeps_own_gifts_apart(self, client, captain, buy, sign_in):
        buy(captain)
        sign_in(client, captain)
        page = client.get(f"/account/impact/{YEAR}").text
        assert "3 projects got something" in page
        assert "€3.72" in page
        assert "€2.00" in page
        assert "€5.72" not in page
        assert f"/account/impact/{YEAR}" in client.get("/account/impact").text

    def test_is_kind_about_a_year_without_purchases(self, client, captain, sign_in):
        sign_in(client, captain)
        page = client.get(f"/account/impact/{YEAR - 1}")
        assert "that is fine" in page.text
        assert client.get(f"/account/impact/{YEAR - 1}.png").status_code == 200

    @pytest.mark.parametrize("year", [1, 2024, YEAR + 1, 99_999_999])
    def test_is_one_that_was_lived_here(self, client, captain, sign_in, year):
        sign_in(client, captain)
        for ending in ("", ".png"):
            assert client.get(f"/account/impact/{year}{ending}").status_code == 404

    def test_is_one_picture_too(self, client, captain, buy, sign_in):
        buy(captain)
        sign_in(client, captain)
        drawn = set()
        for asked in ("", "?amounts=1", "?amounts=1&name=1"):
            answer = client.get(f"/account/impact/{YEAR}.png{asked}")
            assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
            assert "no-store" in answer.headers["Cache-Control"]
            drawn.add(answer.data)
        assert len(drawn) == 3

    def test_is_drawn_for_the_link_as_it_says(self, client, captain, buy, sign_in):
        buy(captain)
        with atomic():
            token = service.share_impact(
                user_id=captain.id,
                shows_amounts=False,
                shows_name=False,
                is_indexed=False,
                now=clock.now(),
            ).token
        page = client.get(f"/impact/shared/{token}/{YEAR}").text
        assert "€" not in page
        assert re.search(rf'og:image" content="http://localhost/impact/shared/{token}', page)
        shared = client.get(f"/impact/shared/{token}/{YEAR}.png").data
        sign_in(client, captain)
        assert client.get(f"/account/impact/{YEAR}.png").data == shared
