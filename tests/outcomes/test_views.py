"""Outcomes in the browser and for programs: drafts are hidden, corrections are not."""

import re
from io import BytesIO

import pytest

from marketplace.media import service as media
from marketplace.outcomes.models import Indicator, Outcome, OutcomeEvidence
from marketplace.projects import queries as project_queries
from marketplace.projects import service as projects
from marketplace.projects.service import Spent
from tests import factories
from tests.factories import NOW
from tests.outcomes.conftest import JANUARY, picture
from tests.statements import statements

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def desk(client, project, owner, sign_in):
    sign_in(client, owner)
    return f"/project-desk/{project.slug}"


def value(**more):
    return {"value": "38", "measured_on": "2026-01-31", "method": "Signed book"} | more


class TestPublicPage:
    def test_shows_values_corrections_and_cost_but_no_drafts(self, client, project, measure):
        measure(36, JANUARY, corrects=measure(38, JANUARY))
        measure(777, publishes=False)
        page = client.get(f"/projects/{project.slug}/outcomes").text
        assert "<s>38 households</s>" in page
        assert "Corrected on" in page
        assert "36 households" in page
        assert "There is no report yet with both" in page
        assert not re.search(r"\b777\b", page)

    def test_draws_how_it_went(self, client, project, measure):
        for number in (38, 45):
            measure(number, JANUARY)
        page = client.get(f"/projects/{project.slug}/outcomes").text
        assert 'aria-label="Households over time, in households"' in page

    def test_draws_nothing_below_zero(self, client, project, measure):
        for number in (3, -45):
            measure(number, JANUARY)
        assert "over time, in" not in client.get(f"/projects/{project.slug}/outcomes").text

    def test_needs_few_statements(self, client, project, measure, engine):
        for number in range(12):
            measure(number)
        with statements(engine) as asked:
            assert client.get(f"/projects/{project.slug}/outcomes").status_code == 200
        assert len(asked) <= 8

    def test_says_so_where_nothing_is_measured(self, client, project):
        assert "Nothing is measured yet" in client.get(f"/projects/{project.slug}/outcomes").text

    def test_is_there_for_programs(self, client, project, measure):
        first = measure(38, JANUARY)
        measure(36, JANUARY, corrects=first)
        told = client.get(f"/api/v1/projects/{project.slug}/outcomes").json
        (indicator,) = told["indicators"]
        assert (indicator["present"], indicator["target"]) == ("36", "300")
        assert indicator["cost_per_unit"]["freshness"] == "unknown"
        by_id = {one["id"]: one for one in indicator["outcomes"]}
        assert not by_id[str(first.id)]["counts"]
        assert by_id[str(first.id)]["evidence"][0]["url"] == "https://example.org/book"
        assert client.get("/api/v1/projects/none-such/outcomes").status_code == 404


