"""What went wrong, found in what is recorded, whether the project told it or not."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from marketplace.core.errors import Invalid
from marketplace.core.ids import new_id
from marketplace.ledger.rules import Entry, Kind
from marketplace.media.models import Photo
from marketplace.outcomes import service as outcomes
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish, Value
from marketplace.payouts.models import PayeeKind, Payout, PayoutState
from marketplace.planning import queries
from marketplace.planning.models import Milestone
from marketplace.planning.rules import WrongKind
from marketplace.projects import service
from marketplace.projects.models import ProjectUpdate
from marketplace.projects.queries import list_budget
from marketplace.projects.service import Spent
from tests import factories
from tests.factories import NOW
from tests.impact.test_queries import available, give, in_flight, pay_out, post, release

TODAY = NOW.date()


@pytest.fixture
def project(db):
    return factories.make_project(verified_at=NOW)


def wrong(project, today=TODAY):
    return queries.get_plan(project.id, today=today).wrong


def tell(db, project, title, **columns):
    told = ProjectUpdate(
        id=new_id(),
        project_id=project.id,
        author_id=factories.make_user().id,
        title=title,
        body="-",
        body_html="-",
        **{"published_at": NOW} | columns,
    )
    db.add(told)
    db.flush()
    return told


def pay(db, project, minor, days):
    db.add(
        Payout(
            id=new_id(),
            payee_id=project.id,
            payee_kind=PayeeKind.PROJECT,
            currency="EUR",
            amount_minor=minor,
            state=PayoutState.PAID,
            commanded_at=NOW,
            paid_at=NOW - timedelta(days=days),
        )
    )
    db.flush()


def spend(db, project, minor, corrects=None):
    photo = Photo(
        id=new_id(), key=str(new_id()), sha256=b"-", width=4, height=3, widths=[4], created_at=NOW
    )
    db.add(photo)
    db.flush()
    return service.spend(
        project=project,
        by=factories.make_user(),
        spent=Spent(minor, TODAY, "Payee", "Pipe", photo, note="Read wrongly" if corrects else ""),
        update_id=None,
        corrects=corrects,
        now=NOW,
    )


class TestWrong:
    def test_is_nothing_where_nothing_went_wrong(self, db, project):
        tell(db, project, "All is well")
        pay(db, project, 500, 200)
        spend(db, project, 500)
        pay(db, project, 500, 30)
        assert wrong(project) == []

    def test_are_setbacks_and_what_became_of_updates(self, db, project):
        other = factories.make_project()
        tell(db, other, "Theirs", is_setback=True)
        setback = tell(db, project, "Cement was dearer", is_setback=True)
        tell(db, project, "Mistaken", corrected_at=NOW, note="A wrong day")
        tell(db, project, "Gone", taken_back_at=NOW, note="Not ours", is_setback=True)
        told = {(one.kind, one.title, one.note) for one in wrong(project)}
        assert told == {
            ("setback", "Cement was dearer", ""),
            ("update_corrected", "Mistaken", "A wrong day"),
            ("update_taken_back", "Gone", "Not ours"),
        }
        (one,) = [one for one in wrong(project) if one.kind is WrongKind.SETBACK]
        assert (one.on_day, one.update_id) == (TODAY, str(setback.id))

    def test_is_a_corrected_receipt_with_both_amounts(self, db, project):
        spend(db, project, 700, corrects=spend(db, project, 500))
        (one,) = wrong(project)
        assert (one.kind, one.was_minor, one.minor) == ("spending_corrected", 500, 700)
        assert one.note == "Read wrongly"

    def test_is_a_corrected_value(self, db, project):
        wish = IndicatorWish("Families", "families", IndicatorKind.ADDS, "")
        indicator = outcomes.set_indicator(project=project, indicator=None, wish=wish, now=NOW)
        first = None
        for value, note in ((3, ""), (2, "Counted twice")):
            told = Value(value, TODAY, "Counted", note)
            first = outcomes.draft(
                indicator=indicator,
                author=factories.make_user(),
                value=told,
                corrects=first,
                now=NOW,
            )
            outcomes.publish(outcome=first, now=NOW)
        (one,) = wrong(project)
        assert (one.kind, one.title, one.note) == ("outcome_corrected", "Families", "Counted twice")

    def test_is_money_without_a_receipt_after_ninety_days(self, db, project):
        pay(db, project, 500, 91)
        pay(db, project, 900, 89)
        spend(db, project, 200)
        (one,) = wrong(project)
        assert (one.kind, one.on_day, one.minor) == ("without_receipt", None, 300)

    def test_is_a_milestone_whose_day_has_gone_by(self, db, project):
        for title, due, reached in (
            ("Late", TODAY - timedelta(1), None),
            ("Done", TODAY - timedelta(1), TODAY),
            ("Today", TODAY, None),
            ("Some day", None, None),
        ):
            db.add(
                Milestone(
                    id=new_id(),
                    project_id=project.id,
                    title=title,
                    due_on=due,
                    reached_on=reached,
                )
            )
        db.flush()
        assert [(one.kind, one.title) for one in wrong(project)] == [("late", "Late")]

    def test_is_silence(self, db, project):
        later = TODAY + timedelta(days=92)
        assert [one.kind for one in wrong(project, later)] == ["silent"]
        tell(db, project, "Still here", published_at=NOW + timedelta(days=30))
        assert wrong(project, later) == []
        project.state = "closed"
        db.flush()
        assert wrong(project, date(2030, 1, 1)) == []

    def test_is_money_that_came_back_or_went_on(self, db, project):
        give(project, 1_000)
        release(project, 1_000)
        pay_out(project, 600)
        post(Kind.PAYOUT_RETURNED, Entry(in_flight(project), available(project), 600))
        heir = factories.make_project(verified_at=NOW)
        post(Kind.REROUTE, Entry(available(project), available(heir), 400))
        told = {(one.kind, one.minor) for one in wrong(project)}
        assert told == {("rerouted", 400), ("payout_returned", 600)}
        assert wrong(heir) == []

    def test_is_cut_to_the_newest(self, db, project):
        for number in range(30):
            tell(db, project, f"Setback {number}", is_setback=True)
            tell(db, project, f"Mistaken {number}", corrected_at=NOW)
            spend(db, project, 2, corrects=spend(db, project, 1))
        assert len(wrong(project)) == 10


class TestRevisions:
    def test_are_what_was_planned_before(self, db, project):
        by = factories.make_user()
        service.set_budget(project=project, lines=[(None, "Pipe", 700), (None, "Tea", 300)])
        (pipe, _), _tea = queries_of_budget(project)
        service.change_budget(
            project=project,
            lines=[(pipe, "Pipes", 800), (None, "Wages", 50)],
            goal_minor=900_000,
            reason="Iron is dearer",
            by=by,
            now=NOW,
        )
        told = queries.get_plan(project.id, today=TODAY).revisions
        assert {(one.was_title, one.title, one.was_minor, one.minor) for one in told} == {
            (None, None, 1_000_000, 900_000),
            ("Pipe", "Pipes", 700, 800),
            ("Tea", None, 300, None),
            (None, "Wages", None, 50),
        }
        assert {one.reason for one in told} == {"Iron is dearer"}
        assert [one.is_goal for one in told].count(True) == 1

    def test_are_none_where_nothing_changed_or_nobody_has_read_it(self, db, project):
        by, proposed = factories.make_user(), factories.make_project(state="proposed")
        for about in (project, proposed):
            service.set_budget(project=about, lines=[(None, "Pipe", 700)])
            ((pipe, _),) = queries_of_budget(about)
            service.change_budget(
                project=about,
                lines=[(pipe, "Pipe", 700, True)],
                goal_minor=about.goal_minor if about is project else 1,
                reason="",
                by=by,
                now=NOW,
            )
            assert queries.get_plan(about.id, today=TODAY).revisions == []
        assert proposed.goal_minor == 1

    def test_of_a_goal_need_a_reason_and_stay(self, db, project):
        said = {"project": project, "lines": [], "by": factories.make_user(), "now": NOW}
        with pytest.raises(Invalid) as refused:
            service.change_budget(goal_minor=1, reason="", **said)
        assert set(refused.value.fields) == {"reason"}
        assert project.goal_minor == 1_000_000
        service.change_budget(goal_minor=1, reason="Less", **said)
        for statement in ("update budget_change set reason = 'x'", "delete from budget_change"):
            with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
                db.execute(sa.text(statement))


def queries_of_budget(project):
    return [(line.id, line.title) for line, _spent in list_budget(project.id)]
