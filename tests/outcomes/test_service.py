"""What is measured, published, corrected and reviewed, with the reasons why not."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.outcomes import queries, service
from marketplace.outcomes.models import Outcome, OutcomeReview
from marketplace.outcomes.rules import IndicatorKind, ReviewerRole
from marketplace.outcomes.service import IndicatorWish, Proof, Value
from marketplace.projects import queries as projects
from marketplace.projects import service as project_service
from tests import factories
from tests.factories import NOW
from tests.outcomes.conftest import FEBRUARY, JANUARY


def counting(project):
    return [(one.value, one.measured_on) for one in queries.find_published_outcomes([project.id])]


class TestIndicator:
    def test_keeps_its_meaning_once_a_value_is_published(self, project, indicator, measure):
        measure(38)
        wish = IndicatorWish("Homes", "households", IndicatorKind.LEVEL, "SDG 6.1.1")
        with pytest.raises(Invalid) as refused:
            service.set_indicator(project=project, indicator=indicator, wish=wish, now=NOW)
        assert "kind" in refused.value.fields
        wish = IndicatorWish("Homes", "households", IndicatorKind.ADDS, "SDG 6.1.1")
        service.set_indicator(project=project, indicator=indicator, wish=wish, now=NOW)
        assert indicator.title == "Homes"

    def test_refuses_the_budget_line_of_another_project(self, project):
        other = factories.make_project()
        project_service.set_budget(project=other, lines=[(None, "Theirs", 700)])
        line = projects.list_budget(other.id)[0][0].id
        wish = IndicatorWish("Homes", "homes", IndicatorKind.ADDS, budget_line_id=line)
        with pytest.raises(Invalid):
            service.set_indicator(project=project, indicator=None, wish=wish, now=NOW)

    def test_is_one_of_twenty_at_most(self, project):
        wish = IndicatorWish("Homes", "homes", IndicatorKind.ADDS)
        for _time in range(20):
            service.set_indicator(project=project, indicator=None, wish=wish, now=NOW)
        with pytest.raises(Invalid):
            service.set_indicator(project=project, indicator=None, wish=wish, now=NOW)

    def test_of_another_project_is_none(self, indicator):
        with pytest.raises(NotFound):
            queries.get_indicator(factories.make_project().id, indicator.id)


class TestValue:
    def test_counts_once_it_is_published(self, project, measure):
        drafted = measure(38, JANUARY, publishes=False)
        assert counting(project) == []
        service.publish(outcome=drafted, now=NOW)
        assert counting(project) == [(38, JANUARY)]

    def test_is_found_by_its_day(self, project, measure):
        measure(38, JANUARY)
        measure(45, FEBRUARY)
        found = queries.find_published_outcomes([project.id], FEBRUARY, FEBRUARY)
        assert [(one.value, one.proofs, one.reviews) for one in found] == [(45, 1, 0)]
        assert queries.find_published_outcomes([factories.make_project().id]) == []

    def test_refuses_a_day_that_has_not_come_and_too_many_proofs(self, indicator, owner):
        proofs = [Proof("-", url="https://example.org")] * 6
        for value, given in (
            (Value(Decimal(1), NOW.date() + timedelta(1), "-"), ()),
            (Value(Decimal(1), NOW.date(), "-"), proofs),
        ):
            with pytest.raises(Invalid):
                service.draft(indicator=indicator, author=owner, value=value, proofs=given, now=NOW)

    def test_changes_and_goes_as_long_as_it_is_a_draft(self, project, measure, owner, db):
        drafted = measure(38, publishes=False)
        drafted = queries.get_outcome(project.id, drafted.id)
        value = Value(Decimal(39), JANUARY, "Counted again")
        service.edit(outcome=drafted, author=owner, value=value, now=NOW)
        assert (drafted.value, drafted.measured_on) == (39, JANUARY)
        service.discard(outcome=queries.get_outcome(project.id, drafted.id))
        assert db.query(Outcome).count() == 0

    def test_stays_once_it_is_published(self, project, measure, owner):
        published = queries.get_outcome(project.id, measure(38).id)
        value = Value(Decimal(39), JANUARY, "-")
        with pytest.raises(Conflict):
            service.edit(outcome=published, author=owner, value=value, now=NOW)
        with pytest.raises(Conflict):
            service.discard(outcome=published)
        with pytest.raises(Conflict):
            service.publish(outcome=published, now=NOW)

    @pytest.mark.parametrize(
        "statement",
        [
            "update outcome set value = 1",
            "delete from outcome_evidence",
            "update outcome set state = 'draft', published_at = null",
            "update outcome_evidence set title = 'x'",
        ],
    )
    def test_stays_whoever_tries(self, measure, db, statement):
        measure(38)
        with pytest.raises(sa.exc.DBAPIError, match="stays as it is"), db.begin_nested():
            db.execute(sa.text(statement))


class TestCorrection:
    def test_counts_instead_once_it_is_published(self, project, measure):
        first = measure(38, JANUARY)
        correction = measure(36, JANUARY, corrects=first, publishes=False)
        assert counting(project) == [(38, JANUARY)]
        service.publish(outcome=correction, now=NOW)
        assert counting(project) == [(36, JANUARY)]
        assert len(queries.list_outcomes(project.id)) == 2
        assert queries.find_published_outcomes([project.id])[0].is_correction

    def test_may_withdraw_a_value(self, project, measure):
        measure(38, JANUARY, corrects=measure(38, JANUARY), is_withdrawn=True)
        assert counting(project) == []

    def test_is_itself_corrected(self, project, measure):
        second = measure(36, corrects=measure(38))
        measure(35, corrects=second)
        assert [value for value, _day in counting(project)] == [35]

    def test_is_the_only_one_of_a_value(self, measure):
        first = measure(38)
        measure(36, corrects=first, publishes=False)
        with pytest.raises(Conflict):
            measure(35, corrects=first)

    def test_is_of_a_published_value_only(self, measure):
        drafted = measure(38, publishes=False)
        with pytest.raises(Conflict):
            measure(35, corrects=drafted)


class TestReview:
    def test_is_by_somebody_else_of_the_project_or_an_operator(self, project, measure, owner, db):
        published = measure(38)
        person = factories.make_user()
        second = factories.make_owner(project, person)
        operator = factories.make_user(is_operator=True)
        for who, membership in ((person, second), (operator, None)):
            service.review(outcome=published, by=who, membership=membership, note="Saw it", now=NOW)
        roles = {one.role for one in db.query(OutcomeReview)}
        assert roles == {ReviewerRole.OWNER, ReviewerRole.OPERATOR}
        assert db.query(AuditEntry).filter_by(action="outcome.review").count() == 2
        with pytest.raises(Conflict):
            service.review(outcome=published, by=operator, membership=None, note="", now=NOW)

    def test_is_never_by_who_measured_nor_by_a_stranger(self, project, measure, owner):
        published = measure(38)
        mine = projects.find_membership(project.id, owner.id)
        for person, membership in ((owner, mine), (factories.make_user(), None)):
            with pytest.raises(Forbidden):
                service.review(
                    outcome=published, by=person, membership=membership, note="", now=NOW
                )

    def test_is_not_of_a_draft(self, measure):
        operator = factories.make_user(is_operator=True)
        drafted = measure(38, publishes=False)
        with pytest.raises(Forbidden):
            service.review(outcome=drafted, by=operator, membership=None, note="", now=NOW)

    def test_takes_a_value_off_the_operators_list(self, measure):
        published = measure(38)
        assert [one.id for one in queries.list_to_review()] == [published.id]
        operator = factories.make_user(is_operator=True)
        service.review(outcome=published, by=operator, membership=None, note="", now=NOW)
        assert queries.list_to_review() == []
