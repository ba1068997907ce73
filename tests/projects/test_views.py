"""Projects in the browser: what everybody sees, what owners do, what others may not."""

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from marketplace.projects import service
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.statements import statements

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
        page = client.get(f"/projects/{project.slug}").text
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
        assert "Springs" in client.get("/account/following").text
        service.post_update(
            project=project, author=owner, title="News", body="It rains.", now=factories.NOW
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
        assert "Springs" not in client.get("/account/following").text

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