class TestDesk:
    def test_is_for_the_projects_people_only(self, client, project, indicator, sign_in):
        sign_in(client, factories.make_user())
        for end in ("outcomes", "indicators/new", f"indicators/{indicator.id}/measure"):
            assert client.get(f"/project-desk/{project.slug}/{end}").status_code == 404

    def test_begins_with_an_indicator(self, client, desk, db):
        said = {"title": "Flow", "unit": "l/s", "kind": "level", "baseline": "0,4", "target": "x"}
        answer = client.post(f"{desk}/indicators/new", data=said)
        assert answer.status_code == 422
        assert "Write a number like" in answer.text
        assert 'value="0,4"' in answer.text
        answer = client.post(f"{desk}/indicators/new", data=said | {"target": "1.5"})
        assert answer.status_code == 303
        made = db.query(Indicator).one()
        assert (float(made.baseline), float(made.target)) == (0.4, 1.5)
        assert "1.5" in client.get(f"{desk}/indicators/{made.id}").text

    @pytest.mark.parametrize("line", ["x", "0199e000-0000-7000-8000-000000000000"])
    def test_refuses_a_budget_line_that_is_none(self, client, desk, line):
        said = {"title": "Flow", "unit": "l/s", "kind": "level", "budget_line": line}
        assert client.post(f"{desk}/indicators/new", data=said).status_code == 422

    def test_ends_an_indicator_and_takes_it_up_again(self, client, desk, indicator, db):
        client.post(f"{desk}/indicators/{indicator.id}/end")
        assert "Measure it again" in client.get(f"{desk}/outcomes").text
        client.post(f"{desk}/indicators/{indicator.id}/end", data={"how": "resume"})
        assert db.query(Indicator).one().ended_at is None

    def test_publishes_a_value_with_its_proofs(self, client, desk, indicator, project, db):
        files = [(picture(), "a.png"), (BytesIO(PDF), "b.pdf")]
        answer = client.post(
            f"{desk}/indicators/{indicator.id}/measure",
            data=value(
                files=files, titles=["The book", "The report"], publish="1", url="https://a.example"
            ),
        )
        assert answer.status_code == 303
        page = client.get(f"/projects/{project.slug}/outcomes").text
        assert "38 households" in page
        assert "The report" in page
        assert db.query(OutcomeEvidence).count() == 3
        paths = re.findall(r'href="(/(?:media|papers)/[^"]+)"', page)
        assert len(paths) == 2
        assert all(client.get(path).status_code == 200 for path in paths)
        paper = client.get(next(path for path in paths if path.endswith(".pdf")))
        assert paper.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"value": "many"}, "Write a number like"),
            ({"value": ""}, "Write a number like"),
            ({"measured_on": "2199-01-01"}, "This day has not come yet"),
            ({"measured_on": "soon"}, "Write the day like"),
            ({"method": ""}, "Please fill this in"),
            ({"url": "javascript:alert(1)"}, "Write a web address"),
            ({"files": (BytesIO(b"x"), "a.png"), "titles": "x"}, "not a picture"),
            ({"files": (BytesIO(PDF), "a.pdf")}, "Say what each file shows"),
            ({"files": [(BytesIO(PDF), f"{n}.pdf") for n in range(6)]}, "At most five"),
            (
                {"files": (BytesIO(PDF.replace(b"/Type", b"/JS /Type")), "a.pdf"), "titles": "x"},
                "runs or opens something",
            ),
        ],
    )
    def test_brings_a_value_back_with_what_is_wrong(self, client, desk, indicator, db, wrong, says):
        answer = client.post(
            f"{desk}/indicators/{indicator.id}/measure", data=value(note="Not lost") | wrong
        )
        assert answer.status_code == 422
        assert says in answer.text
        assert "Not lost" in answer.text
        assert db.query(Outcome).count() == 0

    def test_edits_publishes_and_throws_away_drafts(self, client, desk, measure, db):
        first, second = (measure(number, publishes=False) for number in (38, 45))
        address = f"{desk}/outcomes/{first.id}"
        assert 'value="38"' in client.get(address).text
        assert client.post(address, data=value(value="39")).status_code == 303
        assert client.post(f"{address}/publish").status_code == 303
        assert client.post(f"{desk}/outcomes/{second.id}/discard").status_code == 303
        assert client.post(f"{desk}/outcomes/{first.id}/burn").status_code == 404
        assert client.get(address).location.endswith("/correct")
        assert [(one.value, one.state) for one in db.query(Outcome)] == [(39, "published")]

    def test_corrects_with_a_reason(self, client, desk, measure, project):
        first = measure(38)
        address = f"{desk}/outcomes/{first.id}/correct"
        assert "stays visible beside" in client.get(address).text
        assert client.post(address, data=value(publish="1")).status_code == 422
        said = value(note="One was counted twice", publish="1", is_withdrawn="1")
        assert client.post(address, data=said).status_code == 303
        page = client.get(f"/projects/{project.slug}/outcomes").text
        assert "One was counted twice" in page
        assert "Withdrawn on" in page

    def test_lets_somebody_else_review(self, client, desk, measure, project, sign_in):
        published = measure(38)
        address = f"{desk}/outcomes/{published.id}/review"
        assert "I looked at it" not in client.get(f"{desk}/outcomes").text
        assert client.post(address).status_code == 403
        second = factories.make_user()
        factories.make_owner(project, second)
        sign_in(client, second)
        assert "I looked at it" in client.get(f"{desk}/outcomes").text
        assert client.post(address, data={"note": "Saw the book"}).status_code == 303
        assert "Saw the book" in client.get(f"/projects/{project.slug}/outcomes").text


class TestOperator:
    def test_reviews_what_nobody_has(self, client, measure, sign_in, db):
        published = measure(38)
        sign_in(client, factories.make_user(is_operator=True))
        assert "38 households" in client.get("/staff/outcomes").text
        answer = client.post(f"/staff/outcomes/{published.id}", data={"note": "Papers read"})
        assert answer.status_code == 303
        assert "Nothing waits" in client.get("/staff/outcomes").text
        nobody = "/staff/outcomes/0199e000-0000-7000-8000-000000000000"
        assert client.post(nobody).status_code == 404


class TestCost:
    def test_is_of_the_budget_line_that_pays(self, client, project, owner, indicator, measure, db):
        projects.set_budget(project=project, lines=[(None, "Pipe", 7000), (None, "Tea", 300)])
        pipe, tea = (line for line, _spent in project_queries.list_budget(project.id))
        indicator.budget_line_id = pipe.id
        photo = media.store_photo(upload=picture(), alt="", user_id=None, now=NOW)
        for line, minor in ((pipe.id, 7600), (tea.id, 999)):
            spent = Spent(minor, JANUARY, "-", "-", photo, line)
            projects.spend(project=project, by=owner, spent=spent, update_id=None, now=NOW)
        measure(38, JANUARY)
        page = client.get(f"/projects/{project.slug}/outcomes").text
        assert '<data class="money" value="2.00">' in page
