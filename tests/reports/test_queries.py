"""The figures of a report follow the ledger through returns, early and late."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict
from marketplace.impact.queries import company_totals
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind
from marketplace.reports import queries
from marketplace.reports import service as reports
from marketplace.reports.rules import Figure, Figures
from tests import factories
from tests.journeys.test_purchase import HOME, pay, place, shop  # noqa: F401  # a fixture

POST = sa.text(
    "insert into ledger_transaction (kind, effect_key, effective_at) "
    "values ('fee', 'fee:only a test', now()) returning id"
)


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


def give_back_a_piece(order, line):
    with atomic():
        service.request_refund(
            order_id=order.id,
            pieces={line.id: 1},
            shipping=[],
            reason="Torn",
            requested_by_id=None,
            now=clock.now(),
        )
    for command_id in jobs.queries.list_due_commands(clock.now()):
        jobs.run_command(command_id=str(command_id))


def place_three(product, project):
    wish = service.PlaceOrder(
        checkout_key="three pieces",
        wanted={product.variants[0].id: 3},
        choice=[(project.id, 197)],
        top_up_minor=0,
        delivery=HOME,
        locale="en",
    )
    with atomic():
        order, sending = service.place(
            wish=wish,
            commission_bp=500,
            hold=timedelta(minutes=30),
            success_url="http://localhost/checkout/done/{token}",
            cancel_url="http://localhost/checkout/back/{token}",
            now=clock.now(),
        )
    jobs.send(sending)
    return orders.get_order(order.id)


def publish(company):
    now = clock.now()
    with atomic():
        report = reports.draft(
            company=company,
            title="What we gave",
            starts_on=now.date() - timedelta(days=30),
            ends_on=now.date(),
            now=now,
        )
        reports.write(report_id=report.id, title="What we gave", message="", done_badly="Late.")
        return reports.publish(report_id=report.id, by=factories.make_user(), now=now)


def as_told(report):
    """Return a published report's figures, asked anew, and all that is listed behind them."""
    again = queries.figures(
        report.company_id, report.starts_on, report.ends_on, report.last_transaction_id
    )
    assert again == Figures.from_json(report.figures)
    behind = {figure: list(queries.list_all_entries(report, figure)) for figure in Figure}
    for figure, entries in behind.items():
        total = sum(entry.amount_minor for entry in entries)
        assert (len(entries), total) == queries.count_entries(report, figure)
        assert total == again.of(figure)
    return again, behind


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

    def test_stay_as_published_when_an_older_payment_settles_later(
        self,
        shop,  # noqa: F811
        provider,
        order,
    ):
        late = place(shop)
        provider.pay(late.payment_url)  # captured by the provider; nobody has told us yet
        weaver = shop["companies"][0]
        report = publish(weaver)
        taken, before = as_told(report)
        assert taken.sales_minor == 3660

        jobs.settle_session(late.checkout_session_id)
        confirm(order)
        give_all_back(order)

        assert figures(weaver).sales_minor == 2 * 3660
        assert as_told(report) == (taken, before)

    def test_count_net_sales_to_the_cent_however_it_comes_back(self, shop, provider):  # noqa: F811
        order = pay(place(shop), provider)
        roaster = shop["companies"][1]
        line = next(one for one in order.lines if one.company_id == roaster.id)
        assert (line.gross_minor, line.net_minor) == (2684, 2440)
        assert figures(roaster).net_sales_minor == 2440
        left = []
        for _piece in range(2):
            give_back_a_piece(order, line)
            left.append(figures(roaster))
        assert [one.net_sales_minor for one in left] == [1220, 0]
        assert [one.kept_sales_minor for one in left] == [1342, 0]
        assert [one.vat_minor for one in left] == [122, 0]

    def test_leave_no_cent_of_net_sales_of_what_came_back_in_odd_parts(self, db, provider):
        company = factories.make_company()
        product = factories.make_product(company, price_minor=1003, on_hand=9)
        order = pay(place_three(product, factories.make_project()), provider)
        (line,) = order.lines
        assert figures(company).net_sales_minor == line.net_minor == 2466
        left = []
        for _piece in range(3):
            give_back_a_piece(order, line)
            left.append(figures(company).net_sales_minor)
        assert left == [1644, 822, 0]


class TestEndOfBook:
    def test_is_not_told_while_somebody_writes_for_long(self, db, engine):
        with engine.connect() as writer:
            writer.scalar(POST)
            with pytest.raises(Conflict):
                queries.lock_end_of_book()
            db.rollback()

    def test_waits_for_whoever_is_writing_and_lets_nobody_begin(self, app, engine):
        """A payment that takes its number first and commits last must be in, or come after."""
        with engine.connect() as writer, engine.connect() as publisher:
            number = writer.scalar(POST)
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                publisher.scalar(sa.text("select ledger_end()"))
            publisher.rollback()
            writer.rollback()
            assert publisher.scalar(sa.text("select ledger_end()")) < number
            writer.execute(sa.text("set local lock_timeout = '50ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                writer.scalar(POST)
