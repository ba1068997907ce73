"""The door to the provider: what it says in our words, and what it makes of silence."""

import time
from uuid import uuid4

import pytest

from marketplace.demo.bank import Bank
from marketplace.payments import gateway
from marketplace.payments.rules import Ambiguous, CommandKind, Done, Refused, Sending
from sandbox.app import store_of
from sandbox.control import set_chaos
from sandbox.transport import WSGITransport
from sandbox.webhooks import signature
from tests.provider import WEBHOOK_SECRET


@pytest.fixture
def door(provider, payment_double):
    """Return the gateway to a double that does as it is told."""
    made = gateway.in_process(
        transport=WSGITransport(payment_double), webhook_secret=WEBHOOK_SECRET
    )
    yield made
    set_chaos(store_of(payment_double), {})


@pytest.fixture
def trouble(payment_double):
    """Return a function that lets all requests of a path go wrong in a way."""

    def say(path: str, do: str, **more: object) -> None:
        rule = {"match": path, "do": do, "times": 10} | more
        set_chaos(store_of(payment_double), {"rules": [rule]})

    return say


@pytest.fixture
def account(payment_double) -> str:
    """Return an account that can be paid."""
    return Bank(payment_double).open_account()


def page(order: str = "", **changes: object) -> dict[str, object]:
    metadata = {"order": order} if order else {}
    item = {
        "quantity": 1,
        "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Soap"}},
    }
    return {
        "mode": "payment",
        "line_items": [item],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "success_url": "http://localhost/done",
        "cancel_url": "http://localhost/back",
    } | changes


def sending(kind: CommandKind, params: dict, *, only_look_up: bool = False, number=None) -> Sending:
    return Sending(number or uuid4(), kind, params, only_look_up)


def paid(door, provider, order: str = "") -> str:
    """Open a payment page, pay at it, and return the payment."""
    made = door.execute(sending(CommandKind.CREATE_CHECKOUT, page(order)))
    provider.pay(str(made.answer["url"]))
    return door.fetch_session(made.provider_id).payment.payment_id


def refund(payment: str, number) -> dict[str, object]:
    return {"payment_intent": payment, "amount": 200, "metadata": {"command": str(number)}}


class TestSending:
    def test_gives_what_the_provider_made(self, door):
        made = door.execute(sending(CommandKind.CREATE_CHECKOUT, page()))
        assert isinstance(made, Done)
        assert made.provider_id.startswith("cs_")
        closed = door.execute(
            sending(CommandKind.EXPIRE_CHECKOUT, {"session_id": made.provider_id})
        )
        assert closed.answer == {"status": "expired"}
        assert door.fetch_session(made.provider_id).status == "expired"

    def test_says_why_it_was_refused(self, door):
        answer = door.execute(sending(CommandKind.REFUND, refund("pi_none", uuid4())))
        assert isinstance(answer, Refused)
        assert "pi_none" in answer.error

    def test_does_not_know_where_nobody_answers(self, door, trouble):
        trouble("^/v1/refunds", "connection_error")
        answer = door.execute(sending(CommandKind.REFUND, refund("pi_none", uuid4())))
        assert isinstance(answer, Ambiguous)

    def test_of_a_transfer_is_found_again_by_its_group(self, door, account):
        number = uuid4()
        params = {
            "amount": 10,
            "currency": "eur",
            "destination": account,
            "transfer_group": f"payout-{number}",
            "metadata": {"command": str(number)},
        }
        made = door.execute(sending(CommandKind.TRANSFER, params, number=number))
        assert made.answer == {"amount": 10}
        asked = sending(CommandKind.TRANSFER, params, only_look_up=True, number=number)
        assert door.execute(asked).provider_id == made.provider_id


class TestLookUp:
    def test_finds_a_refund_by_its_command_among_others(self, door, provider):
        payment = paid(door, provider)
        numbers = [uuid4(), uuid4()]
        made = [
            door.execute(sending(CommandKind.REFUND, refund(payment, one), number=one))
            for one in numbers
        ]
        found = door.execute(
            sending(
                CommandKind.REFUND,
                refund(payment, numbers[0]),
                only_look_up=True,
                number=numbers[0],
            )
        )
        assert found.provider_id == made[0].provider_id != made[1].provider_id

    def test_makes_nothing_where_it_finds_nothing(self, door, provider):
        payment = paid(door, provider)
        number = uuid4()
        asked = sending(CommandKind.REFUND, refund(payment, number), only_look_up=True)
        assert door.execute(asked) == Refused("The provider does not know of it.")
        assert door.fetch_payment(payment).amount_minor == 500

    def test_of_a_transfer_looks_in_its_group(self, door):
        asked = sending(CommandKind.TRANSFER, {"transfer_group": "payout-1"}, only_look_up=True)
        assert door.execute(asked) == Refused("The provider does not know of it.")

    def test_of_a_payment_page_comes_too_late(self, door):
        asked = sending(CommandKind.CREATE_CHECKOUT, page(), only_look_up=True)
        assert door.execute(asked) == Refused("It is too late to send this again.")

    def test_that_nobody_answers_leaves_it_unknown(self, door, trouble):
        trouble("^/v1/transfers", "connection_error")
        asked = sending(CommandKind.TRANSFER, {"transfer_group": "payout-1"}, only_look_up=True)
        assert isinstance(door.execute(asked), Ambiguous)


