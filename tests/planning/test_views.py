"""Plans: written on the desk, shown to everybody; needs that people answer."""

from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.planning import service
from marketplace.planning.models import Milestone, Need, NeedAnswer, StorySection
from marketplace.projects import service as projects
from marketplace.projects.models import Project
from tests import factories
from tests.statements import statements

NOBODY = "0199e000-0000-7000-8000-000000000000"


@pytest.fixture
def owner(db):
    return factories.make_user(name="Achieng’ Odera", email="achieng@example.org")


@pytest.fixture
def project(db, owner):
    made = factories.make_project(title="Springs", sdgs=[3])
    factories.make_owner(made, owner)
    db.commit()
    return made


@pytest.fixture
def desk(client, project, owner, sign_in):
    sign_in(client, owner)
    return f"/project-desk/{project.slug}/plan"


def page(client, project):
    return client.get(f"/projects/{project.slug}").text


class TestGoals:
    def test_name_targets_and_a_place(self, client, desk, project, db):
        said = {"targets": "6.1, 3.9", "latitude": "-0,53", "longitude": "34.46"}
        assert client.post(desk, data=said).status_code == 303
        kept = db.query(Project).filter_by(id=project.id).one()
        assert (kept.sdg_targets, kept.sdgs) == (["3.9", "6.1"], [3, 6])
        shown = page(client, project)
        assert "Safe drinking water for all" in shown
        assert "/art/world/895/2145.svg" in shown
        assert client.get("/art/world/895/2145.svg").status_code == 200
        assert "Safe drinking water for all" in client.get(desk).text

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"targets": "6.1, 6.77"}, "no target 6.77"),
            ({"latitude": "91", "longitude": "0"}, "Write degrees like"),
            ({"latitude": "nan", "longitude": "0"}, "Write degrees like"),
            ({"latitude": "10"}, "A place needs both"),
            ({"latitude": "x", "longitude": "x"}, "Write degrees like"),
        ],
    )
    def test_come_back_with_what_is_wrong(self, client, desk, wrong, says):
        answer = client.post(desk, data={"targets": "6.1"} | wrong)
        assert answer.status_code == 422
        assert says in answer.text

    @pytest.mark.parametrize("place", ["9999/0", "0/9999", "x/0", "1"])
    def test_draw_no_place_that_there_is_not(self, client, place):
        assert client.get(f"/art/world/{place}.svg").status_code == 404


FILLED = {
    "sections": {"titles": ["The trouble", ""], "bodies": ["Cattle *drink* here", ""]},
    "milestones": {"titles": ["Box"], "due": ["2026-01-01"], "reached": [""], "updates": [""]},
    "needs": {"titles": ["A lorry"], "kinds": ["lift"], "until": [""], "states": ["open"]},
}
SHOWN = {
    "sections": ("<h3>The trouble</h3>", "<em>drink</em>"),
    "milestones": ("Box", "due on 1 January 2026", "late"),
    "needs": ("A lorry", "Lift", "I can help"),
}
TABLES = {
    "sections": StorySection,
    "milestones": Milestone,
    "needs": Need,
}


@pytest.mark.parametrize("part", FILLED)
class TestPart:
    def test_is_written_shown_changed_and_taken_away(self, client, desk, project, db, part):
        address = f"{desk}/{part}"
        given = FILLED[part] | {"ids": [""] * len(FILLED[part]["titles"])}
        assert client.post(address, data=given).status_code == 303
        shown = page(client, project)
        assert all(words in shown for words in SHOWN[part])
        row = db.query(TABLES[part]).one()
        assert str(row.id) in client.get(address).text
        columns = {name: [values[0]] for name, values in FILLED[part].items()}
        columns["titles"] = ["Another"]
        client.post(address, data=columns | {"ids": [str(row.id)]})
        assert "Another" in page(client, project)
        client.post(address, data={"ids": [str(row.id)], "titles": [""]})
        assert db.query(TABLES[part]).count() == 0

    def test_of_another_project_is_refused(self, client, desk, part):
        answer = client.post(f"{desk}/{part}", data=FILLED[part] | {"ids": [NOBODY]})
        assert answer.status_code == 422
        assert client.post(f"{desk}/{part}", data=FILLED[part] | {"ids": ["x"]}).status_code == 422

    def test_has_a_bound(self, client, desk, part):
        many = {name: [values[0]] * 31 for name, values in FILLED[part].items()}
        assert client.post(f"{desk}/{part}", data=many).status_code == 422

    def test_is_for_the_projects_people_only(self, client, project, sign_in, part):
        sign_in(client, factories.make_user())
        assert client.get(f"/project-desk/{project.slug}/plan/{part}").status_code == 404


class TestMistakes:
    @pytest.mark.parametrize(
        ("part", "wrong", "says"),
        [
            ("milestones", {"due": ["soon"]}, "Write the day like"),
            ("milestones", {"reached": ["2199-01-01"]}, "This day has not come yet"),
            ("milestones", {"updates": [NOBODY]}, "Choose an update"),
            ("milestones", {"updates": ["x"]}, "Choose an update"),
            ("needs", {"kinds": ["money"]}, "Choose one of what is offered"),
            ("needs", {"titles": ["x" * 301]}, "Please"),
        ],
    )
    def test_come_back_as_they_were_written(self, client, desk, db, part, wrong, says):
        given = FILLED[part] | {"ids": [""]} | wrong
        answer = client.post(f"{desk}/{part}", data=given)
        assert answer.status_code == 422
        assert says in answer.text or "too long" in answer.text
        assert db.query(TABLES[part]).count() == 0

    def test_an_unknown_part_is_none(self, client, desk):
        assert client.get(f"{desk}/secrets").status_code == 404


