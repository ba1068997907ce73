import time

import pytest
import sqlalchemy as sa
import stripe

from marketplace.orders.models import Order, OrderState
from marketplace.payments.models import ProviderEvent
from tests import factories
from tests.checkout.shopper import Shopper
from tests.provider import WEBHOOK_SECRET


@pytest.fixture
def placed(client, provider, db):
    shopper = Shopper(client)
    shopper.puts(factories.make_product())
    shopper.says_address()
    shopper.chooses({factories.make_project(): "2.40"})
    shopper.places()
    return db.scalars(sa.select(Order)).one()


def signed(body: str, at: int, secret: str = WEBHOOK_SECRET) -> str:
    signature = stripe.WebhookSignature._compute_signature(f"{at}.{body}", secret)
    return f"t={at},v1={signature}"


def send(client, body, signature):
    headers = {"Stripe-Signature": signature} if signature else {}
    return client.post(
        "/webhooks/stripe", data=body, headers=headers, content_type="application/json", token=False
    )


EVENT = (
    '{"id": "evt_1", "object": "event", "type": "customer.created", "created": 1,'
    ' "data": {"object": {"id": "cus_1", "object": "customer"}}}'
)


def kept(db):
    return db.scalar(sa.select(sa.func.count()).select_from(ProviderEvent))


class TestWebhook:
    def test_settles_the_order_that_a_message_is_about(self, placed, provider, db, run_jobs):
        provider.pay(placed.payment_url)
        assert set(provider.deliver()) == {200}
        assert db.scalars(sa.select(Order.state)).one() is OrderState.PAID

    def test_has_one_effect_however_often_a_message_comes(self, placed, provider, db):
        provider.pay(placed.payment_url)
        assert set(provider.deliver(times=3)) == {200}
        captures = sa.text("select count(*) from ledger_transaction where kind = 'capture'")
        assert db.scalar(captures) == 1

    def test_keeps_a_kind_that_is_nothing_to_us_and_answers_well(self, client, provider, db):
        assert send(client, EVENT, signed(EVENT, int(time.time()))).status_code == 200
        assert kept(db) == 1

    @pytest.mark.parametrize(
        "sign",
        [
            lambda now: "",
            lambda now: "nonsense",
            lambda now: signed(EVENT, now, "another secret"),
            lambda now: signed(EVENT, now - 3600),
            lambda now: signed(EVENT, now + 3600),
            lambda now: signed(EVENT + " ", now),
        ],
        ids=["unsigned", "nonsense", "another secret", "old", "from the future", "another body"],
    )
    def test_refuses_what_the_provider_did_not_sign_now(self, client, provider, db, sign):
        answer = send(client, EVENT, sign(int(time.time())))
        assert answer.status_code == 400
        assert answer.content_type == "application/problem+json"
        assert kept(db) == 0

    def test_refuses_a_message_of_more_than_a_megabyte(self, client, provider, db):
        assert send(client, "x" * (1024 * 1024 + 1), "t=1,v1=2").status_code == 413
