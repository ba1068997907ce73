"""The desk of project owners: mistakes come back in the form, nothing wrong is kept."""

from io import BytesIO

import pytest
from PIL import Image

from marketplace.projects import queries
from marketplace.projects.models import Project, Spending
from tests import factories


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (64, 48), "#557755").save(file, "PNG")
    file.seek(0)
    return file


@pytest.fixture
def project(client, db, sign_in):
    """Return a project of whoever is signed in."""
    owner = factories.make_user()
    made = factories.make_project(title="Springs")
    factories.make_owner(made, owner)
    db.commit()
    sign_in(client, owner)
    return made


@pytest.fixture
def post(client, project):
    def post(**said: object):
        told = {"title": "News", "body": "It *rains*."} | said
        return client.post(f"/project-desk/{project.slug}", data=told)

    return post


def told(project) -> int:
    return len(queries.list_updates(project.id).rows)


class TestDesk:
    def test_lists_what_is_ones_own_where_it_is_more_than_one(self, client, project, db):
        factories.make_project(title="Somebody else's")
        db.commit()
        answer = client.get("/project-desk")
        assert answer.location.endswith(f"/project-desk/{project.slug}")
        assert "/projects/propose" in client.get(f"/project-desk/{project.slug}").text
        owner = queries.list_people_of(project.id)[0]
        factories.make_owner(factories.make_project(title="Wells"), owner)
        db.commit()
        page = client.get("/project-desk").text
        assert "Springs" in page
        assert "Wells" in page
        assert "/projects/propose" in page
        assert "Somebody else" not in page


class TestUpdate:
    def test_is_shown_before_it_is_published(self, client, post, project):
        answer = client.get(post(how="preview").headers["Location"])
        assert answer.status_code == 200
        assert "<em>rains</em>" in answer.text
        assert told(project) == 0

    def test_needs_words_for_each_photo(self, post, project):
        answer = post(photos=(picture(), "a.png"))
        assert answer.status_code == 422
        assert "Describe each photo" in answer.text
        assert told(project) == 0

    def test_has_a_bound_of_photos(self, post, project):
        answer = post(photos=[(picture(), f"{n}.png") for n in range(30)], alts=["x"] * 30)
        assert answer.status_code == 422
        assert told(project) == 0

    def test_takes_no_text_for_a_photo(self, post, project):
        answer = post(photos=(BytesIO(b"not a picture"), "a.png"), alts="A spring")
        assert answer.status_code == 422
        assert "It *rains*." in answer.text
        assert told(project) == 0

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"amount": "much"}, "Write an amount like"),
            ({"amount": "0"}, "Write an amount like"),
            ({"spent_on": "yesterday"}, "Write the day like"),
            ({"payee": ""}, "Say who was paid"),
            ({"receipt": (BytesIO(), "")}, "Add a photo of the receipt"),
            ({"budget_line": "the first"}, "Choose a line of the budget"),
        ],
    )
    def test_tells_of_money_only_as_a_whole(self, post, project, db, wrong, says):
        spent = {
            "amount": "686.00",
            "spent_on": "2026-03-01",
            "payee": "Riwa Hardware",
            "purpose": "Cement",
            "receipt": (picture(), "r.png"),
        }
        answer = post(**spent | wrong)
        assert answer.status_code == 422
        assert says in answer.text
        assert told(project) == 0
        assert db.query(Spending).count() == 0


class TestTexts:
    def test_are_shown_and_come_back_as_they_were_written(self, client, project):
        address = f"/project-desk/{project.slug}/texts"
        assert "Springs" in client.get(address).text
        answer = client.post(address, data={"title": "", "story": "Words that must not be lost"})
        assert answer.status_code == 422
        assert "Words that must not be lost" in answer.text


class TestProposal:
    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"goal": "a lot"}, "Write an amount like"),
            ({"cause": "none-such"}, "Choose one of the causes"),
            ({"title": ""}, "A well for all"),
        ],
    )
    def test_comes_back_as_it_was_written(self, client, project, db, wrong, says):
        cause = factories.make_cause(slug="water")
        db.commit()
        assert client.get("/projects/propose").status_code == 200
        said = {
            "title": "A well",
            "organisation": "Neighbours",
            "summary": "One well",
            "story": "A well for all",
            "place": "Here",
            "country": "IT",
            "cause": cause.slug,
            "goal": "12000",
        }
        answer = client.post("/projects/propose", data=said | wrong)
        assert answer.status_code == 422
        assert says in answer.text
        assert db.query(Project).filter_by(title="A well").count() == 0


class TestBudget:
    def test_changes_the_goal_with_a_reason_that_everybody_reads(self, client, project, db):
        address = f"/project-desk/{project.slug}/budget"
        assert 'value="10000.00"' in client.get(address).text
        said = {"titles": ["Pipe"], "amounts": ["700"], "goal": "6000.00", "reason": ""}
        refused = client.post(address, data=said)
        assert refused.status_code == 422
        assert "Say why the goal changes" in refused.text
        assert 'value="6000.00"' in refused.text
        assert client.post(address, data=said | {"goal": "x"}).status_code == 422
        said["reason"] = "<b>Iron</b> is dearer"
        assert client.post(address, data=said).status_code == 303
        page = client.get(f"/projects/{project.slug}").text
        assert "What was planned before" in page
        assert "&lt;b&gt;Iron&lt;/b&gt; is dearer" in page
        assert "is new since" in page
