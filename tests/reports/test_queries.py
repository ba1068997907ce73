"""The figures of a report follow the ledger through returns, early and late."""

from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.impact.queries import company_totals
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind
from marketplace.reports import queries
from tests.journeys.test_purchase import pay, place, shop  # noqa: F401  # a fixture


def figures(company):
    today = clock.now().date()
    return queries.figures(company.id, today - timedelta(days=30), today)


def give_all_back(order):
    with atomic():
        service.request_full_refund(
            order_id=order.id, reason="Never came", requested_by_id=None, now=clock.now()
        )
    for command_id in jobs.queries.list_due_commands(clock.now()):
        jobs.run_command(command_id=str(command_id))


def confirm(order):
    for part in orders.get_order(order.id).company_orders:
        with atomic():
            order_service.mark_sent(
                company_order=part,
                tracking="",
                return_window=timedelta(0),
                now=clock.now() - timedelta(days=4),
            )
        with atomic():
            assert service.release(company_order_id=part.id, now=clock.now())


def pay_out(project):
    with atomic():
        payouts.connect(
            payee_kind=PayeeKind.PROJECT,
            payee_id=project.id,
            provider_account_id=f"acct_{project.slug}",
            now=clock.now(),
        )
        payout = payouts.command(
            payee_kind=PayeeKind.PROJECT,
            payee_id=project.id,
            currency="EUR",
            minimum_minor=1,
            now=clock.now(),
        )
        assert payouts.confirm(payout_id=payout.id, provider_id="tr_paid", now=clock.now())


@pytest.fixture
def order(shop, provider):  # noqa: F811
    return pay(place(shop), provider)


class TestFigures:
    def test_agree_with_the_companys_public_total(self, shop, order):  # noqa: F811
        for company in shop["companies"]:
            found = figures(company)
            assert found.given_minor == company_totals([company.id])[company.id].given_minor > 0
            assert found.pending_minor == found.given_minor

    def test_are_zero_once_everything_came_back(self, shop, order):  # noqa: F811
        give_all_back(order)
        found = figures(shop["companies"][0])
        assert found.sales_minor == found.returned_minor == 3660
        assert found.given_minor == 0
        assert found.top_up_minor == 0

    def test_keep_what_a_paid_project_keeps_of_a_late_return(self, shop, order):  # noqa: F811
        confirm(order)
        springs = shop["projects"][0]
        pay_out(springs)
        give_all_back(order)
        weaver = shop["companies"][0]
        found = figures(weaver)
        assert found.given_minor == company_totals([weaver.id])[weaver.id].given_minor == 120
        assert {one.slug: one.amount_minor for one in found.projects}[springs.slug] == 120
        assert found.confirmed_minor == 120
