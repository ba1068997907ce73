from datetime import date

import pytest

from marketplace.core.ids import new_id
from marketplace.impact.queries import (
    CompanyTotals,
    ProjectTotals,
    company_totals,
    platform_totals,
    project_totals,
)
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from tests.factories import NOW, make_company, make_project


def pending(project, source=Source.PLEDGE):
    return AccountKey(Purpose.PROJECT_PENDING, project.id, source)


def available(project, source=Source.PLEDGE):
    return AccountKey(Purpose.PROJECT_AVAILABLE, project.id, source)


def in_flight(project):
    return AccountKey(Purpose.PAYOUT_IN_FLIGHT, project.id)


def post(kind, *entries, currency="EUR"):
    ledger.post(
        kind=kind,
        effect_key=f"{kind}:{new_id()}",
        currency=currency,
        entries=entries,
        effective_at=NOW,
    )


def give(project, amount, source=Source.PLEDGE):
    post(Kind.CAPTURE, Entry(CLEARING, pending(project, source), amount))


def release(project, amount, source=Source.PLEDGE):
    post(Kind.RELEASE, Entry(pending(project, source), available(project, source), amount))


def pay_out(project, amount, source=Source.PLEDGE):
    post(Kind.PAYOUT, Entry(available(project, source), in_flight(project), amount))


def settle(project, amount):
    post(Kind.PAYOUT_SETTLED, Entry(in_flight(project), CLEARING, amount))


@pytest.mark.usefixtures("db")
class TestProjectTotals:
    def test_keeps_every_stage_apart(self):
        project, noise = make_project(), make_project()
        give(noise, 77)
        give(project, 1000)
        release(project, 700)
        pay_out(project, 500)
        settle(project, 300)
        totals = project_totals([project.id])[project.id]
        assert totals == ProjectTotals(pending_minor=300, available_minor=400, paid_out_minor=300)
        assert totals.confirmed_minor == 700
        assert totals.given_minor == 1000
        assert totals.held_minor == 700

    def test_takes_a_refund_back(self):
        project = make_project()
        give(project, 1000)
        post(Kind.REFUND, Entry(pending(project), CLEARING, 200))
        release(project, 800)
        post(Kind.REFUND, Entry(available(project), CLEARING, 100))
        totals = project_totals([project.id])[project.id]
        assert totals == ProjectTotals(pending_minor=0, available_minor=700)

    def test_credits_a_returned_payout_back(self):
        project = make_project()
        give(project, 1000)
        release(project, 1000)
        pay_out(project, 1000)
        settle(project, 1000)
        post(
            Kind.PAYOUT_RETURNED,
            Entry(CLEARING, in_flight(project), 1000),
            Entry(in_flight(project), available(project), 1000),
        )
        totals = project_totals([project.id])[project.id]
        assert totals == ProjectTotals(available_minor=1000)

    def test_does_not_settle_a_payout_that_was_rejected(self):
        project = make_project()
        give(project, 1000)
        release(project, 1000)
        pay_out(project, 1000)
        post(Kind.PAYOUT_RETURNED, Entry(in_flight(project), available(project), 1000))
        totals = project_totals([project.id])[project.id]
        assert totals == ProjectTotals(available_minor=1000)

    def test_answers_for_a_project_that_got_nothing(self):
        project = make_project()
        assert project_totals([project.id]) == {project.id: ProjectTotals()}

    def test_counts_as_spent_only_what_came_from_here(self):
        totals = ProjectTotals(paid_out_minor=300, spent_minor=500)
        assert (totals.spent_of_paid_minor, totals.unspent_minor) == (300, 0)


@pytest.mark.usefixtures("db")
class TestPlatformTotals:
    def test_is_nothing_in_the_beginning(self):
        totals = platform_totals("EUR")
        assert (totals.given_minor, totals.companies, totals.since) == (0, 0, None)

    def test_adds_up_all_projects_and_keeps_own_gifts_apart(self):
        one, two, foreign = make_project(), make_project(), make_project(currency="JPY")
        give(one, 1000)
        give(two, 300, Source.TOP_UP)
        release(two, 200, Source.TOP_UP)
        pay_out(two, 150, Source.TOP_UP)
        settle(two, 150)
        post(Kind.CAPTURE, Entry(CLEARING, pending(foreign), 9999), currency="JPY")
        company = AccountKey(Purpose.COMPANY_PENDING, make_company().id)
        post(Kind.CAPTURE, Entry(CLEARING, company, 5000))
        totals = platform_totals("EUR")
        assert (totals.pending_minor, totals.available_minor, totals.paid_out_minor) == (
            1100,
            50,
            150,
        )
        assert totals.given_minor == 1300
        assert totals.own_gifts_minor == 300
        assert totals.by_companies_minor == 1000
        assert (totals.companies, totals.projects) == (1, 2)
        assert totals.since == date(2026, 3, 12)

    def test_agrees_with_the_projects(self):
        projects = [make_project() for _ in range(3)]
        for number, project in enumerate(projects, 1):
            give(project, 100 * number)
            release(project, 50 * number)
        each = project_totals([project.id for project in projects]).values()
        totals = platform_totals("EUR")
        assert totals.given_minor == sum(one.given_minor for one in each) == 600
        assert totals.pending_minor == sum(one.pending_minor for one in each) == 300

    def test_does_not_count_a_payout_to_a_company(self):
        company = AccountKey(Purpose.COMPANY_AVAILABLE, make_company().id)
        flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, company.owner_id)
        post(Kind.CAPTURE, Entry(CLEARING, company, 5000))
        post(Kind.PAYOUT, Entry(company, flight, 5000))
        post(Kind.PAYOUT_SETTLED, Entry(flight, CLEARING, 5000))
        assert platform_totals("EUR").paid_out_minor == 0


@pytest.mark.usefixtures("db")
class TestCompanyTotals:
    def test_answers_for_a_company_that_gave_nothing(self):
        company = make_company()
        assert company_totals([company.id]) == {company.id: CompanyTotals()}
