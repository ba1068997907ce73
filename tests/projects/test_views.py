"""Projects in the browser: what everybody sees, what owners do, what others may not."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from marketplace.core import clock
from marketplace.projects import service
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.statements import statements

SOME_ID = "0199e000-0000-7000-8000-000000000000"
ATOM = "{http://www.w3.org/2005/Atom}"


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (64, 48), "#557755").save(file, "PNG")
    file.seek(0)
    return file


@pytest.fixture
def owner(db):
    return factories.make_user(name="Achieng’ Odera")


@pytest.fixture
def project(db, owner):
    made = factories.make_project(title="Springs", summary="Eight springs")
    factories.make_owner(made, owner)
    db.commit()
    return made


class TestPublicPages:
    def test_show_what_is_pending_confirmed_and_paid_apart(self, client, project):
        page = client.get(f"/projects/{project.slug}").text
        for words in ("Spent, with receipts", "Paid out, not spent yet", "Pending", "Money in"):
            assert words in page

    def test_hide_what_is_only_proposed(self, client, project, db):
        project.state = ProjectState.PROPOSED
        db.commit()
        assert client.get(f"/projects/{project.slug}").status_code == 404
        assert "Springs" not in client.get("/projects").text

    def test_list_finds_without_accents_and_survives_wildcards(self, client, project, db):
        project.title = "Écoles du soir"
        db.commit()
        assert "coles du soir" in client.get("/projects?q=ecoles").text
        assert "coles du soir" not in client.get("/projects?q=%25zzz").text
        assert client.get("/projects?after=nonsense&sort=x").status_code == 200
        assert client.get("/projects?cause=%00").status_code == 400

    def test_need_few_statements_whatever_the_number(self, client, db, engine):
        for _ in range(14):
            factories.make_project()
        db.commit()
        with statements(engine) as few:
            assert client.get("/projects").status_code == 200
        assert len(few) <= 8
        slug = db.query(Project).first().slug
        with statements(engine) as few:
            assert client.get(f"/projects/{slug}").status_code == 200
        assert len(few) <= 8

    def test_names_the_goals_of_the_united_nations(self, client, project, db):
        project.sdgs = [6, 99]
        db.commit()
        page = client.get(f"/projects/{project.slug}").text
        assert "Sustainable Development Goal 6: </span>Clean water and sanitation" in page
        assert 'href="/impact/goals/6"' in page

    def test_list_is_narrowed_by_goal_country_and_state(self, client, project, db, engine):
        project.sdgs, project.country = [6], "KE"
        factories.make_project(title="Elsewhere", sdgs=[4], country="FR", state="closed")
        db.commit()
        with statements(engine) as asked:
            page = client.get("/projects?sdg=6&country=ke&sort=nearest").text
        assert len(asked) <= 8
        assert "Springs" in page
        assert "Elsewhere" not in page
        assert '<option value="KE" selected>Kenya</option>' in page
        assert '<option value="6" selected>' in page
        assert 'href="/projects?sdg=6&amp;country=KE&amp;state=full&amp;sort=nearest"' in page
        assert "Filter, 2 on" in page
        assert 'href="/projects?country=KE&amp;state=open&amp;sort=nearest">6 · Clean water' in page
        assert 'href="/projects?sdg=6&amp;state=open&amp;sort=nearest">Kenya' in page
        assert "Elsewhere" in client.get("/projects?state=closed").text

    def test_list_says_what_narrows_it(self, client, project, db):
        page = client.get("/projects?q=<b>&cause=none&country=ZZ").text
        assert "Filter, 3 on" in page
        assert "“&lt;b&gt;”" in page
        assert " on</button>" not in client.get("/projects?sort=goal").text

    @pytest.mark.parametrize(
        "query", ["sdg=0&country=xyz&state=proposed", "sdg=%C2%B2&country=%3C&sort=x", "after=x"]
    )
    def test_list_is_whole_where_what_narrows_it_makes_no_sense(self, client, project, query):
        assert "Springs" in client.get(f"/projects?{query}").text

    @pytest.mark.parametrize("sort", ["newest", "goal", "nearest"])
    def test_list_goes_on_by_key_with_what_narrows_it(self, client, db, sort):
        for _ in range(13):
            factories.make_project(country="KE")
        factories.make_project(country="FR", title="Elsewhere")
        db.commit()
        page = client.get(f"/projects?country=KE&sort={sort}").text
        onwards = re.search(r'href="(/projects[^"]+)" rel="next"', page).group(1)
        rest = client.get(onwards.replace("&amp;", "&")).text
        assert rest.count('class="pcard__title"') == 1
        assert "Elsewhere" not in page + rest

    def test_say_what_state_a_project_is_in(self, client, project, db):
        words = {"full": "has what it needs", "closed": "is closed", "suspended": "is suspended"}
        for state, told in words.items():
            db.query(Project).update({"state": ProjectState(state)})
            db.commit()
            assert told in client.get(f"/projects/{project.slug}").text
            assert 'class="tag' in client.get("/projects").text.split("pcard__body", 1)[1]

    def test_feed_of_all_projects_is_atom(self, client, project, owner, db):
        service.post_update(
            project=project, author=owner, title="News", body="Hello", now=factories.NOW
        )
        db.commit()
        answer = client.get("/projects/updates.atom")
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert ET.fromstring(answer.data).find(f"{ATOM}entry/{ATOM}title").text == "Springs: News"

    def test_of_updates_are_listed_and_stand_alone(self, client, project, owner, db):
        update = service.post_update(
            project=project, author=owner, title="News", body="Hello", now=factories.NOW
        )
        db.commit()
        assert "News" in client.get(f"/projects/{project.slug}/updates").text
        assert "Hello" in client.get(f"/projects/{project.slug}/updates/{update.id}").text
        other = factories.make_project()
        db.commit()
        assert client.get(f"/projects/{other.slug}/updates/{update.id}").status_code == 404

    def test_feed_is_atom_with_absolute_links(self, client, project, owner, db):
        service.post_update(
            project=project,
            author=owner,
            title="<b>First</b>",
            body="Hello *you*",
            now=factories.NOW,
        )
        db.commit()
        tree = ET.fromstring(client.get(f"/projects/{project.slug}/updates.atom").data)
        entry = tree.find(f"{ATOM}entry")
        assert entry.find(f"{ATOM}title").text == "<b>First</b>"
        assert entry.find(f"{ATOM}link").get("href").startswith("http://")
        assert "<em>you</em>" in entry.find(f"{ATOM}content").text


class TestOwner:
    def test_posts_an_update_with_a_photo_that_appears_at_once(
        self, client, project, owner, sign_in
    ):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={
                "title": "Kuoyo runs clear",
                "body": "The **laboratory** found nothing.<script>alert(1)</script>",
                "photos": (picture(), "a.png"),
                "alts": "The closed box",
            },
            follow_redirects=True,
        )
        assert answer.status_code == 200
        page = client.get(f"/projects/{project.slug}").text
        assert "Kuoyo runs clear" in page
        assert "<strong>laboratory</strong>" in page
        assert 'alt="The closed box"' in page
        assert "<script>alert" not in page

    def test_sees_one_row_for_a_photo_and_opens_the_others(self, client, project, owner, sign_in):
        sign_in(client, owner)
        desk = client.get(f"/project-desk/{project.slug}").text
        before, more = desk.split("<details", 1)
        assert before.count('name="photos"') == 1
        assert more.split("</details>")[0].count('name="photos"') == 5
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={"title": "", "body": "", "alts": ["One", "Two"]},
        )
        assert '<details class="more" open>' in answer.text

    def test_reads_an_update_before_publishing_it(self, client, project, owner, sign_in):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={"title": "Not yet", "body": "In *slant*", "how": "preview"},
            follow_redirects=True,
        )
        assert answer.status_code == 200
        assert "<em>slant</em>" in answer.text
        assert "Not yet" not in client.get(f"/projects/{project.slug}").text

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"spent_on": "some day"}, "Write the day like"),
            ({"spent_on": "2199-01-01"}, "This day has not come yet."),
            ({"amount": "much"}, "Write an amount like"),
            ({"amount": "0"}, "Write an amount like"),
            ({"payee": ""}, "Say who was paid"),
            ({"budget_line": "x"}, "Choose a line of the budget."),
            ({"budget_line": SOME_ID}, "Choose a line of this project"),
        ],
    )
    def test_is_told_what_is_wrong_with_a_spending(
        self, client, project, owner, sign_in, wrong, told
    ):
        sign_in(client, owner)
        right = {
            "title": "Cement",
            "body": "Bought",
            "amount": "6.86",
            "spent_on": "2026-03-01",
            "payee": "Riwa Hardware",
            "purpose": "Cement",
        }
        answer = client.post(
            f"/project-desk/{project.slug}",
            data=right | wrong | {"receipt": (picture(), "r.png")},
        )
        assert answer.status_code == 422
        assert told in answer.text
        assert "Riwa Hardware" not in client.get(f"/projects/{project.slug}").text

    def test_is_told_of_a_file_that_is_no_photo(self, client, project, owner, sign_in):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={
                "title": "News",
                "body": "-",
                "photos": (BytesIO(b"<svg/>"), "a.svg"),
                "alts": "A wall",
            },
        )
        assert answer.status_code == 422

    def test_finds_their_projects_and_forms(self, client, project, owner, sign_in):
        sign_in(client, owner)
        assert "Springs" in client.get("/project-desk", follow_redirects=True).text
        assert "Springs" in client.get(f"/project-desk/{project.slug}/texts").text
        answer = client.post(f"/project-desk/{project.slug}/texts", data={"title": ""})
        assert answer.status_code == 422
        answer = client.post(
            f"/project-desk/{project.slug}/budget",
            data={"ids": [""], "titles": ["x" * 201], "amounts": ["1.00"]},
        )
        assert answer.status_code == 422

    def test_is_told_why_a_budget_cannot_be(self, client, project, owner, sign_in):
        sign_in(client, owner)
        data = {"ids": [SOME_ID], "titles": ["Pipe"], "amounts": ["1.00"]}
        answer = client.post(f"/project-desk/{project.slug}/budget", data=data)
        assert answer.status_code == 422
        assert "Choose a line of this project" in answer.text

    def test_gets_the_form_back_filled_in(self, client, project, owner, sign_in):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={"title": "", "body": "Long text that must not be lost"},
        )
        assert answer.status_code == 422
        assert "Long text that must not be lost" in answer.text

    def test_records_no_spending_without_a_receipt(self, client, project, owner, sign_in):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={
                "title": "Cement",
                "body": "Bought",
                "amount": "686.00",
                "spent_on": "2026-03-01",
                "payee": "Riwa Hardware",
                "purpose": "Cement",
            },
        )
        assert answer.status_code == 422
        assert "receipt" in answer.text

    def test_spends_with_a_receipt(self, client, project, owner, sign_in):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={
                "title": "Cement",
                "body": "Bought",
                "amount": "686,00",
                "spent_on": "2026-03-01",
                "payee": "Riwa Hardware",
                "purpose": "Cement",
                "receipt": (picture(), "r.png"),
            },
        )
        assert answer.status_code == 303
        page = client.get(f"/projects/{project.slug}/spending").text
        assert "Riwa Hardware" in page
        assert "€686.00" in page

    def test_changes_the_texts(self, client, project, owner, sign_in):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}/texts",
            data={
                "title": "Nine springs",
                "summary": "S",
                "story": "",
                "risks": "",
                "place": "Riwa",
            },
        )
        assert answer.status_code == 303
        assert "Nine springs" in client.get(f"/projects/{project.slug}").text

    def test_plans_a_budget_line_by_line(self, client, project, owner, sign_in):
        sign_in(client, owner)
        desk = f"/project-desk/{project.slug}/budget"
        data = {"ids": ["", "", ""], "titles": ["Pipe", "", ""], "amounts": ["686,00", "", ""]}
        assert client.post(desk, data=data).status_code == 303
        page = client.get(f"/projects/{project.slug}").text
        assert "Pipe" in page
        assert "€686.00" in page
        assert 'value="686.00"' in client.get(desk).text

    @pytest.mark.parametrize(
        "line", [("", "Pipe", "much"), ("", "", "5.00"), ("x", "Pipe", "5.00"), ("", "Pipe", "0")]
    )
    def test_gets_a_wrong_budget_back_as_it_was_written(
        self, client, project, owner, sign_in, line
    ):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}/budget",
            data={
                "ids": ["", line[0]],
                "titles": ["Kept words", line[1]],
                "amounts": ["1.00", line[2]],
            },
        )
        assert answer.status_code == 422
        assert "Kept words" in answer.text
        assert "Kept words" not in client.get(f"/projects/{project.slug}").text


class TestOthers:
    @pytest.mark.parametrize("address", ["", "/texts", "/budget"])
    def test_do_not_learn_of_the_desk(self, client, project, sign_in, address):
        sign_in(client, factories.make_user())
        assert client.get(f"/project-desk/{project.slug}{address}").status_code == 404
        answer = client.post(f"/project-desk/{project.slug}{address}", data={"title": "Ours now"})
        assert answer.status_code == 404

    def test_follow_hear_by_letter_and_stop_without_signing_in(
        self, app, client, project, owner, sign_in, run_jobs
    ):
        reader = factories.make_user(email="reader@example.org")
        sign_in(client, reader)
        client.post(f"/projects/{project.slug}/follow", data={"how": "start"})
        assert "Springs" in client.get("/following").text
        service.post_update(
            project=project, author=owner, title="News", body="It rains.", now=clock.now()
        )
        app.extensions["post"].letters.clear()
        run_jobs()
        letter = app.extensions["post"].letters[-1]
        assert letter["To"] == "reader@example.org"
        text = letter.get_body(("plain",)).get_content()
        stop = text.split("/unfollow/")[1].split()[0]
        visitor = app.test_client()
        assert visitor.get(f"/unfollow/{stop}").status_code == 200
        assert visitor.get("/unfollow/forged").status_code == 404
        client.post(f"/unfollow/{stop}")
        app.extensions["post"].letters.clear()
        service.post_update(
            project=project, author=owner, title="More", body="It pours.", now=clock.now()
        )
        run_jobs()
        assert app.extensions["post"].letters == []
        client.post(f"/projects/{project.slug}/follow", data={"how": "stop"})
        assert "Springs" not in client.get("/following").text

    def test_are_told_what_is_wrong_with_a_proposal(self, client, db, sign_in):
        sign_in(client, factories.make_user())
        assert client.get("/projects/propose").status_code == 200
        answer = client.post(
            "/projects/propose",
            data={
                "title": "A well",
                "organisation": "Neighbours",
                "summary": "One well",
                "story": "We dig.",
                "place": "Here",
                "cause": "none",
                "goal": "much",
            },
        )
        assert answer.status_code == 422
        assert "Write an amount like 12000." in answer.text
        assert "Choose one of the causes." in answer.text
        assert client.post("/projects/propose", data={}).status_code == 422

    def test_propose_a_project_that_only_they_see(self, client, db, sign_in):
        cause = factories.make_cause(slug="water")
        person = factories.make_user()
        sign_in(client, person)
        answer = client.post(
            "/projects/propose",
            data={
                "title": "A well",
                "organisation": "Neighbours",
                "summary": "One well",
                "story": "We dig.",
                "place": "Here",
                "country": "IT",
                "cause": cause.slug,
                "goal": "12 000,50",
            },
        )
        assert answer.status_code == 303, answer.text
        made = db.query(Project).filter_by(title="A well").one()
        assert (made.goal_minor, made.state) == (1_200_050, ProjectState.PROPOSED)
        assert client.get(f"/projects/{made.slug}").status_code == 200
        assert client.application.test_client().get(f"/projects/{made.slug}").status_code == 404
