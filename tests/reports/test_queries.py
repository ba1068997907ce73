"""The figures of a report follow the ledger through returns, early and late."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict
from marketplace.impact.queries import company_totals
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind
from marketplace.reports import queries
from marketplace.reports import service as reports
from marketplace.reports.queries import Wanted
from marketplace.reports.rules import By, Figure, Figures
from tests import factories
from tests.cluster import in_transactions
from tests.journeys.purchase import HOME, pay, place
from tests.reports.making import make_draft, make_published

POST = sa.text(
    "insert into ledger_transaction (kind, effect_key, effective_at) "
    "values ('fee', 'fee:only a test', now()) returning id"
)


def figures(company):
    """Return what the book says of the last month, and leave nothing behind."""
    version = make_draft(company, "Looked up")
    found = queries.figures_now(version.report, version)
    with atomic():
        reports.discard(version_id=version.id, by=factories.make_user(), now=clock.now())
    return found


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


def find(company, report):
    return queries.get_published(company.slug, report)


def holds():
    return session.execute(sa.text(queries.SAME)).one()


def as_told(company):
    """Return a published report's figures, asked anew, and all that is listed behind them."""
    version = find(company, "what-we-gave")
    again = queries.figures_again(version.report, version)
    assert again == Figures.from_json(version.figures)
    looked_at, broken = holds()
    assert (looked_at, broken) == (len(version.figures), 0)
    behind = {}
    for figure in set(Figure) - {Figure.ORDERS}:
        for row in (one for one in again.rows if one.figure == figure):
            wanted = Wanted(figure, By(row.by), row.of)
            entries = list(queries.list_all_entries(version, wanted))
            total = sum(entry.amount for entry in entries)
            assert (len(entries), total) == queries.count_entries(version, wanted)
            assert total == row.amount, row
            behind[wanted] = entries
    return again, behind


@pytest.fixture
def order(shop, provider):
    return pay(place(shop), provider)


class TestFigures:
    def test_agree_with_the_companys_public_total(self, shop, order):
        for company in shop["companies"]:
            found = figures(company)
            assert found["given"] == company_totals([company.id])[company.id].given_minor > 0
            assert found["pending"] == found["given"]

    def test_are_zero_once_everything_came_back(self, shop, order):
        give_all_back(order)
        found = figures(shop["companies"][0])
        assert found["sales"] == found["returned"] == 3660
        assert found["given"] == 0
        assert found["top_up"] == 0

    def test_keep_what_a_paid_project_keeps_of_a_late_return(self, shop, order):
        confirm(order)
        springs = shop["projects"][0]
        pay_out(springs)
        give_all_back(order)
        weaver = shop["companies"][0]
        found = figures(weaver)
        assert found["given"] == company_totals([weaver.id])[weaver.id].given_minor == 120
        assert {one.of: one["given"] for one in found.by(By.PROJECT)}[springs.slug] == 120
        assert found["confirmed"] == 120

    def test_stay_as_published_when_an_older_payment_settles_later(
        self,
        shop,
        provider,
        order,
    ):
        late = place(shop)
        provider.pay(late.payment_url)  # captured by the provider; nobody has told us yet
        weaver = shop["companies"][0]
        make_published(weaver)
        taken, before = as_told(weaver)
        assert taken["sales"] == 3660

        jobs.settle_session(late.checkout_session_id)
        confirm(order)
        give_all_back(order)

        assert figures(weaver)["sales"] == 2 * 3660
        assert as_told(weaver) == (taken, before)

    def test_count_net_sales_to_the_cent_however_it_comes_back(self, shop, provider):
        order = pay(place(shop), provider)
        roaster = shop["companies"][1]
        line = next(one for one in order.lines if one.company_id == roaster.id)
        assert (line.gross_minor, line.net_minor) == (2684, 2440)
        assert figures(roaster)["net_sales"] == 2440
        left = []
        for _piece in range(2):
            give_back_a_piece(order, line)
            left.append(figures(roaster))
        assert [one["net_sales"] for one in left] == [1220, 0]
        assert [one["kept"] for one in left] == [1342, 0]
        assert [one["vat"] for one in left] == [122, 0]

    def test_leave_no_cent_of_net_sales_of_what_came_back_in_odd_parts(self, db, provider):
        company = factories.make_company()
        product = factories.make_product(company, price_minor=1003, on_hand=9)
        order = pay(place_three(product, factories.make_project()), provider)
        (line,) = order.lines
        assert figures(company)["net_sales"] == line.net_minor == 2466
        left = []
        for _piece in range(3):
            give_back_a_piece(order, line)
            left.append(figures(company)["net_sales"])
        assert left == [1644, 822, 0]


class TestEndOfBook:
    def test_is_not_told_while_somebody_writes_for_long(self, db, engine):
        with in_transactions(engine).connect() as writer:
            writer.scalar(POST)
            with pytest.raises(Conflict):
                queries.lock_end_of_book()
            db.rollback()

    def test_waits_for_whoever_is_writing_and_lets_nobody_begin(self, app, engine):
        """A payment that takes its number first and commits last must be in, or come after."""
        own = in_transactions(engine)
        with own.connect() as writer, own.connect() as publisher:
            number = writer.scalar(POST)
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                publisher.scalar(sa.text("select ledger_end()"))
            publisher.rollback()
            writer.rollback()
            assert publisher.scalar(sa.text("select ledger_end()")) < number
            writer.execute(sa.text("set local lock_timeout = '50ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                writer.scalar(POST)
