"""Orders that share companies and projects, in opposite orders: nobody locks the others out."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.ledger import queries as ledger
from marketplace.ledger import service as ledger_service
from marketplace.ledger.rules import AccountKey, Purpose, Source
from marketplace.orders import service as order_service
from marketplace.orders.models import Order
from marketplace.payments import queries as payments
from marketplace.payments.rules import CommandKind
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.cluster import in_transactions
from tests.concurrency.market import Market, Stall

PATIENCE_SECONDS = 120


@dataclass
class Shared:
    """Two projects, and two companies with each a thing of one cent's share and one of 2.40."""

    projects: list[uuid.UUID]
    wanted: list[list[uuid.UUID]]


@pytest.fixture
def shared(market: Market) -> Shared:
    with atomic():
        wanted = []
        for _ in range(2):
            company = factories.make_company()
            things = [factories.make_product(company, price_minor=price) for price in (15, 3660)]
            wanted.append([thing.variants[0].id for thing in things])
        return Shared([factories.make_project().id for _ in range(2)], wanted)


def buy(market: Market, shared: Shared, place: int) -> Order:
    """Buy of a company for both projects: the first order for one before the other, the second
    the other way round. Each has a line of one cent, which goes to its first project alone."""
    first, second = shared.projects[:: 1 if place == 0 else -1]
    wanted = shared.wanted[place]
    wish = replace(
        market.wish(Stall(wanted[0], first)),
        wanted=dict.fromkeys(wanted, 1),
        choice=[(first, 201), (second, 40)],
    )
    order = market.place_wish(wish)
    market.provider.pay(order.payment_url or "")
    jobs.settle_session(order.checkout_session_id or "")
    order = market.seen(order.id)
    with atomic():
        order_service.mark_sent(
            company_order=session.merge(order.company_orders[0]),
            tracking="",
            return_window=timedelta(0),
            now=clock.now() - timedelta(days=9),
        )
    return market.seen(order.id)


def releasing(order: Order) -> Callable[[], None]:
    part_id = order.company_orders[0].id

    def release() -> None:
        with atomic():
            assert service.release(company_order_id=part_id, now=clock.now())

    return release


def refunding(order: Order) -> Callable[[], None]:
    with atomic():
        refund = service.request_full_refund(
            order_id=order.id, reason="Torn", requested_by_id=None, now=clock.now()
        )
        command_id = payments.find_open_command(refund.id, CommandKind.REFUND)
    return lambda: jobs.run_command(command_id=str(command_id))


@contextmanager
def held(engine: sa.Engine, accounts: Sequence[int]) -> Iterator[Callable[[int], None]]:
    """Hold some balances; what is given waits until so many others stand in line for them."""
    own = in_transactions(engine)
    with own.connect() as connection, own.connect() as watcher:
        for account in sorted(accounts):
            connection.execute(sa.text("select ledger_fold(:one)"), {"one": account})

        def wait_for(count: int) -> None:
            until = time.monotonic() + PATIENCE_SECONDS
            while waiting(watcher) < count:
                assert time.monotonic() < until, "they do not come to the balances"

        yield wait_for
        connection.rollback()


def waiting(watcher: sa.Connection) -> int:
    watcher.execute(sa.text("reset role"))  # the product may not see what others wait for
    count = watcher.scalar(
        sa.text(
            "select count(*) from pg_stat_activity "
            "where datname = current_database() and wait_event_type = 'Lock'"
        )
    )
    watcher.rollback()
    return int(count or 0)


def settling(market: Market, shared: Shared) -> Callable[[], str]:
    """Return what settles a payment for a project that takes no more since it was placed."""
    wish = replace(
        market.wish(Stall(shared.wanted[0][1], shared.projects[0])),
        choice=[(shared.projects[0], 120), (shared.projects[1], 120)],
        top_up_minor=0,
    )
    placed = market.place_wish(wish)
    session_id = placed.checkout_session_id or ""
    market.provider.pay(placed.payment_url or "")
    with atomic():
        session.get_one(Project, shared.projects[0]).state = ProjectState.SUSPENDED
    return lambda: jobs.settle_session(session_id)


class TestARefundAndAPayment:
    def test_take_pieces_before_accounts(self, market, shared, committing_engine):
        """Fails if a refund holds accounts and then wants the pieces: a payment of the same thing
        holds them and waits for the accounts, because it goes on to another project."""
        wish = replace(market.wish(Stall(shared.wanted[0][1], shared.projects[0])), top_up_minor=0)
        bought = market.place_wish(wish)
        market.provider.pay(bought.payment_url or "")
        jobs.settle_session(bought.checkout_session_id or "")
        bought = market.seen(bought.id)
        owner = bought.company_orders[0].company_id
        refund, settle = refunding(bought), settling(market, shared)
        last = AccountKey(Purpose.PROJECT_AVAILABLE, shared.projects[0], Source.PLEDGE)
        with atomic():
            for key in (AccountKey(Purpose.COMPANY_AVAILABLE, owner), last):
                ledger_service.open_accounts(keys=[key], currency="EUR")
            account = ledger.find_account(last, "EUR")
        answers: list[object] = []

        def do(one: Callable[[], object]) -> Thread:
            thread = Thread(target=lambda: answers.extend(market.at_once([one])))
            thread.start()
            return thread

        with held(committing_engine, [account]) as wait_for:
            first = do(refund)
            wait_for(1)
            second = do(settle)
            wait_for(2)
        for thread in (first, second):
            thread.join(PATIENCE_SECONDS)
        assert sorted(map(str, answers)) == ["None", "complete"]
        assert market.broken() == []


class TestTwoOrders:
    @pytest.mark.parametrize(
        "doings",
        [(releasing, releasing), (refunding, refunding), (refunding, releasing)],
        ids=["released", "refunded", "one refunded, one released"],
    )
    def test_of_the_same_projects_wait_in_one_order(
        self, market, shared, committing_engine, doings
    ):
        """Fails if each takes its accounts in the order of its own rows: each would then hold the
        project that the other waits for, and one of them would be killed by the database."""
        runs = [doing(buy(market, shared, place)) for place, doing in enumerate(doings)]
        accounts = [
            ledger.find_account(AccountKey(Purpose.PROJECT_PENDING, one, Source.PLEDGE), "EUR")
            for one in shared.projects
        ]
        session.rollback()
        answers: list[list[object]] = []
        with held(committing_engine, accounts) as wait_for:
            thread = Thread(target=lambda: answers.append(market.at_once(runs)))
            thread.start()
            wait_for(2)
        thread.join(PATIENCE_SECONDS)
        assert answers == [[None, None]]
        assert market.broken() == []
