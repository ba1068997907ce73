"""What shoppers are owed: refunds that did not arrive, payments that came too late."""

import random
import uuid

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.ledger.rules import Purpose, Source
from marketplace.orders import queries as orders
from marketplace.orders.models import FailedRefund, FailedRefundState, RefundState
from marketplace.payments import queries as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandKind, RefundSeen
from sandbox.app import store_of
from sandbox.control import advance_clock
from tests import factories
from tests.checkout.purchases import Purchases, broken
from tests.provider import GOOD_CARD

REFUND_FAILS_LATER = "4000000000005126"
DISPUTED_AT_ONCE = "4000000000000259"
TOTAL = 3660 + 2 * 1342 + 490 + 200
TOWEL = 3660


@pytest.fixture
def shop(db, provider):
    """Return a shop, after the messages about other tests' purchases."""
    here = Purchases.begin(db, provider)
    here.messages()
    return here


@pytest.fixture
def operator(db):
    found = factories.make_user(is_operator=True, name="Olga Orsi")
    db.commit()
    return found


def buy(shop, card=REFUND_FAILS_LATER):
    """Buy with a card to which no refund can be made in the end."""
    order = shop.place()
    shop.provider.pay(order.payment_url, card)
    jobs.settle_session(order.checkout_session_id)
    return shop.seen(order)


def later_messages(shop):
    """Let the refund fail at the provider; return what it says of it."""
    store = store_of(shop.provider.double)
    advance_clock(store, 7200)
    heard = shop.messages()
    store.change_setting("clock", {"offset": 0})
    return heard


def time_goes_by(shop):
    """Let the refund fail at the provider, and hear of it."""
    for event in later_messages(shop):
        jobs.take_event(event)


def failed(order):
    """Return what failed of an order, the oldest first."""
    session.expire_all()
    return list(orders.list_failed_of_order(order.id))


def due(shop, order) -> int:
    return shop.balance(Purpose.REFUND_DUE, order.id)


def refund_commands(order_or_row) -> int:
    return session.scalar(
        sa.select(sa.func.count())
        .select_from(ProviderCommand)
        .where(
            ProviderCommand.subject_id == order_or_row.id,
            ProviderCommand.kind == CommandKind.REFUND,
        )
    )


def bounced(shop, card=REFUND_FAILS_LATER):
    """Return an order of which the towel was given back, and the money came back to us."""
    order = buy(shop, card)
    shop.refund(order, 0)
    time_goes_by(shop)
    return order


class TestRefundThatFails:
    def test_is_owed_to_the_shopper_once_more_and_taken_from_nobody_twice(self, shop):
        order = buy(shop)
        shop.refund(order, 0)
        before = {one: self.held(shop, one) for one in shop.projects}
        for event in later_messages(shop) * 2:
            jobs.take_event(event)
        [row] = failed(order)
        assert (row.amount_minor, row.state, row.why) == (
            TOWEL,
            FailedRefundState.WAITING,
            "expired_or_canceled_card",
        )
        assert due(shop, order) == TOWEL
        assert {one: self.held(shop, one) for one in shop.projects} == before
        assert shop.kinds(order).count("refund_failed") == 1
        assert shop.seen(order).refunded_minor == TOWEL
        assert broken() == []

    @staticmethod
    def held(shop, project) -> int:
        return shop.balance(Purpose.PROJECT_PENDING, project.id, Source.PLEDGE)

    @pytest.mark.parametrize("status", ["failed", "canceled"])
    def test_is_recorded_as_made_first_if_that_is_the_first_news(self, shop, status, db):
        """Fails if what comes later, the answer to our command, makes it a refund that arrived."""
        order = buy(shop)
        with atomic():
            refund = service.request_full_refund(
                order_id=order.id, reason="Torn", requested_by_id=None, now=clock.now()
            )
        seen = RefundSeen(f"re_{refund.id}", refund.id, status)
        with atomic():
            assert service.take_refund(seen=seen, now=clock.now())
            assert not service.take_refund(seen=seen, now=clock.now())
        session.refresh(refund)
        assert refund.state is RefundState.DONE
        assert due(shop, order) == TOTAL
        tasks = db.scalars(sa.text("select task_name from procrastinate_jobs")).all()
        assert "refund_failed_mail" in tasks
        assert "refund_mail" not in tasks
        assert broken() == []

    @pytest.mark.parametrize("seed", range(5))
    def test_ends_in_the_same_book_in_any_order_of_messages(self, shop, seed):
        reference, other = bounced(shop), buy(shop)
        dice = random.Random(seed)
        shop.refund(other, 0)
        heard = shop.messages() + later_messages(shop)
        heard += dice.choices(heard, k=3)
        dice.shuffle(heard)
        for event in heard:
            jobs.take_event(event)
        assert shop.book(other) == shop.book(reference)
        assert len(failed(other)) == 1
        assert broken() == []

    def test_of_something_unknown_waits_or_is_nothing_to_us(self, shop):
        with atomic():
            nothing = RefundSeen("re_1", None, "failed")
            assert service.take_refund(seen=nothing, now=clock.now()) is False
            unknown = RefundSeen("re_1", uuid.uuid4(), "failed")
            assert service.take_refund(seen=unknown, now=clock.now()) is False
        for lost in (
            RefundSeen("re_1", None, "failed", late_payment_id="pi_nowhere"),
            RefundSeen("re_1", None, "succeeded", failed_refund_id=uuid.uuid4()),
        ):
            with pytest.raises(NotFound), atomic():
                service.take_refund(seen=lost, now=clock.now())

    def test_is_told_to_the_shopper_by_letter_and_on_the_receipt(self, app, client, shop, run_jobs):
        order = bounced(shop)
        app.extensions["post"].letters.clear()
        assert "refund_failed_mail" in run_jobs()
        letters = [
            one
            for one in app.extensions["post"].letters
            if one["Subject"] == f"€36.60 of order {order.number} did not reach you"
        ]
        assert [one["To"] for one in letters] == [order.email]
        page = client.get(f"/receipt/{order.token}").text
        assert "did not reach you; it came back to us" in page
        assert "A refund that did not reach you: it is owed to you" in page


