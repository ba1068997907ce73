"""Projects for programs."""

from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.core.paging import encode_cursor
from marketplace.planning import service as planning
from marketplace.projects import service
from marketplace.projects.models import BudgetLine, ProjectState, ProjectUpdate
from marketplace.verification import service as verification
from marketplace.verification.rules import Result, Step
from tests import factories
from tests.statements import statements
from tests.verification.making import check, team_of

API = "/api/v1"


@pytest.fixture
def springs(db):
    project = factories.make_project(slug="springs", title="Springs", goal_minor=500_000)
    db.add(BudgetLine(id=new_id(), project_id=project.id, title="Pipes", amount_minor=9_000))
    db.commit()
    return project


class TestVerification:
    @pytest.fixture
    def checked(self, springs, db):
        now = clock.now()
        operator = factories.make_user(is_operator=True, name="Giulia Operator")
        check(team_of(springs), operator=operator, now=now - timedelta(days=9), what="Old list")
        check(team_of(springs), operator=operator, now=now, what="EU list, all three")
        check(team_of(springs), Step.VISIT, operator=operator, now=now)
        check(team_of(springs), Step.VISIT, operator=operator, now=now, result=Result.FAILED)
        verification.decide(team=team_of(springs), reason="x", operator=operator, now=now)
        db.commit()
        return now.date()

    def test_stands_in_lists_and_alone_as_on_the_page(self, client, checked, db):
        factories.make_project(slug="unchecked")
        db.commit()
        items = {one["slug"]: one for one in client.get(f"{API}/projects").json["items"]}
        assert items["unchecked"]["verification"] is None
        told = items["springs"]["verification"]
        assert told == client.get(f"{API}/projects/springs").json["verification"]
        assert (told["level"], told["has_lapsed"]) == ("declared", False)
        assert told["decided_on"] == checked.isoformat()
        day = checked.isoformat()
        assert told["checks"] == [
            {"step": "persons", "what": "EU list, all three", "checked_on": day, "list_on": None},
            {"step": "sanctions", "what": "EU list, all three", "checked_on": day, "list_on": day},
        ]  # the last check of each step that passed

    def test_says_that_it_has_lapsed_and_never_who_checked(
        self, client, checked, springs, db, monkeypatch
    ):
        later = clock.now() + timedelta(days=800)
        monkeypatch.setattr(clock, "now", lambda: later)
        answer = client.get(f"{API}/projects/springs")
        assert answer.json["verification"]["has_lapsed"] is True
        assert "Giulia" not in answer.text

    def test_costs_one_statement_however_many_there_are(self, client, checked, engine, db):
        with statements(engine) as few:
            client.get(f"{API}/projects")
        for _number in range(3):
            factories.make_project()
        db.commit()
        with statements(engine) as more:
            client.get(f"{API}/projects")
        assert len(more) == len(few) <= 8


