"""What the worker does for a purchase, each way it can end."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.invariants import queries as invariants
from marketplace.ledger import queries as ledger
from marketplace.ledger import service as book
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.orders.models import CompanyOrderState, OrderState
from marketplace.payments import gateway
from marketplace.payments import queries as payments
from marketplace.payments.models import ProviderEvent
from marketplace.payments.rules import CommandKind, EventSeen, EventState
from marketplace.payouts import queries as payout_queries
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind, PayoutState
from sandbox.app import store_of
from sandbox.control import set_chaos
from tests import factories

HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")


@pytest.fixture
def place(db, provider):
    """Return a function that places an order of one piece, and opens its payment page."""

    def place(*, hold: timedelta = timedelta(minutes=60), opened: bool = True):
        variant = factories.make_product(on_hand=1).variants[0]
        project = factories.make_project()
        db.commit()
        with atomic():
            placed, sending = service.place(
                wish=PlaceOrder(
                    f"jobs-{project.id}", {variant.id: 1}, [(project.id, 240)], 0, HOME, "en"
                ),
                commission_bp=500,
                hold=hold,
                success_url="http://localhost/{token}",
                cancel_url="http://localhost/{token}",
                now=clock.now(),
            )
        if opened:
            jobs.send(sending)
        return seen(placed.id)

    return place


@pytest.fixture
def silent(payment_double):
    """Let the provider answer no question about payment pages; it does again afterwards."""
    rule = {"match": "^/v1/checkout/sessions", "method": "GET", "do": "connection_error"}
    set_chaos(store_of(payment_double), {"rules": [rule | {"times": 50}]})
    yield
    set_chaos(store_of(payment_double), {})


@pytest.fixture
def project(db):
    """Return a project with 3.00 that can be paid out."""
    made = factories.make_project()
    with atomic():
        book.post(
            kind=Kind.CAPTURE,
            effect_key=f"capture:{made.slug}",
            currency="EUR",
            entries=[
                Entry(CLEARING, AccountKey(Purpose.PROJECT_AVAILABLE, made.id, Source.PLEDGE), 300)
            ],
            effective_at=factories.NOW,
        )
        payouts.connect(
            payee_kind=PayeeKind.PROJECT,
            payee_id=made.id,
            provider_account_id="acct_unknown_there",
            now=factories.NOW,
        )
    return made


def seen(order_id):
    session.expire_all()
    return orders.get_order(order_id)


def age(order_id, **to: timedelta) -> None:
    """Let moments of an order lie so far from now."""
    for column, by in to.items():
        session.execute(
            sa.text(f"update customer_order set {column} = now() + :by where id = :id"),
            {"by": by, "id": order_id},
        )
    session.commit()


def broken() -> list[str]:
    return [finding.invariant.name for finding in invariants.check_all() if not finding.holds]


class TestPayoutCommand:
    def test_that_the_provider_refuses_brings_the_money_back(self, project, provider):
        with atomic():
            payout = payouts.command(
                payee_kind=PayeeKind.PROJECT,
                payee_id=project.id,
                currency="EUR",
                minimum_minor=1,
                now=clock.now(),
            )
        number = payments.find_open_command(payout.id, CommandKind.TRANSFER)
        jobs.run_command(command_id=str(number))
        session.expire_all()
        (row,) = payout_queries.list_of(project.id)
        assert (row.state, row.provider_id, row.paid_at) == (PayoutState.RETURNED, None, None)
        balances = {
            one.purpose: one.balance_minor
            for one in ledger.list_balances_of([project.id])
            if one.source in ("pledge", None)
        }
        assert balances == {"project_available": 300, "payout_in_flight": 0}
        assert broken() == []

    def test_that_nobody_knows_is_not_sent(self, provider, db):
        before = len(provider.journal())
        jobs.run_command(command_id=str(new_id()))
        assert len(provider.journal()) == before


class TestAskForPayments:
    def test_finds_one_that_nobody_told_us_of(self, place, provider):
        order = place()
        provider.pay(order.payment_url)
        age(order.id, placed_at=-2 * jobs.SILENCE)
        jobs.ask_for_payments()
        assert seen(order.id).state is OrderState.PAID
        assert broken() == []

    def test_leaves_the_young_alone(self, place, provider):
        order = place()
        provider.pay(order.payment_url)
        jobs.ask_for_payments()
        assert seen(order.id).state is OrderState.PLACED

    def test_bears_that_nobody_answers(self, place, silent):
        order = place()
        age(order.id, placed_at=-2 * jobs.SILENCE)
        jobs.ask_for_payments()
        assert seen(order.id).state is OrderState.PLACED


class TestLetOrdersLapse:
    def over(self, order) -> None:
        age(order.id, expires_at=timedelta(minutes=-1))

    def test_closes_the_payment_page_first_and_frees_the_stock_then(
        self, place, provider, run_jobs
    ):
        order = place()
        self.over(order)
        jobs.let_orders_lapse()
        assert seen(order.id).state is OrderState.PLACED
        assert orders.list_held(order.id)
        jobs.run_command(
            command_id=str(payments.find_open_command(order.id, CommandKind.EXPIRE_CHECKOUT))
        )
        after = seen(order.id)
        assert after.state is OrderState.LAPSED
        assert {part.state for part in after.company_orders} == {CompanyOrderState.CANCELLED}
        assert orders.list_held(order.id) == {}
        assert broken() == []

    def test_settles_what_was_paid_at_the_last_moment(self, place, provider):
        order = place()
        provider.pay(order.payment_url)
        self.over(order)
        jobs.let_orders_lapse()
        assert seen(order.id).state is OrderState.PAID

    def test_frees_the_stock_of_one_without_a_page(self, place):
        order = place(opened=False)
        self.over(order)
        jobs.let_orders_lapse()
        assert seen(order.id).state is OrderState.LAPSED

    def test_keeps_the_stock_while_the_provider_is_silent(self, place, silent):
        order = place()
        self.over(order)
        jobs.let_orders_lapse()
        assert seen(order.id).state is OrderState.PLACED
        assert orders.list_held(order.id)


class TestReleaseClosedWindows:
    def test_confirms_what_is_held_and_nothing_sooner(self, place, provider):
        order = place()
        provider.pay(order.payment_url)
        jobs.settle_session(order.checkout_session_id)
        part = seen(order.id).company_orders[0]
        with atomic():
            order_service.mark_sent(
                company_order=part,
                tracking="",
                return_window=timedelta(0),
                now=clock.now() - order_service.DELIVERY_ALLOWANCE + timedelta(minutes=1),
            )
        jobs.release_closed_windows()
        assert seen(order.id).company_orders[0].released_at is None
        session.execute(sa.text("update company_order set window_closes_at = now()"))
        session.commit()
        jobs.release_closed_windows()
        assert seen(order.id).company_orders[0].released_at
        assert broken() == []


class TestCompactLedger:
    def test_folds_what_waits_and_changes_no_balance(self, project):
        def waiting() -> int:
            return session.scalar(sa.text("select count(*) from ledger_delta"))

        before = ledger.list_balances_of([project.id])
        assert waiting()
        jobs.compact_ledger()
        assert waiting() == 0
        assert ledger.list_balances_of([project.id]) == before


class TestClaimOrders:
    def test_gives_a_person_what_they_bought_as_a_guest(self, place, db):
        order = place()
        person = factories.make_user(email="elena@example.org")
        db.commit()
        jobs.claim_orders(email="elena@example.org", user_id=str(person.id))
        assert seen(order.id).customer_id == person.id


class TestMessage:
    """Of a payment whose order we do not have."""

    def told(self, payment: str) -> EventSeen:
        message = {
            "id": f"evt_{payment}",
            "type": "payment_intent.succeeded",
            "created": 1,
            "data": {"object": {"id": payment, "object": "payment_intent"}},
        }
        return gateway.current().reread_event(json.dumps(message))

    def pay_for(self, provider, order: str) -> str:
        answer = provider.double.test_client().post(
            "/v1/payment_intents",
            data={
                "amount": "500",
                "currency": "eur",
                "payment_method": "pm_card_visa",
                "confirm": "true",
                "return_url": "http://localhost/",
                "metadata[order]": order,
            },
            headers={"Authorization": "Bearer sk_test_sandbox"},
        )
        return answer.get_json()["id"]

    def test_waits_for_the_order(self, db, provider):
        event = self.told(self.pay_for(provider, str(new_id())))
        jobs.take_event(event)
        kept = session.get_one(ProviderEvent, event.id)
        assert (kept.state, kept.error) == (EventState.PARKED, "its order is not here yet")
        jobs.retry_parked_events()
        session.refresh(kept)
        assert (kept.state, kept.attempts) == (EventState.PARKED, 2)

    def test_is_nothing_to_us_where_it_names_none(self, db, provider):
        event = self.told(self.pay_for(provider, ""))
        jobs.take_event(event)
        assert session.get_one(ProviderEvent, event.id).state is EventState.IGNORED
