"""Idempotency keys, chaos, the clock and the journal."""

import threading
from types import SimpleNamespace

import pytest
import stripe

from sandbox import execution, journal
from sandbox.transport import WSGITransport

PATIENCE_SECONDS = 60
PARAMS = {"amount": 1000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}


@pytest.fixture
def buy(v1):
    def make(key: str | None = None, **more):
        options = {"idempotency_key": key} if key else {}
        return v1.payment_intents.create(params={**PARAMS, **more}, options=options)

    return make


def charges(v1) -> int:
    return len(v1.charges.list().data)


class TestAnIdempotencyKey:
    def test_gets_the_same_answer_again(self, v1, buy):
        first, second = buy("k1"), buy("k1")
        assert first.id == second.id
        assert second.last_response.headers["Idempotent-Replayed"] == "true"
        assert second.last_response.headers["Original-Request"] == first.last_response.request_id
        assert first.to_dict() == second.to_dict()
        assert charges(v1) == 1

    def test_refuses_other_parameters(self, v1, buy):
        buy("k1")
        with pytest.raises(stripe.IdempotencyError) as caught:
            buy("k1", amount=2000)
        assert caught.value.http_status == 400
        assert charges(v1) == 1

    def test_refuses_another_endpoint(self, v1, buy):
        buy("k1")
        with pytest.raises(stripe.IdempotencyError):
            v1.accounts.create(params={"type": "express"}, options={"idempotency_key": "k1"})

    def test_keeps_a_decline(self, v1, buy):
        for _ in range(2):
            with pytest.raises(stripe.CardError):
                buy("k1", payment_method="pm_card_visa_chargeDeclined")
        assert charges(v1) == 1

    def test_keeps_a_refusal_by_the_state(self, v1, buy):
        intent = buy("k1")
        options = {"idempotency_key": "k2"}
        refund = {"payment_intent": intent.id, "amount": 2000}
        for _ in range(2):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                v1.refunds.create(params=refund, options=options)
        assert caught.value.headers["Idempotent-Replayed"] == "true"

    def test_does_not_keep_bad_parameters(self, v1, buy):
        with pytest.raises(stripe.InvalidRequestError):
            buy("k1", amount=1)
        assert buy("k1").status == "succeeded"

    def test_is_forgotten_after_a_day(self, v1, buy, control):
        first = buy("k1")
        control("clock", advance=24 * 3600 - 5)
        assert buy("k1").id == first.id
        control("clock", advance=10)
        assert buy("k1").id != first.id
        assert charges(v1) == 2

    def test_is_refused_while_it_is_in_use(self, v1, buy, control, monkeypatch):
        control("chaos", rules=[{"match": "/v1/payment_intents", "do": "delay", "seconds": 0.4}])
        results: list[object] = []
        is_in_use, may_end = threading.Event(), threading.Event()

        def sleep(seconds: float) -> None:
            assert seconds == 0.4
            is_in_use.set()
            may_end.wait(PATIENCE_SECONDS)

        monkeypatch.setattr(execution, "time", SimpleNamespace(sleep=sleep))
        slow = threading.Thread(target=lambda: results.append(buy("k1").status))
        slow.start()
        try:
            assert is_in_use.wait(PATIENCE_SECONDS)
            with pytest.raises(stripe.StripeError) as caught:
                buy("k1")
        finally:
            may_end.set()
            slow.join()
        assert caught.value.http_status == 409
        assert caught.value.error.code == "idempotency_key_in_use"
        assert results == ["succeeded"]
        assert charges(v1) == 1

    def test_belongs_to_one_account(self, v1, buy, account):
        theirs = {"idempotency_key": "k1", "stripe_account": account()}
        other = v1.payment_intents.create(params=PARAMS, options=theirs)
        assert buy("k1").id != other.id

    def test_makes_retries_of_the_sdk_safe(self, v1, app, control):
        control("chaos", rules=[{"match": "payment_intents", "do": "drop_reply_after_effect"}])
        retrying = stripe.StripeClient(
            "sk_test_x", http_client=WSGITransport(app), max_network_retries=2
        )
        assert retrying.v1.payment_intents.create(params=PARAMS).status == "succeeded"
        assert charges(v1) == 1


