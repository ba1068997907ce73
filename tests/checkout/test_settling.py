"""Payments that are not what their order expects, and orders that cannot be given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.checkout.service.refunding import undo_refund
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.ids import new_id
from marketplace.invariants import queries as invariants
from marketplace.ledger import queries as ledger
from marketplace.orders import queries as orders
from marketplace.orders.models import OrderState, RefundState
from marketplace.payments import queries as payments
from marketplace.payments import service as payment_service
from marketplace.payments.rules import CommandKind, PaymentSeen, PaymentState, Refused
from tests import factories

HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")


@pytest.fixture
def order(db, provider):
    """Return an order of two pieces at 36.60 with a parcel of 4.90, its payment page not open."""
    company = factories.make_company(shipping_minor=490)
    variant = factories.make_product(company).variants[0]
    project = factories.make_project()
    db.commit()
    with atomic():
        placed, _command = service.place(
            wish=PlaceOrder(
                f"settling-{project.id}", {variant.id: 2}, [(project.id, 480)], 0, HOME, "en"
            ),
            commission_bp=500,
            hold=timedelta(minutes=60),
            success_url="http://localhost/{token}",
            cancel_url="http://localhost/{token}",
            now=clock.now(),
        )
    return seen(placed.id)


@pytest.fixture
def payment(order) -> PaymentSeen:
    return PaymentSeen(
        payment_id=f"pi_{order.id}",
        order_id=order.id,
        is_captured=True,
        currency="EUR",
        amount_minor=order.total_minor,
        charge_id=None,
        fee_minor=None,
        captured_at=None,
    )


@pytest.fixture
def paid(order, payment):
    settle(payment)
    return seen(order.id)


def seen(order_id):
    session.expire_all()
    return orders.get_order(order_id)


def settle(payment: PaymentSeen) -> bool:
    with atomic():
        return service.settle(seen=payment, now=clock.now())


def kinds(order) -> list[str]:
    return [one.kind.value for one in ledger.list_transactions(subject_id=order.id)][::-1]


def broken() -> list[str]:
    return [finding.invariant.name for finding in invariants.check_all() if not finding.holds]


def ask_back(order, pieces=None, shipping=(), reason="Torn"):
    with atomic():
        return service.request_refund(
            order_id=order.id,
            pieces={order.lines[0].id: 1} if pieces is None else pieces,
            shipping=shipping,
            reason=reason,
            requested_by_id=None,
            now=clock.now(),
        )


class TestSettle:
    @pytest.mark.parametrize("lacking", [{"is_captured": False}, {"order_id": None}])
    def test_does_nothing_about_what_is_no_payment_of_ours(self, order, payment, lacking):
        assert settle(replace(payment, **lacking)) is False
        assert seen(order.id).state is OrderState.PLACED

    def test_does_not_know_an_order_that_is_not_here(self, payment):
        with pytest.raises(NotFound):
            settle(replace(payment, order_id=new_id()))

    def test_takes_the_fee_when_it_is_told_once(self, order, payment):
        assert settle(payment)
        assert not settle(payment)
        assert settle(replace(payment, fee_minor=135))
        assert not settle(replace(payment, fee_minor=135))
        assert kinds(order) == ["capture", "fee"]
        assert payments.find_payment(payment.payment_id).fee_minor == 135
        assert broken() == []

    @pytest.mark.parametrize("wrong", [{"amount_minor": 7809}, {"currency": "USD"}])
    def test_sends_back_another_amount_than_the_order_costs(self, order, payment, wrong):
        assert settle(replace(payment, **wrong))
        assert seen(order.id).state is OrderState.PLACED
        assert payments.find_payment(payment.payment_id).state is PaymentState.TOO_LATE
        assert kinds(order) == ["late_payment"]
        assert payments.find_open_command(order.id, CommandKind.REFUND)

    def test_sends_back_a_second_payment(self, paid, payment):
        assert settle(replace(payment, payment_id="pi_second"))
        assert seen(paid.id).payment_id == payment.payment_id
        assert kinds(paid) == ["capture", "late_payment"]
        assert broken() == []


class TestGiveUp:
    def give_up(self, order_id):
        with atomic():
            return service.give_up(order_id=order_id, now=clock.now())

    def test_closes_nothing_where_nothing_is_open(self, order):
        assert self.give_up(new_id()) is None
        assert self.give_up(order.id) is None
        with atomic():
            assert service.let_lapse(order_id=order.id)
            assert not service.let_lapse(order_id=order.id)
        assert self.give_up(order.id) is None

    def test_refuses_what_is_paid(self, paid):
        with pytest.raises(Conflict, match="paid already"):
            self.give_up(paid.id)


class TestPaymentPage:
    def test_that_is_refused_lets_the_order_go(self, order):
        number = payments.find_open_command(order.id, CommandKind.CREATE_CHECKOUT)
        with atomic():
            payment_service.begin(command_id=number, now=clock.now())
            ended = payment_service.finish(
                command_id=number, outcome=Refused("no"), now=clock.now()
            )
            service.apply_outcome(command=ended, now=clock.now())
        assert seen(order.id).state is OrderState.LAPSED
        assert orders.list_held(order.id) == {}
        assert broken() == []

    def test_that_cannot_be_closed_keeps_the_order(self, order, monkeypatch):
        order.checkout_session_id = "cs_unknown_there"
        session.commit()
        with atomic():
            command = service.give_up(order_id=order.id, now=clock.now())
        jobs.run_command(command_id=str(command.id))
        assert seen(order.id).state is OrderState.PLACED


class TestRequestRefund:
    def test_needs_a_paid_order(self, order):
        with pytest.raises(Conflict, match="Only a paid order"):
            ask_back(order)

    def test_needs_a_reason(self, paid):
        with pytest.raises(Invalid) as refusal:
            ask_back(paid, reason=" ")
        assert "reason" in refusal.value.fields

    def test_needs_something_to_give_back(self, paid):
        with pytest.raises(Invalid):
            ask_back(paid, pieces={})

    @pytest.mark.parametrize("count", [0, 3])
    def test_takes_as_many_pieces_as_there_are(self, paid, count):
        with pytest.raises(Conflict, match="More pieces"):
            ask_back(paid, pieces={paid.lines[0].id: count})

    def test_knows_no_pieces_or_parcels_of_others(self, paid):
        for said in ({"pieces": {new_id(): 1}}, {"pieces": {}, "shipping": [new_id()]}):
            with pytest.raises(Invalid):
                ask_back(paid, **said)

    def test_gives_a_parcel_back_once(self, paid):
        (parcel,) = paid.company_orders
        assert ask_back(paid, pieces={}, shipping=[parcel.id]).amount_minor == 490
        with pytest.raises(Invalid):
            ask_back(paid, pieces={}, shipping=[parcel.id])


class TestUndoRefund:
    def test_gives_free_pieces_and_parcel(self, paid):
        refund = ask_back(paid, shipping=[paid.company_orders[0].id])
        assert seen(paid.id).refund_reserved_minor == 3660 + 490
        with atomic():
            undo_refund(refund_id=refund.id)
            undo_refund(refund_id=refund.id)
            undo_refund(refund_id=new_id())
        after = seen(paid.id)
        assert after.refund_reserved_minor == 0
        assert after.lines[0].refunded_quantity == 0
        assert after.company_orders[0].shipping_refunded_minor == 0
        assert [one.state for one in orders.list_refunds(paid.id)] == [RefundState.REJECTED]
        assert broken() == []

    def test_of_one_that_nobody_knows_does_nothing(self, paid):
        with atomic():
            assert not service.settle_refund(
                refund_id=new_id(), provider_id="re_1", now=clock.now()
            )