@pytest.fixture
def need(project, db):
    service.set_needs(
        project=project,
        wishes=[(None, {"title": "A lorry", "kind": "lift", "until_on": None, "closed_at": None})],
        now=clock.now(),
    )
    db.commit()
    return db.query(Need).one()


@pytest.fixture
def helper(client, sign_in, db):
    person = factories.make_user(name="Tom Byrne", email="tom@example.org")
    sign_in(client, person)
    return person


class TestNeed:
    def answer(self, client, project, need, **more):
        address = f"/projects/{project.slug}/needs/{need.id}"
        return client.post(address, data={"message": "On Fridays"} | more)

    def test_is_answered_without_showing_an_address(
        self, client, project, need, helper, owner, sign_in, run_jobs, app
    ):
        assert "A lorry" in client.get(f"/projects/{project.slug}/needs/{need.id}").text
        assert self.answer(client, project, need).status_code == 303
        assert "need_answer_mail" in run_jobs()
        (letter,) = [
            one
            for one in app.extensions["post"].letters
            if one["To"] == owner.email and "can help" in one["Subject"]
        ]
        assert "tom@example.org" not in letter.as_string()
        sign_in(client, owner)
        desk = client.get(f"/project-desk/{project.slug}/plan/needs").text
        assert "On Fridays" in desk
        assert "tom@example.org" not in desk

    def test_shows_the_address_once_the_person_agreed_and_hides_it_again(
        self, client, project, need, helper, owner, sign_in, db
    ):
        self.answer(client, project, need, shares_email="1")
        given = db.query(NeedAnswer).one()
        for how, seen in (("", True), ("hide", False), ("share", True)):
            sign_in(client, helper)
            if how:
                client.post(f"/account/answers/{given.id}", data={"how": how})
            assert ("Hide my address" in client.get("/account/answers").text) is seen
            sign_in(client, owner)
            desk = client.get(f"/project-desk/{project.slug}/plan/needs").text
            assert ("tom@example.org" in desk) is seen

    def test_is_answered_once_by_each(self, client, project, need, helper, db):
        self.answer(client, project, need)
        self.answer(client, project, need, message="On Mondays")
        assert [one.message for one in db.query(NeedAnswer)] == ["On Mondays"]

    def test_takes_an_answer_back(self, client, project, need, helper, db, run_jobs):
        self.answer(client, project, need)
        given = db.query(NeedAnswer).one()
        assert client.post(f"/account/answers/{given.id}", data={"how": "x"}).status_code == 404
        client.post(f"/account/answers/{given.id}", data={"how": "take-back"})
        assert "You have offered nothing yet" in client.get("/account/answers").text
        run_jobs()

    def test_is_nobody_elses_to_change(self, client, project, need, helper, sign_in, db):
        self.answer(client, project, need)
        given = db.query(NeedAnswer).one()
        sign_in(client, factories.make_user())
        for answer_id in (given.id, NOBODY):
            address = f"/account/answers/{answer_id}"
            assert client.post(address, data={"how": "share"}).status_code == 404
        other = factories.make_project()
        db.commit()
        assert self.answer(client, other, need).status_code == 404

    def test_that_is_over_takes_no_answer(self, client, project, need, helper, db):
        need = db.query(Need).one()
        need.until_on = clock.now().date() - timedelta(days=1)
        db.commit()
        assert self.answer(client, project, need).status_code == 409
        assert "A lorry" not in page(client, project)

    def test_needs_words(self, client, project, need, helper):
        assert self.answer(client, project, need, message="").status_code == 422

    def test_cannot_be_answered_all_day(self, client, project, need, helper):
        answers = [self.answer(client, project, need).status_code for _time in range(21)]
        assert answers[-1] == 429

    def test_stays_if_somebody_answered_and_is_closed(
        self, client, project, need, helper, owner, sign_in, db
    ):
        self.answer(client, project, need)
        sign_in(client, owner)
        address = f"/project-desk/{project.slug}/plan/needs"
        assert client.post(address, data={}).status_code == 422
        closed = FILLED["needs"] | {"ids": [str(need.id)], "states": ["closed"]}
        for _time in range(2):
            assert client.post(address, data=closed).status_code == 303
        sign_in(client, helper)
        assert "not needed any more" in client.get(f"/projects/{project.slug}/needs/{need.id}").text
        assert self.answer(client, project, need).status_code == 409


class TestFirstPage:
    def test_needs_few_statements_with_everything_on_it(
        self, client, desk, project, need, db, engine
    ):
        for part, given in FILLED.items():
            if part != "needs":
                client.post(f"{desk}/{part}", data=given)
        projects.set_budget(project=project, lines=[(None, "Pipe", 700, True), (None, "Tea", 3)])
        db.commit()
        client.delete_cookie("causeway")
        with statements(engine) as asked:
            shown = page(client, project)
        assert len(asked) <= 8
        assert "needed to begin" in shown
        assert "It can begin with" in shown