class TestChaos:
    def test_drops_the_reply_after_the_effect(self, v1, buy, control):
        control("chaos", rules=[{"match": "/v1/payment_intents$", "do": "drop_reply_after_effect"}])
        with pytest.raises(stripe.APIConnectionError):
            buy("k1")
        assert charges(v1) == 1
        assert buy("k1").status == "succeeded"
        assert charges(v1) == 1

    def test_breaks_the_connection_before_the_effect(self, v1, buy, control):
        control("chaos", rules=[{"do": "connection_error", "method": "POST"}])
        with pytest.raises(stripe.APIConnectionError):
            buy("k1")
        assert charges(v1) == 0

    def test_fails_after_the_effect_and_keeps_the_500(self, v1, buy, control):
        control("chaos", rules=[{"match": "payment_intents", "do": "fail_500_after"}])
        for _ in range(2):
            with pytest.raises(stripe.APIError) as caught:
                buy("k1")
            assert caught.value.http_status == 500
        assert charges(v1) == 1

    @pytest.mark.parametrize(
        ("do", "error"),
        [("fail_500_before", stripe.APIError), ("rate_limit_429", stripe.RateLimitError)],
    )
    def test_fails_before_the_effect_and_keeps_nothing(self, v1, buy, control, do, error):
        control("chaos", rules=[{"match": "payment_intents", "do": do}])
        with pytest.raises(error):
            buy("k1")
        assert charges(v1) == 0
        assert buy("k1").status == "succeeded"

    def test_strikes_as_often_as_told(self, v1, control):
        control("chaos", rules=[{"match": "balance", "do": "connection_error", "times": 2}])
        for _ in range(2):
            with pytest.raises(stripe.APIConnectionError):
                v1.balance.retrieve()
        assert v1.balance.retrieve().object == "balance"

    def test_refuses_dials_that_do_not_exist(self, browser):
        for dials in ({"rules": [{"do": "explode"}]}, {"webhooks": {"explode": True}}):
            assert browser.post("/_sandbox/chaos", json=dials).status_code == 400


class TestTheJournal:
    def test_lists_every_request(self, v1, buy, store, control):
        intent = buy("k1")
        buy("k1")
        with pytest.raises(stripe.InvalidRequestError):
            v1.charges.retrieve("ch_x")
        control("chaos", rules=[{"match": "refunds", "do": "drop_reply_after_effect"}])
        with pytest.raises(stripe.APIConnectionError):
            v1.refunds.create(params={"payment_intent": intent.id})
        lines = journal.read(store, path="/v1/")
        assert [(e.method, e.path, e.status, e.note) for e in lines] == [
            ("POST", "/v1/payment_intents", 200, None),
            ("POST", "/v1/payment_intents", 200, "replayed"),
            ("GET", "/v1/charges/ch_x", 404, None),
            ("POST", "/v1/refunds", None, "drop_reply_after_effect"),
        ]
        assert lines[0].object_id == lines[1].object_id == intent.id
        assert lines[0].idempotency_key == "k1"
        assert lines[3].object_id.startswith("re_")
        assert lines[0].params["amount"] == "1000"

    def test_is_read_from_a_point_on(self, v1, store, browser):
        v1.balance.retrieve()
        after = journal.read(store)[-1].seq
        v1.charges.list()
        entries = browser.get(f"/_sandbox/journal?after={after}").get_json()["entries"]
        assert [e["path"] for e in entries] == ["/v1/charges"]


class TestAnUnknownAddress:
    def test_is_answered_in_stripes_shape(self, browser):
        reply = browser.get("/v1/nothing", headers={"Authorization": "Bearer sk_test_x"})
        assert reply.status_code == 404
        assert reply.get_json()["error"]["type"] == "invalid_request_error"
        assert reply.headers["Request-Id"].startswith("req_")

    def test_is_also_a_wrong_method(self, browser):
        assert browser.delete("/v1/charges").status_code == 404


class TestAFaultOfTheSandbox:
    def test_leaves_no_effects_and_keeps_the_500(self, v1, buy, monkeypatch):
        from sandbox.objects import charges as module

        def broken(*args, **more):
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(module, "settle", broken)
            with pytest.raises(stripe.APIError):
                buy("k1")
        assert charges(v1) == 0
        with pytest.raises(stripe.APIError):
            buy("k1")


class TestProduction:
    def test_is_refused(self, dsn):
        from sandbox import create_app
        from sandbox.app import ProductionRefused

        with pytest.raises(ProductionRefused):
            create_app(dsn, public_url="x", webhook_url=None, webhook_secret="x", production=True)