class TestAsking:
    def test_tells_a_payment_with_its_fee(self, door, provider):
        order = uuid4()
        seen = door.fetch_payment(paid(door, provider, str(order)))
        assert (seen.order_id, seen.is_captured) == (order, True)
        assert (seen.currency, seen.amount_minor) == ("EUR", 500)
        assert seen.fee_minor > 0
        assert seen.charge_id.startswith("ch_")

    def test_tells_the_payment_of_a_page_at_once(self, door, provider):
        made = door.execute(sending(CommandKind.CREATE_CHECKOUT, page(str(uuid4()))))
        assert door.fetch_session(made.provider_id).payment is None
        provider.pay(str(made.answer["url"]))
        seen = door.fetch_session(made.provider_id)
        assert seen.status == "complete"
        assert seen.payment == door.fetch_payment(seen.payment.payment_id)

    @pytest.mark.parametrize("order", ["", "not one of ours"])
    def test_tells_a_payment_that_is_for_no_order_of_ours(self, door, provider, order):
        assert door.fetch_payment(paid(door, provider, order)).order_id is None

    def test_says_that_nobody_answered(self, door, trouble):
        trouble("^/v1/", "connection_error")
        with pytest.raises(gateway.Unreachable, match="APIConnectionError"):
            door.fetch_payment("pi_1")
        with pytest.raises(gateway.Unreachable):
            door.fetch_session("cs_1")

    def test_tells_what_is_held_pending_and_available_together(self, door, provider):
        before = door.balance().get("EUR", 0)
        seen = door.fetch_payment(paid(door, provider))
        assert door.balance()["EUR"] - before == 500 - seen.fee_minor


class TestMessage:
    def test_of_a_payment_names_it(self, door):
        body = (
            '{"id": "evt_1", "type": "payment_intent.succeeded", "created": 1,'
            ' "data": {"object": {"id": "pi_1", "object": "payment_intent"}}}'
        )
        seen = door.reread_event(body)
        assert (seen.payment_id, seen.refund) == ("pi_1", None)

    def test_may_be_signed_for_either_endpoint(self, payment_double):
        """Messages of connected accounts come with a secret of their own."""
        body = b'{"id": "evt_1", "type": "x", "created": 1, "data": {"object": {"id": "acct_1"}}}'
        made = gateway.in_process(
            transport=WSGITransport(payment_double), webhook_secret="whsec_own, whsec_connect"
        )
        for secret in ("whsec_own", "whsec_connect"):
            assert made.read_event(body, signature(body, secret, int(time.time()))).id == "evt_1"
        with pytest.raises(gateway.BadSignature):
            made.read_event(body, signature(body, "whsec_other", int(time.time())))


class TestAccount:
    def test_is_made_once_however_often_it_is_sent(self, door):
        asked = {"type": "express", "capabilities": {"transfers": {"requested": True}}}
        command = sending(CommandKind.CREATE_ACCOUNT, asked, number=uuid4())
        first, again = door.execute(command), door.execute(command)
        assert isinstance(first, Done)
        assert first == again

    def test_tells_what_is_still_asked_for(self, door):
        asked = {"type": "express", "capabilities": {"transfers": {"requested": True}}}
        made = door.execute(sending(CommandKind.CREATE_ACCOUNT, asked))
        seen = door.fetch_account(made.provider_id)
        assert not seen.can_be_paid
        assert "external_account" in seen.requirements
        assert len(seen.requirements) == len(set(seen.requirements))

    def test_tells_its_bank_account(self, door, account):
        seen = door.fetch_account(account)
        assert seen.can_be_paid
        assert (seen.bank_last4, seen.requirements) == ("3000", ())

    def test_has_a_page_of_its_own(self, door, account):
        link = door.open_account_link(
            account, return_url="http://localhost/back", refresh_url="http://localhost/again"
        )
        assert f"/onboard/{account}/" in link

    def test_that_nobody_knows_is_no_answer(self, door):
        with pytest.raises(gateway.Unreachable):
            door.fetch_account("acct_nobody")


class TestTransfer:
    def test_tells_what_came_back_of_itself(self, door, account, payment_double):
        """Fails if what we took back for a debt is credited to the payee as well."""
        asked = {"amount": 500, "currency": "eur", "destination": account}
        sent = door.execute(sending(CommandKind.TRANSFER, asked))
        back = {"about": sent.provider_id, "amount": 200, "metadata": {"command": "ours"}}
        assert isinstance(door.execute(sending(CommandKind.REVERSE_TRANSFER, back)), Done)
        assert door.fetch_transfer(sent.provider_id).reversed_minor == 0
        other = {"about": sent.provider_id, "amount": 100}
        door.execute(sending(CommandKind.REVERSE_TRANSFER, other))
        seen = door.fetch_transfer(sent.provider_id)
        assert (seen.amount_minor, seen.reversed_minor) == (500, 100)


class TestProcess:
    def test_without_a_gateway_says_so(self, monkeypatch):
        monkeypatch.setattr(gateway, "_gateway", None)
        with pytest.raises(RuntimeError, match="no payment gateway"):
            gateway.current()

    def test_over_http_asks_where_it_is_told(self):
        made = gateway.over_http(
            secret_key="sk_test_1", webhook_secret="whsec_1", api_base="http://127.0.0.1:1"
        )
        assert made._client._requestor.base_addresses["api"] == "http://127.0.0.1:1"
