import json
import time

import pytest
import stripe

from sandbox.app import deliver_pending
from sandbox.tests.conftest import SECRET, card_form
from sandbox.webhooks import Endpoint


class Inbox:
    """A receiver: keeps what came, answers with the status it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.got.append((url, body, headers))
        return self.status

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body, _ in self.got]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def deliver(app, inbox):
    return lambda: deliver_pending(app, inbox)


class TestWebhooks:
    def test_are_signed_so_that_the_sdk_accepts_them(self, client, pay, deliver, inbox):
        intent = pay()
        assert deliver() == 3
        _, body, headers = inbox.got[-1]
        event = client.construct_event(body, headers["Stripe-Signature"], SECRET)
        assert (event.type, event.data.object.id) == ("payment_intent.succeeded", intent.id)
        assert event.api_version == stripe.api_version
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body + b" ", headers["Stripe-Signature"], SECRET)
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body, headers["Stripe-Signature"], "whsec_other")

    def test_come_in_order_and_once(self, pay, deliver, inbox):
        pay()
        deliver()
        assert inbox.kinds == [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
        ]
        assert deliver() == 0

    def test_are_only_those_that_the_webhook_asks_for(self, app, pay, deliver, inbox, monkeypatch):
        asked = Endpoint("http://shop.test", SECRET, ("charge.succeeded",))
        monkeypatch.setitem(app.extensions, "sandbox_webhook", asked)
        pay()
        deliver()
        assert inbox.kinds == ["charge.succeeded"]
        assert deliver() == 0

    def test_carry_the_object_as_it_was(self, pay, deliver, inbox):
        pay()
        deliver()
        created = json.loads(inbox.got[0][1])
        assert created["data"]["object"]["status"] == "requires_payment_method"

    def test_are_tried_again_later_and_later(self, pay, deliver, inbox, control):
        inbox.status = 500
        pay()
        assert deliver() == 3
        assert deliver() == 0
        control("clock", advance=10)
        assert deliver() == 3
        control("clock", advance=30)
        assert deliver() == 0
        inbox.status = 200
        control("clock", advance=30)
        assert deliver() == 3
        control("clock", advance=86_400)
        assert deliver() == 0

    def test_are_given_up_after_three_days(self, v1, pay, deliver, inbox, control):
        inbox.status = 500
        pay()
        for _ in range(20):
            deliver()
            control("clock", advance=36_000)
        tried = len(inbox.got)
        control("clock", advance=36_000)
        assert deliver() == 0
        assert tried == 3 * 13
        undelivered = v1.events.list(params={"delivery_success": False, "type": "charge.*"})
        assert [e.type for e in undelivered.data] == ["charge.succeeded"]
        assert v1.events.list(params={"delivery_success": True}).data == []

    def test_wait_while_no_address_is_known(self, app, pay):
        pay()
        assert deliver_pending(app) == 0

    def test_carry_the_key_of_the_request(self, v1, deliver, inbox):
        params = {"amount": 1000, "currency": "eur"}
        v1.payment_intents.create(params=params, options={"idempotency_key": "k1"})
        deliver()
        assert json.loads(inbox.got[0][1])["request"]["idempotency_key"] == "k1"


class TestTheWebhookDials:
    def test_duplicate(self, pay, deliver, inbox, control):
        control("chaos", webhooks={"duplicate": 3, "types": ["charge.succeeded"]})
        pay()
        deliver()
        assert inbox.kinds.count("charge.succeeded") == 3
        assert len(inbox.kinds) == 5

    def test_reorder(self, pay, deliver, inbox, control):
        control("chaos", webhooks={"reorder": "reverse"})
        pay()
        deliver()
        assert inbox.kinds[0] == "payment_intent.succeeded"

    def test_hold_until_released(self, pay, deliver, inbox, control):
        control("chaos", webhooks={"hold": True, "types": ["charge.succeeded"]})
        pay()
        deliver()
        assert "charge.succeeded" not in inbox.kinds
        control("chaos")
        deliver()
        assert inbox.kinds[-1] == "charge.succeeded"

    def test_drop_for_ever(self, v1, pay, deliver, inbox, control):
        control("chaos", webhooks={"drop": True})
        pay()
        deliver()
        control("chaos")
        deliver()
        assert inbox.got == []
        assert len(v1.events.list(params={"delivery_success": False}).data) == 3


class TestTheEventList:
    def test_tells_a_checkout_in_order(self, v1, session, browser):
        made = session()
        browser.post(made.url.removeprefix("http://pay.test"), data=card_form("4000000000000002"))
        browser.post(made.url.removeprefix("http://pay.test"), data=card_form())
        kinds = [e.type for e in v1.events.list(params={"limit": 100}).data][::-1]
        assert kinds == [
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed",
        ]

    def test_is_read_forward_with_ending_before(self, v1, pay):
        pay()
        every = [e.id for e in v1.events.list().data][::-1]
        page = v1.events.list(params={"ending_before": every[0], "limit": 1})
        assert [e.id for e in page.auto_paging_iter()] == every[1:]

    def test_filters_by_type(self, v1, pay):
        v1.refunds.create(params={"payment_intent": pay().id})
        found = v1.events.list(params={"types": ["refund.created", "charge.refunded"]})
        assert [e.type for e in found.data] == ["charge.refunded", "refund.created"]
        with pytest.raises(stripe.InvalidRequestError):
            v1.events.list(params={"types": ["a"], "type": "b"})

    def test_forgets_after_thirty_days(self, v1, pay, control):
        pay()
        control("clock", advance=31 * 86_400)
        assert v1.events.list().data == []

    def test_gives_single_events(self, v1, pay):
        pay()
        event = v1.events.list().data[0]
        again = v1.events.retrieve(event.id)
        assert again.to_dict() == event.to_dict()
        assert again.pending_webhooks == 1
        assert abs(again.created - time.time()) < 60
