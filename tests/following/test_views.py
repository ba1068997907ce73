"""News, people, the button, and the page of all letters."""

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.models import MemberRole
from marketplace.companies import service as companies
from marketplace.following import queries, service
from marketplace.following.rules import (
    EVERYTHING,
    Frequency,
    Kind,
    person_slug,
    stop_token,
)
from marketplace.following.rules.letters import OPTIONAL
from marketplace.projects import service as projects
from tests import factories
from tests.factories import NOW
from tests.statements import statements

PROMISE = {
    "kind": "share", "pledge": "10", "until": None, "shipping": "0", "free_from": "",
    "ships_within_days": 5, "tagline": "", "about": "",
}  # fmt: skip


@pytest.fixture
def project(db):
    return factories.make_project(title="Springs", slug="springs")


@pytest.fixture
def owner(project):
    person = factories.make_user(name="Achieng’ Odera")
    factories.make_owner(project, person, title="Treasurer")
    return person


@pytest.fixture
def company(db):
    return factories.make_company(name="Loom", slug="loom")


@pytest.fixture
def reader(client, db, sign_in):
    person = factories.make_user(name="Zoé")
    sign_in(client, person)
    return person


def tell(project, owner, title="It runs", now=NOW):
    projects.post_update(project=project, author=owner, title=title, body="**Water**", now=now)


def promise(company, now=NOW):
    by = factories.make_user(name="Marta")
    factories.make_member(company, by, role=MemberRole.OWNER)
    companies.promise(company_id=company.id, said=PROMISE, by=by, now=now)


class TestFollowing:
    def test_says_what_to_do_where_nothing_is_followed(self, client, reader):
        assert "You follow nothing yet" in client.get("/following").text

    def test_shows_what_projects_companies_and_people_tell(
        self, client, project, owner, company, reader
    ):
        other = factories.make_project(title="Books")
        factories.make_owner(other, owner)
        client.post("/companies/loom/follow")
        client.post(f"/people/{person_slug(owner.name, owner.id)}/follow")
        assert "Nothing has been told yet" in client.get("/following").text
        tell(other, owner, "Read aloud")
        promise(company)
        text = client.get("/following").text
        assert "Read aloud" in text
        assert "Gives 10% of the price instead of 8% of the price" in text

    def test_goes_on_behind_the_last_one_each_once(self, client, project, owner, reader):
        client.post("/projects/springs/follow")
        for number in range(23):
            tell(project, owner, f"Day {number:02}.")
        first = client.get("/following").text
        more = client.get("/following?" + first.split("/following?")[1].split('"')[0]).text
        shown = [[f"Day {n:02}." in page for n in range(23)] for page in (first, more)]
        assert all(a != b for a, b in zip(*shown, strict=True))
        assert client.get("/following?after=forged").status_code == 200

    def test_costs_few_statements_however_much_is_followed(
        self, client, project, owner, reader, engine
    ):
        for _number in range(5):
            more = factories.make_project()
            service.follow(kind=Kind.PROJECT, thing_id=more.id, user_id=reader.id, now=NOW)
            tell(more, owner)
        with statements(engine) as seen:
            client.get("/following")
        assert len(seen) <= 6

    def test_is_of_who_is_signed_in(self, client, db):
        assert client.get("/following").status_code == 303


class TestPerson:
    def test_shows_what_they_answer_for_and_told(self, client, project, owner):
        tell(project, owner)
        text = client.get(f"/people/{person_slug(owner.name, owner.id)}").text
        assert "Treasurer" in text
        assert "It runs" in text
        assert 'href="/projects/springs"' in text

    def test_is_found_by_an_old_name_and_led_to_the_present_one(self, client, owner, db):
        before = person_slug(owner.name, owner.id)
        owner.name = "Achieng’ Were"
        db.flush()
        answer = client.get(f"/people/{before}")
        assert answer.status_code == 301
        assert answer.location.endswith(person_slug(owner.name, owner.id))

    def test_is_nobody_who_answers_for_nothing_in_public(self, client, project, owner, db):
        shopper = factories.make_user(name="Zoé")
        project.state = "proposed"
        db.flush()
        for slug in (person_slug("Zoé", shopper.id), person_slug(owner.name, owner.id), "nobody"):
            assert client.get(f"/people/{slug}").status_code == 404

    def test_has_a_feed(self, client, project, owner):
        tell(project, owner)
        page = f"/people/{person_slug(owner.name, owner.id)}"
        assert f'href="{page}/news.atom"' in client.get(page).text
        items = client.get(f"{page}/news.json").json["items"]
        assert [(one["title"], one["tags"]) for one in items] == [("It runs", ["Springs"])]


