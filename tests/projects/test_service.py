"""What projects do, with the reasons why they may not."""

from datetime import timedelta

import pytest

from marketplace.accounts.models import AuditEntry
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.ids import new_id
from marketplace.media.models import Photo
from marketplace.projects import queries, service
from marketplace.projects.models import ProjectState
from marketplace.projects.service import Spent
from tests import factories
from tests.factories import NOW


@pytest.fixture
def project(db):
    return factories.make_project()


def receipt(db):
    photo = Photo(
        id=new_id(), key=str(new_id()), sha256=b"-", width=4, height=3, widths=[4], created_at=NOW
    )
    db.add(photo)
    db.flush()
    return photo


def spend(project, db, *, line=None, days=0):
    return service.spend(
        project=project,
        by=factories.make_user(),
        spent=Spent(500, NOW.date() + timedelta(days), "Payee", "Pipe", receipt(db), line),
        update_id=None,
        now=NOW,
    )


def budget(project):
    return [
        (line.title, line.amount_minor, spent) for line, spent in queries.list_budget(project.id)
    ]


class TestSetBudget:
    def test_adds_changes_orders_and_takes_away(self, project):
        service.set_budget(project=project, lines=[(None, "Pipe", 700), (None, "Wages", 300)])
        (pipe, _), _wages = queries.list_budget(project.id)
        service.set_budget(project=project, lines=[(None, "Stone", 50), (pipe.id, "Pipes", 600)])
        assert budget(project) == [("Stone", 50, 0), ("Pipes", 600, 0)]

    def test_keeps_a_line_of_which_money_was_spent(self, project, db):
        service.set_budget(project=project, lines=[(None, "Pipe", 700)])
        spend(project, db, line=queries.list_budget(project.id)[0][0].id)
        with pytest.raises(Invalid):
            service.set_budget(project=project, lines=[])
        assert budget(project) == [("Pipe", 700, 500)]

    def test_refuses_the_line_of_another_project(self, project):
        other = factories.make_project()
        service.set_budget(project=other, lines=[(None, "Theirs", 700)])
        theirs = queries.list_budget(other.id)[0][0].id
        with pytest.raises(Invalid):
            service.set_budget(project=project, lines=[(theirs, "Mine", 1)])
        assert budget(other) == [("Theirs", 700, 0)]


class TestSpend:
    def test_refuses_a_day_that_has_not_come(self, project, db):
        with pytest.raises(Invalid) as refused:
            spend(project, db, days=1)
        assert "spent_on" in refused.value.fields

    def test_refuses_the_budget_line_of_another_project(self, project, db):
        other = factories.make_project()
        service.set_budget(project=other, lines=[(None, "Theirs", 700)])
        with pytest.raises(Invalid):
            spend(project, db, line=queries.list_budget(other.id)[0][0].id)


class TestMove:
    def test_writes_down_who_and_why(self, project, db):
        operator = factories.make_user(is_operator=True)
        service.move(project=project, how="suspend", operator=operator, reason="Papers", now=NOW)
        entry = db.query(AuditEntry).filter_by(subject_id=str(project.id)).one()
        assert (project.state, entry.reason) == (ProjectState.SUSPENDED, "Papers")
        assert (entry.action, entry.actor_id) == ("project.suspend", operator.id)

    def test_does_not_open_what_is_closed(self, project):
        project.state = ProjectState.CLOSED
        operator = factories.make_user(is_operator=True)
        with pytest.raises(Conflict):
            service.move(project=project, how="verify", operator=operator, reason="-", now=NOW)


class TestPropose:
    @pytest.mark.parametrize("title", ["Propose", "A well"])
    def test_finds_an_address_that_nothing_else_has(self, db, title):
        cause, person = factories.make_cause(), factories.make_user()
        made = [
            service.propose(
                title=title, organisation="-", summary="-", story="-", place="-", country=None,
                cause=cause, goal_minor=1, currency="EUR", by=person, now=NOW,
            ).slug
            for _time in range(3)
        ]  # fmt: skip
        assert len(set(made)) == 3
        assert "propose" not in made