class TestSendAgain:
    def test_gives_it_back_once(self, shop, operator):
        order = bounced(shop)
        [row] = failed(order)
        with atomic():
            service.send_again(failed_refund_id=row.id, by=operator, now=clock.now())
        with pytest.raises(Conflict), atomic():
            service.send_again(failed_refund_id=row.id, by=operator, now=clock.now())
        shop.run_commands()
        shop.hear()
        [row] = failed(order)
        assert row.state is FailedRefundState.SENT_AGAIN
        assert row.ended_at
        assert due(shop, order) == 0
        assert refund_commands(row) == 1
        assert broken() == []

    def test_may_fail_again_and_waits_again(self, shop, operator):
        order = bounced(shop)
        with atomic():
            service.send_again(failed_refund_id=failed(order)[0].id, by=operator, now=clock.now())
        shop.run_commands()
        time_goes_by(shop)
        first, second = failed(order)
        assert (first.state, second.state) == (
            FailedRefundState.SENT_AGAIN,
            FailedRefundState.WAITING,
        )
        assert second.refund_id == first.refund_id
        assert due(shop, order) == second.amount_minor == TOWEL
        assert broken() == []

    def test_waits_for_the_operator_again_if_the_provider_refuses(self, shop, operator):
        order = bounced(shop)
        [row] = failed(order)
        with atomic():
            service.send_again(failed_refund_id=row.id, by=operator, now=clock.now())
        with atomic():
            command = session.get_one(
                ProviderCommand, payments.find_open_command(row.id, CommandKind.REFUND)
            )
            command.state, command.error = "rejected", "No such charge"
            service.apply_outcome(command=command, now=clock.now())
        [row] = failed(order)
        assert (row.state, row.why) == (FailedRefundState.WAITING, "No such charge")
        assert due(shop, order) == TOWEL
        assert broken() == []

    def test_is_not_done_while_a_bank_decides(self, shop, operator):
        order = bounced(shop)
        shop.dispute(order)
        shop.hear()
        for what in (
            lambda row: service.send_again(failed_refund_id=row.id, by=operator, now=clock.now()),
            lambda row: service.pay_otherwise(
                failed_refund_id=row.id, reference="SEPA 1", by=operator, now=clock.now()
            ),
        ):
            with pytest.raises(Conflict), atomic():
                what(failed(order)[0])


