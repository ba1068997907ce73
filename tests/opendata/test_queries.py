"""What is told of gifts adds up to the books, whatever became of them."""

from datetime import timedelta

import pytest

from marketplace.checkout import service as checkout
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.impact.queries import project_totals
from marketplace.opendata import queries
from marketplace.opendata.rules.records import UNCHECKED, CheckedTold
from marketplace.orders.queries import get_order
from marketplace.verification import service as verification
from marketplace.verification.rules import Result, Step, ends_on
from tests import factories
from tests.journeys.purchase import pay, place
from tests.orders.world import confirm_all
from tests.outcomes.conftest import FEBRUARY, JANUARY
from tests.verification.making import check, team_of


def sums():
    found = {}
    for grant in queries.list_grants():
        found[grant.project.id] = found.get(grant.project.id, 0) + grant.amount_minor
    return found


class TestListGrants:
    def test_adds_up_to_what_is_confirmed(self, given):
        totals = project_totals(list(sums()))
        assert sums() == {project: one.confirmed_minor for project, one in totals.items()}
        assert sums()

    def test_tells_companies_and_own_gifts_apart(self, given):
        grants = list(queries.list_grants())
        assert {(grant.source, grant.company is None) for grant in grants} == {
            ("pledge", False),
            ("top_up", True),
        }
        assert all(grant.gifts >= 1 and grant.month.day == 1 for grant in grants)
        assert all(grant.first_on <= grant.last_on for grant in grants)

    def test_tells_what_was_checked_last_of_who_gives_and_who_gets(self, given, db):
        now = clock.now()
        grants = [one for one in queries.list_grants() if one.project.id == given.id]
        pledge = next(one for one in grants if one.company_id)
        company = db.get(Company, pledge.company_id)
        check(team_of(given), now=now, on=now.date() - timedelta(days=3))
        check(team_of(given), now=now)
        check(team_of(given), Step.BANK, Step.VISIT, now=now, result=Result.FAILED)
        check(team_of(company), now=now)
        for row in (given, company):
            verification.decide(
                team=team_of(row), reason="x", operator=factories.make_user(), now=now
            )
        day = now.date()
        steps = f"persons={day} sanctions={day} sanctions-list={day}"
        assert {one.project.id for one in queries.list_grants()} > {given.id}
        for one in queries.list_grants():
            told = (one.recipient_checked, one.giver_checked)
            if one.project.id == given.id:
                assert told[0] == CheckedTold("declared", day, ends_on(day), steps)
            else:
                assert told[0] == UNCHECKED
            is_theirs = one.company_id == company.id
            assert told[1].level == ("declared" if is_theirs else None)

    def test_says_nothing_of_what_is_pending(self, db, shop, provider):
        pay(place(shop), provider)
        assert list(queries.list_grants()) == []

    def test_takes_off_what_was_given_back_later(self, db, shop, provider, run_jobs):
        order = pay(place(shop), provider).id
        confirm_all(order)
        before = sum(sums().values())
        with atomic():
            checkout.request_full_refund(
                order_id=order, reason="Late", requested_by_id=None, now=clock.now()
            )
        run_jobs()
        assert sum(sums().values()) < before
        totals = project_totals([one.project_id for one in get_order(order).allocations])
        assert sum(sums().values()) == sum(one.confirmed_minor for one in totals.values())


class TestListActivities:
    def test_gives_each_project_its_own(self, given):
        empty = factories.make_project()
        told = {
            one.project.id: (list(one.grants), list(one.payouts))
            for one in queries.list_activities()
        }
        assert told[empty.id] == ([], [])
        for project, (grants, payouts) in told.items():
            assert {grant.project.id for grant in grants} <= {project}
            paid = sum(payout.amount_minor for payout in payouts)
            assert paid == project_totals([project])[project].paid_out_minor
        assert sum(len(grants) for grants, _paid in told.values()) == len(
            list(queries.list_grants())
        )
        assert any(payouts for _grants, payouts in told.values())

    def test_tells_what_counts_of_what_was_measured(self, indicator, measure):
        first = measure(40, JANUARY)
        measure(44, JANUARY, corrects=first)
        measure(60, FEBRUARY)
        measure(99, publishes=False)
        (told,) = [list(one.results) for one in queries.list_activities()]
        assert [one.values for one in told] == [((JANUARY, 44), (FEBRUARY, 60))]
        assert (told[0].adds_up, told[0].target) == (True, 300)

    def test_passes_over_what_nobody_read(self, given):
        assert len(list(queries.list_activities())) > 1

    def test_leaves_out_what_is_not_public(self, db):
        hidden = factories.make_project(state="proposed")
        assert hidden.id not in {one.project.id for one in queries.list_activities()}

    def test_falls_back_to_the_goal_of_the_cause(self, db):
        factories.make_project(sdgs=[])
        found = next(one.project for one in queries.list_activities())
        assert found.sdgs == (6,)


@pytest.mark.usefixtures("db")
class TestFindEdition:
    def test_finds_none_before_the_first(self, app):
        queries.storage.delete([queries.MANIFEST])
        assert queries.find_edition() is None