class TestProjects:
    def test_hide_what_is_only_proposed(self, client, springs, db):
        factories.make_project(slug="proposed", state=ProjectState.PROPOSED, verified_at=None)
        db.commit()
        page = client.get(f"{API}/projects").json
        assert [item["slug"] for item in page["items"]] == ["springs"]
        assert page["items"][0]["id"] == str(springs.id)
        assert client.get(f"{API}/projects/proposed").status_code == 404

    @pytest.mark.parametrize("sort", ["newest", "goal", "nearest"])
    def test_go_on_by_key(self, client, db, sort):
        for number in range(30):
            moment = factories.NOW + timedelta(minutes=number // 3)
            factories.make_project(
                created_at=moment, goal_minor=1_000 + number // 3, reached_bp=number // 3
            )
        db.commit()
        seen, address = [], f"{API}/projects?sort={sort}"
        while address:
            page = client.get(address.removeprefix("http://localhost")).json
            seen += [item["slug"] for item in page["items"]]
            address = page["next"]
        assert len(seen) == len(set(seen)) == 30

    @pytest.mark.parametrize("sort", ["newest", "goal", "nearest"])
    @pytest.mark.parametrize("key", [["x", "y"], [1, "x"], [2**80, str(new_id())], [None, None]])
    def test_begin_anew_at_a_cursor_that_was_tampered_with(self, client, springs, sort, key):
        answer = client.get(f"{API}/projects?sort={sort}&after={encode_cursor(key)}")
        assert answer.status_code == 200
        assert len(answer.json["items"]) == 1

    def test_can_be_narrowed(self, client, springs, db):
        factories.make_project(slug="school", sdgs=[4], country="FR", state=ProjectState.FULL)
        db.commit()
        for query in ("sdg=4", "country=FR", "state=full"):
            items = client.get(f"{API}/projects?{query}").json["items"]
            assert [item["slug"] for item in items] == ["school"]
        for query in ("sdg=18", "country=fr", "state=proposed"):
            assert client.get(f"{API}/projects?{query}").status_code == 422

    def test_need_few_statements(self, client, db, engine):
        for _ in range(12):
            factories.make_project()
        db.commit()
        with statements(engine) as asked:
            client.get(f"{API}/projects")
        assert len(asked) <= 4


class TestProject:
    def test_says_what_it_needs_and_what_came(self, client, springs):
        found = client.get(f"{API}/projects/springs").json
        assert found["goal_minor"] == 500_000
        assert set(found["totals"].values()) == {0}
        assert found["budget"] == [{"title": "Pipes", "amount_minor": 9_000, "spent_minor": 0}]

    def test_is_the_same_while_no_figure_changes(self, client, springs):
        first = client.get(f"{API}/projects/springs")
        again = client.get(
            f"{API}/projects/springs", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert first.headers["ETag"].startswith('W/"')
        assert again.status_code == 304

    def test_tells_the_newest_first(self, client, springs, db):
        author = factories.make_user(name="Ada")
        for number in range(8):
            db.add(
                ProjectUpdate(
                    id=new_id(),
                    project_id=springs.id,
                    author_id=author.id,
                    title=f"Day {number}",
                    body="Dug.",
                    body_html="<p>Dug.</p>",
                    published_at=factories.NOW + timedelta(days=number),
                )
            )
        db.commit()
        first = client.get(f"{API}/projects/springs/updates").json
        second = client.get(first["next"].removeprefix("http://localhost")).json
        told = first["items"] + second["items"]
        assert [one["title"] for one in told] == [f"Day {number}" for number in reversed(range(8))]
        assert told[0]["author"] == "Ada"
        assert told[0]["photo_urls"] == []


class TestPlan:
    def test_tells_all_that_is_planned(self, client, springs, db, engine):
        today = clock.now().date()
        springs.sdgs, springs.sdg_targets = [6], ["6.1"]
        planning.set_milestones(
            project=springs,
            wishes=[(None, {"title": "Dug", "due_on": today - timedelta(1)} | NOT_YET)],
            now=clock.now(),
        )
        need = {"kind": "lift", "title": "A lorry", "until_on": None, "closed_at": None}
        planning.set_needs(project=springs, wishes=[(None, need)], now=clock.now())
        line = db.query(BudgetLine).one()
        service.change_budget(
            project=springs,
            lines=[(line.id, "Pipes", 9_500, True)],
            goal_minor=600_000,
            reason="Iron",
            by=factories.make_user(),
            now=clock.now(),
        )
        db.commit()
        with statements(engine) as asked:
            told = client.get(f"{API}/projects/springs/plan").json
        assert len(asked) <= 8
        assert told["minimum_minor"] == 9_500
        assert told["budget"] == [
            {"title": "Pipes", "amount_minor": 9_500, "spent_minor": 0, "is_minimum": True}
        ]
        assert [one["is_goal"] for one in told["changes"]].count(True) == 1
        assert {one["was_minor"] for one in told["changes"]} == {500_000, 9_000}
        assert told["milestones"][0]["is_late"] is True
        assert told["targets"] == [{"number": "6.1", "name": "Safe drinking water for all"}]
        assert told["needs"][0]["title"] == "A lorry"
        assert told["went_wrong"][0]["kind"] == "late"
        assert told["outcomes_url"].endswith("/api/v1/projects/springs/outcomes")
        assert client.get(told["needs"][0]["url"]).status_code == 303

    def test_is_told_of_no_project_that_nobody_may_see(self, client, db):
        factories.make_project(slug="secret", state=ProjectState.PROPOSED)
        db.commit()
        assert client.get(f"{API}/projects/secret/plan").status_code == 404
        assert client.get(f"{API}/projects/nothing/plan").status_code == 404


NOT_YET = {"reached_on": None, "update_id": None}