class TestPayOtherwise:
    def test_books_it_from_our_own_bank(self, shop, operator):
        order = bounced(shop)
        bank = shop.balance(Purpose.PLATFORM_BANK)
        said = {"by": operator, "now": clock.now(), "failed_refund_id": failed(order)[0].id}
        with pytest.raises(Invalid), atomic():
            service.pay_otherwise(reference="  ", **said)
        with atomic():
            service.pay_otherwise(reference="SEPA 2026-11-22/7", **said)
        with pytest.raises(Conflict), atomic():
            service.pay_otherwise(reference="SEPA 2026-11-22/7", **said)
        [row] = failed(order)
        assert (row.state, row.reference) == (
            FailedRefundState.PAID_OTHERWISE,
            "SEPA 2026-11-22/7",
        )
        assert due(shop, order) == 0
        assert shop.balance(Purpose.PLATFORM_BANK) == bank + TOWEL
        assert broken() == []


class TestLostDispute:
    def test_takes_what_a_failed_refund_left_with_us(self, shop):
        order = bounced(shop)
        dispute = shop.dispute(order)
        shop.hear()
        shop.provider.decide(dispute, "lost")
        shop.hear()
        [row] = failed(order)
        assert row.state is FailedRefundState.TAKEN_BY_BANK
        assert due(shop, order) == 0
        found = shop.seen(order)
        assert found.refunded_minor == found.captured_minor
        assert broken() == []

    def test_of_a_part_leaves_the_rest_owed(self, shop):
        order = bounced(shop)
        dispute = shop.dispute(order, amount=TOTAL - 1000)
        shop.hear()
        shop.provider.decide(dispute, "lost")
        shop.hear()
        [row] = failed(order)
        assert (row.state, row.amount_minor) == (FailedRefundState.WAITING, 1000)
        assert due(shop, order) == 1000
        assert broken() == []

    def test_that_is_won_leaves_it_to_the_operator(self, shop):
        order = bounced(shop)
        dispute = shop.dispute(order)
        shop.hear()
        shop.provider.decide(dispute, "won")
        shop.hear()
        assert failed(order)[0].state is FailedRefundState.WAITING
        assert due(shop, order) == TOWEL
        assert broken() == []


@pytest.fixture
def late(shop):
    """Return an order that lapsed, was paid twice over with a card disputed at once."""

    def pay(card=DISPUTED_AT_ONCE):
        order = shop.place()
        url, paid_in = order.payment_url, order.checkout_session_id
        shop.buy()  # another one
        with atomic():
            service.let_lapse(order_id=order.id)
        shop.towels.on_hand = 0
        session.commit()
        shop.provider.pay(url, card)
        jobs.settle_session(paid_in)
        return shop.seen(order)

    return pay


def dispute_of(shop, order) -> str:
    shop.hear()
    return shop.dispute_of(order).id


class TestLatePayment:
    def test_goes_back_by_itself_once_its_dispute_is_won(self, shop, late):
        """Fails if nobody asks again after the provider refused to, or if it is asked twice."""
        order = late()
        shop.run_commands()
        dispute = dispute_of(shop, order)
        [row] = failed(order)
        assert row.state is FailedRefundState.WAITING
        assert due(shop, order) == TOTAL
        shop.provider.decide(dispute, "won")
        heard = shop.messages()
        for event in [*heard, *heard]:
            jobs.take_event(event)
        jobs.ask_for_disputes()
        assert refund_commands(row) == 1
        shop.run_commands()
        shop.hear()
        [row] = failed(order)
        assert row.state is FailedRefundState.SENT_AGAIN
        assert due(shop, order) == 0
        assert refund_commands(row) == 1
        assert broken() == []

    def test_goes_back_at_once_if_it_is_refused_after_the_dispute_was_won(self, shop, late):
        order = late()
        [command_id] = [
            one
            for one in payments.list_due_commands(clock.now())
            if session.get_one(ProviderCommand, one).subject_id == order.id
        ]
        shop.provider.decide(dispute_of(shop, order), "won")
        shop.hear()
        with atomic():
            command = session.get_one(ProviderCommand, command_id)
            command.state, command.error = "rejected", "The charge is disputed"
            service.apply_outcome(command=command, now=clock.now())
            service.apply_outcome(command=command, now=clock.now())
        [row] = failed(order)
        assert row.state is FailedRefundState.SENDING
        shop.run_commands()
        assert refund_commands(row) == 1
        assert due(shop, order) == 0
        assert broken() == []

    def test_is_not_sent_again_if_the_shopper_has_it_by_the_dispute(self, shop, late):
        order = late()
        shop.run_commands()
        dispute = dispute_of(shop, order)
        shop.provider.decide(dispute, "lost")
        shop.hear()
        shop.run_commands()
        [row] = failed(order)
        assert row.state is FailedRefundState.TAKEN_BY_BANK
        assert refund_commands(row) == 0
        assert due(shop, order) == 0
        assert broken() == []

    def test_that_was_taken_by_the_bank_before_we_were_refused_is_owed_no_more(self, shop, late):
        order = late()
        shop.provider.decide(dispute_of(shop, order), "lost")
        shop.hear()
        shop.run_commands()
        assert failed(order) == []
        assert due(shop, order) == 0
        assert broken() == []

    def test_that_fails_to_go_back_is_owed(self, shop, late):
        order = late(REFUND_FAILS_LATER)
        shop.run_commands()
        assert due(shop, order) == 0
        time_goes_by(shop)
        [row] = failed(order)
        assert (row.state, row.refund_id) == (FailedRefundState.WAITING, None)
        assert due(shop, order) == TOTAL
        assert broken() == []

    def test_is_noted_also_if_only_a_message_tells_that_it_is_back(self, shop, late):
        order = late(GOOD_CARD)
        seen = RefundSeen("re_told", None, "succeeded", late_payment_id=self.payment(order))
        with atomic():
            assert service.take_refund(seen=seen, now=clock.now())
            assert not service.take_refund(seen=seen, now=clock.now())
        assert due(shop, order) == 0

    @staticmethod
    def payment(order) -> str:
        command = session.scalar(
            sa.select(ProviderCommand).where(
                ProviderCommand.subject_id == order.id,
                ProviderCommand.kind == CommandKind.REFUND,
            )
        )
        return str(command.params["payment_intent"])


