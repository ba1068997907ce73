import pytest
import stripe


class TestPaymentIntents:
    def test_take_money_at_once(self, v1, pay):
        intent = pay(10_000, transfer_group="order-1", metadata={"order": "1"})
        assert intent.status == "succeeded"
        assert intent.amount_received == 10_000
        charge = v1.charges.retrieve(
            intent.latest_charge, params={"expand": ["balance_transaction"]}
        )
        assert charge.balance_transaction.fee == 175
        assert charge.balance_transaction.net == 9825
        assert charge.transfer_group == "order-1"

    def test_are_confirmed_in_a_second_step(self, v1):
        intent = v1.payment_intents.create(params={"amount": 500, "currency": "eur"})
        assert intent.status == "requires_payment_method"
        done = v1.payment_intents.confirm(intent.id, params={"payment_method": "pm_card_visa"})
        assert done.status == "succeeded"
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.payment_intents.confirm(intent.id, params={"payment_method": "pm_card_visa"})
        assert caught.value.code == "payment_intent_unexpected_state"

    @pytest.mark.parametrize(
        ("card", "code", "decline_code"),
        [
            ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
            ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
            ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
            ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
            ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
            ("pm_card_radarBlock", "card_declined", "fraudulent"),
        ],
    )
    def test_are_declined_as_the_card_says(self, v1, pay, card, code, decline_code):
        with pytest.raises(stripe.CardError) as caught:
            pay(card=card)
        error = caught.value
        assert (error.code, error.http_status) == (code, 402)
        assert error.error.decline_code == decline_code
        assert error.request_id.startswith("req_")
        kept = v1.payment_intents.retrieve(error.error.payment_intent.id)
        assert kept.status == "requires_payment_method"
        assert v1.charges.retrieve(kept.latest_charge).status == "failed"

    def test_can_be_captured_later_in_part(self, v1, pay):
        intent = pay(1000, capture_method="manual")
        assert (intent.status, intent.amount_capturable) == ("requires_capture", 1000)
        done = v1.payment_intents.capture(intent.id, params={"amount_to_capture": 700})
        assert (done.status, done.amount_received) == ("succeeded", 700)
        with pytest.raises(stripe.InvalidRequestError):
            v1.payment_intents.cancel(intent.id)

    def test_can_be_canceled_before_payment(self, v1):
        intent = v1.payment_intents.create(params={"amount": 500, "currency": "eur"})
        assert v1.payment_intents.cancel(intent.id).status == "canceled"
        with pytest.raises(stripe.InvalidRequestError):
            v1.payment_intents.confirm(intent.id, params={"payment_method": "pm_card_visa"})

    @pytest.mark.parametrize(
        ("params", "code", "param"),
        [
            ({"currency": "eur"}, "parameter_missing", "amount"),
            ({"amount": 100}, "parameter_missing", "currency"),
            ({"amount": "ten", "currency": "eur"}, "parameter_invalid_integer", "amount"),
            ({"amount": 10, "currency": "eur"}, "amount_too_small", "amount"),
            ({"amount": 100, "currency": "eur", "foo": 1}, "parameter_unknown", "foo"),
        ],
    )
    def test_refuse_bad_parameters(self, v1, params, code, param):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.payment_intents.create(params=params)
        assert (caught.value.code, caught.value.param) == (code, param)
        assert v1.payment_intents.list().data == []

    def test_ask_for_3d_secure(self, v1, pay, browser):
        intent = pay(card="pm_card_authenticationRequired", return_url="http://shop.test/back?x=1")
        assert intent.status == "requires_action"
        url = intent.next_action.redirect_to_url.url
        assert "3-D Secure" in browser.get(url).text
        reply = browser.post(url, data={"answer": "complete"})
        assert reply.status_code == 303
        assert reply.location.startswith("http://shop.test/back?x=1&payment_intent=pi_")
        assert v1.payment_intents.retrieve(intent.id).status == "succeeded"


class TestAnUnknownObject:
    def test_is_answered_with_404(self, v1):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.payment_intents.retrieve("pi_x")
        assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)

    def test_is_also_one_of_another_type(self, v1, pay):
        with pytest.raises(stripe.InvalidRequestError):
            v1.charges.retrieve(pay().id)


class TestAKey:
    def test_must_be_a_test_key(self, app):
        from sandbox.transport import WSGITransport

        live = stripe.StripeClient("sk_live_x", http_client=WSGITransport(app))
        with pytest.raises(stripe.AuthenticationError):
            live.v1.balance.retrieve()


class TestLists:
    def test_page_forward_and_backward(self, v1, pay):
        ids = [pay(1000 + n).id for n in range(5)][::-1]
        first = v1.payment_intents.list(params={"limit": 2})
        assert [p.id for p in first.data] == ids[:2]
        assert first.has_more
        assert [p.id for p in first.auto_paging_iter()] == ids
        before = v1.payment_intents.list(params={"limit": 2, "ending_before": ids[3]})
        assert [p.id for p in before.data] == ids[1:3]
        assert [
            p.id for p in v1.payment_intents.list(params={"starting_after": ids[3]}).data
        ] == ids[4:]

    def test_filter_by_time(self, v1, pay, control):
        old = pay().created
        control("clock", advance=1000)
        new = pay().id
        found = v1.payment_intents.list(params={"created": {"gt": old + 500}})
        assert [p.id for p in found.data] == [new]

    def test_expand_what_they_hold(self, v1, pay):
        pay(1000)
        found = v1.payment_intents.list(
            params={"expand": ["data.latest_charge.balance_transaction"]}
        )
        assert found.data[0].latest_charge.balance_transaction.amount == 1000
        with pytest.raises(stripe.InvalidRequestError):
            v1.payment_intents.list(params={"expand": ["data.amount"]})