class TestPromises:
    def test_tell_what_held_before_and_who_changed_it(self, client, company):
        assert "has not changed" in client.get("/companies/loom/promises").text
        promise(company)
        text = client.get("/companies/loom/promises").text
        assert "8% of the price" in text
        assert "10% of the price" in text
        assert "Marta" in text
        assert client.get("/companies/none/promises").status_code == 404

    def test_are_written_down_only_where_they_change(self, client, company):
        promise(company)
        promise(company)
        items = client.get("/companies/loom/news.json").json["items"]
        assert len(items) == 1
        assert "10%" in items[0]["title"]


class TestLetters:
    def test_names_every_follow_and_saves_how_often(self, client, project, company, reader):
        client.post("/projects/springs/follow")
        client.post("/companies/loom/follow")
        follows = queries.list_follows(reader.id)
        text = client.get("/account/letters").text
        assert all(one.name in text for one in follows)
        client.post(
            "/account/letters",
            data={
                "follow": [str(one.id) for one in follows],
                "frequency": ["daily", "weekly"],
                "wanted": ["question_answer"],
            },
        )
        assert [one.frequency for one in queries.list_follows(reader.id)] == [
            Frequency.DAILY,
            Frequency.WEEKLY,
        ]
        assert set(queries.list_unwanted(reader.id)) == set(OPTIONAL) - {"question_answer"}
        client.post("/account/letters", data={"wanted": list(OPTIONAL)})
        assert queries.list_unwanted(reader.id) == []

    def test_stops_all_at_once(self, client, project, reader):
        client.post("/projects/springs/follow")
        client.post("/account/letters", data={"do": "stop"})
        assert [one.frequency for one in queries.list_follows(reader.id)] == [Frequency.NEVER]
        assert set(queries.list_unwanted(reader.id)) == set(OPTIONAL)

    @pytest.mark.parametrize(
        "said",
        [
            {"follow": ["x"], "frequency": ["daily"]},
            {"follow": [], "frequency": ["daily"]},
            {"follow": ["0190b0a0-0000-7000-8000-000000000000"], "frequency": ["hourly"]},
            {"wanted": ["order_receipt"]},
        ],
    )
    def test_refuses_what_makes_no_sense(self, client, reader, said):
        assert client.post("/account/letters", data=said).status_code == 422


class TestStop:
    @pytest.fixture
    def stranger(self, app):
        return FlaskClient(app, use_cookies=False)

    def link(self, app, reader, what, which=None):
        token = stop_token(app.config["SECRET_KEY"], user_id=reader.id, what=what, which=which)
        return f"/unfollow/{token}"

    def test_ends_letters_about_everything(self, app, client, stranger, project, reader):
        client.post("/projects/springs/follow")
        link = self.link(app, reader, EVERYTHING)
        assert "everything that you follow" in stranger.get(link).text
        assert queries.list_follows(reader.id)[0].frequency is Frequency.AT_ONCE
        assert stranger.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert queries.list_follows(reader.id)[0].frequency is Frequency.NEVER

    def test_ends_a_kind_of_letter(self, app, stranger, reader):
        link = self.link(app, reader, "question_answer")
        assert stranger.post(link).status_code == 200
        assert queries.list_unwanted(reader.id) == ["question_answer"]

    def test_ends_no_letter_that_has_to_be(self, app, stranger, reader):
        assert stranger.post(self.link(app, reader, "order_receipt")).status_code == 404


class TestHome:
    def test_leads_there_who_is_signed_in(self, client, reader):
        assert 'href="/following"' in client.get("/").text


def test_the_button_is_for_who_is_signed_in(client, project):
    assert client.post("/projects/springs/follow").status_code == 303
    assert queries.count_followers(Kind.PROJECT, project.id) == 0