class TestDesk:
    @pytest.fixture
    def row(self, shop, client, operator):
        factories.sign_in(client, operator)
        order = bounced(shop)
        return orders.get_failed_refund(failed(order)[0].id)

    def test_lists_what_is_owed_with_its_age(self, client, row):
        assert "Refunds that did not arrive" in client.get("/staff").text
        page = client.get("/staff/refunds").text
        number = row.order.number
        assert number in page
        assert "the card is not valid any more" in page
        assert number not in client.get("/staff/refunds?state=over").text

    def test_sends_it_again_once(self, client, row):
        at = f"/staff/refunds/{row.id}"
        assert "Send it again" in client.get(at).text
        assert client.post(f"{at}/send").status_code == 303
        assert client.post(f"{at}/send").status_code == 409
        assert "asked to give it back again" in client.get(at).text

    def test_notes_that_it_was_paid_with_who_and_how(self, client, row):
        at, token = f"/staff/refunds/{row.id}", row.order.token
        empty = client.post(f"{at}/paid", data={"reference": ""})
        assert empty.status_code == 422
        assert "Name the bank transfer" in empty.text
        assert client.post(f"{at}/paid", data={"reference": "SEPA 7"}).status_code == 303
        page = client.get(at).text
        assert "SEPA 7" in page
        assert "Olga Orsi" in page
        assert "Our own bank" in page
        assert "Olga Orsi" in client.get("/staff/refunds?state=over").text
        assert "SEPA 7" in client.get("/staff/audit?action=refund.paid_otherwise").text
        receipt = client.get(f"/receipt/{token}").text
        assert "given back by bank transfer on" in receipt

    def test_offers_nothing_while_a_bank_decides(self, client, row, shop):
        shop.dispute(row.order)
        shop.hear()
        page = client.get(f"/staff/refunds/{row.id}").text
        assert "A bank disputes this payment" in page
        assert "waits for a bank’s decision" in client.get("/staff/refunds").text
        assert client.post(f"/staff/refunds/{row.id}/send").status_code == 409

    def test_is_for_operators(self, client, row):
        factories.sign_in(client, factories.make_user())
        assert client.get("/staff/refunds").status_code == 403
        assert client.post(f"/staff/refunds/{row.id}/send").status_code == 403
        assert client.get(f"/staff/refunds/{uuid.uuid4()}").status_code == 403

    def test_does_not_know_what_is_not_there(self, client, row):
        assert client.get(f"/staff/refunds/{uuid.uuid4()}").status_code == 404
        assert client.get("/staff/refunds?after=nonsense").status_code == 200


class TestRow:
    def test_is_not_deleted_by_the_product(self, shop, db):
        bounced(shop)
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(sa.delete(FailedRefund))
