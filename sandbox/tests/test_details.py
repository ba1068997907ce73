"""What can be changed, read again and mistyped, endpoint by endpoint."""

import pytest
import stripe

from sandbox.app import deliver_pending, let_time_pass, webhook_of
from sandbox.tests.conftest import PUBLIC_URL, card_form

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}


def local(url: str) -> str:
    return url.removeprefix(PUBLIC_URL)


def refusal(call) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as caught:
        call()
    return caught.value


class TestUpdating:
    def test_a_payment_intent_changes_it_before_payment(self, v1):
        made = v1.payment_intents.create(params={"amount": 500, "currency": "eur"})
        params = {"amount": 700, "metadata": {"a": "1"}, "payment_method": "pm_card_visa"}
        changed = v1.payment_intents.update(made.id, params=params)
        assert (changed.amount, changed.status) == (700, "requires_confirmation")
        assert v1.payment_intents.confirm(made.id).amount_received == 700
        late = refusal(lambda: v1.payment_intents.update(made.id, params={"amount": 900}))
        assert late.code == "payment_intent_unexpected_state"

    def test_a_charge_tells_what_it_was_before(self, v1, pay):
        charge = pay(description="old").latest_charge
        v1.charges.update(charge, params={"description": "new", "metadata": {"a": "1"}})
        event = v1.events.list(params={"type": "charge.updated"}).data[0]
        assert event.data.previous_attributes["description"] == "old"
        assert event.data.object.description == "new"

    def test_a_refund_says_so_in_its_events(self, v1, pay):
        made = v1.refunds.create(params={"payment_intent": pay().id})
        v1.refunds.update(made.id, params={"metadata": {"a": "1"}})
        assert v1.refunds.retrieve(made.id).metadata.a == "1"
        assert v1.events.list(params={"type": "refund.updated"}).data[0].data.object.id == made.id

    def test_a_session_changes_its_metadata(self, v1, session):
        made = session()
        changed = v1.checkout.sessions.update(made.id, params={"metadata": {"more": "1"}})
        assert changed.metadata.to_dict() == {"order": "1", "more": "1"}

    def test_an_account_can_complete_its_requirements(self, v1):
        made = v1.accounts.create(params={"type": "express", "default_currency": "CHF"})
        assert made.default_currency == "chf"
        profile = {"name": "Atelier"}
        params = {"business_profile": profile, "business_type": "company", "email": "a@example.org"}
        changed = v1.accounts.update(made.id, params=params)
        assert changed.requirements.currently_due == ["external_account", "tos_acceptance.date"]


class TestReadingAgain:
    def test_sessions_by_payment_and_by_mail(self, v1, session, browser):
        other, made = session(), session(customer_email="ada@example.org")
        browser.post(local(made.url), data=card_form())
        intent = v1.checkout.sessions.retrieve(made.id).payment_intent
        found = v1.checkout.sessions.list(params={"payment_intent": intent})
        assert [s.id for s in found.data] == [made.id]
        mail = {"customer_details": {"email": "ada@example.org"}}
        assert [s.id for s in v1.checkout.sessions.list(params=mail).data] == [made.id]
        still_open = v1.checkout.sessions.list(params={"status": "open"})
        assert [s.id for s in still_open.data] == [other.id]

    def test_reversals_and_refunds_of_their_parents(self, v1, pay, account):
        charge = pay().latest_charge
        refund = v1.refunds.create(params={"charge": charge, "amount": 100})
        assert [r.id for r in v1.refunds.list(params={"charge": charge}).data] == [refund.id]
        params = {"amount": 500, "currency": "eur", "destination": account()}
        made = v1.transfers.create(params=params | {"source_transaction": charge})
        reversal = v1.transfers.reversals.create(made.id)
        assert v1.transfers.reversals.retrieve(made.id, reversal.id).amount == 500
        params = {"expand": ["destination", "destination_payment", "source_transaction"]}
        shown = v1.transfers.retrieve(made.id, params=params)
        assert shown.destination.object == "account"
        assert shown.destination_payment.amount_refunded == 500

    def test_a_balance_transaction(self, v1, pay):
        charge = v1.charges.retrieve(pay().latest_charge)
        entry = v1.balance_transactions.retrieve(charge.balance_transaction)
        assert (entry.source, entry.status, entry.fee) == (charge.id, "pending", 175)


class TestPaymentMethods:
    def test_are_made_from_a_card_number(self, v1):
        made = v1.payment_methods.create(params={"type": "card", "card": CARD})
        assert (made.card.last4, made.card.brand) == ("4242", "visa")
        params = {"amount": 500, "currency": "eur", "payment_method": made.id, "confirm": True}
        assert v1.payment_intents.create(params=params).payment_method == made.id
        assert v1.payment_methods.retrieve(made.id).id == made.id

    def test_come_with_the_intent(self, v1, pay, browser):
        data = {"type": "card", "card": CARD | {"number": "5555555555554444"}}
        params = {"amount": 500, "currency": "eur", "confirm": True, "payment_method_data": data}
        made = v1.payment_intents.create(params=params | {"expand": ["payment_method"]})
        assert made.payment_method.card.brand == "mastercard"
        lines = browser.get("/_sandbox/journal").get_json()["entries"]
        assert lines[0]["params"]["payment_method_data"]["card"]["number"] == "...4444"

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"number": "4242424242424241"}, "incorrect_number"),
            ({"exp_month": 13}, "invalid_expiry_month"),
            ({"exp_year": 2020}, "invalid_expiry_year"),
        ],
    )
    def test_refuse_impossible_cards(self, v1, wrong, code):
        params = {"type": "card", "card": CARD | wrong}
        assert refusal(lambda: v1.payment_methods.create(params=params)).code == code

    def test_are_needed_to_confirm(self, v1):
        params = {"amount": 500, "currency": "eur", "confirm": True}
        assert refusal(lambda: v1.payment_intents.create(params=params)).param == "payment_method"
        unknown = params | {"payment_method": "pm_x"}
        assert refusal(lambda: v1.payment_intents.create(params=unknown)).code == "resource_missing"


class TestTheLineItems:
    @pytest.mark.parametrize(
        ("line", "param"),
        [
            ({"quantity": 1}, "line_items[0][price_data]"),
            ({"price_data": {"currency": "eur"}}, "line_items[0][price_data][product_data][name]"),
            ({"price_data": {"unit_amount": 5}}, "line_items[0][price_data][currency]"),
            ({"price": "price_x", "quantity": 1}, "line_items[0][price]"),
        ],
    )
    def test_name_what_is_wrong(self, session, line, param):
        assert refusal(lambda: session(line_items=[line])).param == param

    def test_are_in_one_currency(self, session):
        def line(currency):
            data = {"currency": currency, "product_data": {"name": "x"}, "unit_amount": 500}
            return {"price_data": data, "quantity": 1}

        assert refusal(lambda: session(line_items=[line("eur"), line("chf")])).param == "line_items"

    def test_are_paged(self, v1, session):
        made = session()
        first = v1.checkout.sessions.line_items.list(made.id, params={"limit": 1})
        assert first.has_more
        assert [i.description for i in first.auto_paging_iter()] == ["Olive oil", "Soap"]


class TestMetadata:
    @pytest.mark.parametrize("metadata", [{"k" * 41: "v"}, {"k": "v" * 501}])
    def test_has_limits(self, v1, metadata):
        params = {"amount": 500, "currency": "eur", "metadata": metadata}
        assert isinstance(
            refusal(lambda: v1.payment_intents.create(params=params)), stripe.InvalidRequestError
        )


class TestAManualCapture:
    def test_leaves_the_session_complete_and_unpaid(self, v1, session, browser):
        made = session(payment_intent_data={"capture_method": "manual"})
        assert browser.post(local(made.url), data=card_form()).status_code == 303
        done = v1.checkout.sessions.retrieve(made.id)
        assert (done.status, done.payment_status) == ("complete", "unpaid")
        assert v1.payment_intents.capture(done.payment_intent).status == "succeeded"

    def test_can_be_let_go(self, v1, pay):
        intent = pay(1000, capture_method="manual")
        assert v1.payment_intents.cancel(intent.id).status == "canceled"
        assert v1.charges.retrieve(intent.latest_charge).refunded
        assert v1.balance_transactions.list().data == []


class TestTheIntentOfASession:
    def test_ends_only_with_its_session(self, v1, session, browser):
        made = session()
        browser.post(local(made.url), data=card_form("4000000000000002"))
        intent = v1.checkout.sessions.retrieve(made.id).payment_intent
        refusal(lambda: v1.payment_intents.cancel(intent))
        v1.checkout.sessions.expire(made.id)
        assert v1.payment_intents.retrieve(intent).status == "canceled"

    def test_is_confirmed_on_the_sessions_own_page(self, v1, session, browser):
        made = session()
        browser.post(local(made.url), data=card_form("4000000000003220"))
        intent = v1.checkout.sessions.retrieve(made.id).payment_intent
        assert browser.get(f"/3ds/{intent}").status_code == 404
        assert browser.post(f"/3ds/{intent}", data={"answer": "complete"}).status_code == 404


class TestTheChallenge:
    def test_is_over_when_the_session_is(self, v1, session, browser):
        made = session()
        place = browser.post(local(made.url), data=card_form("4000000000003220")).location
        browser.post(place, data={"answer": "complete"})
        assert browser.post(place, data={"answer": "complete"}).location.startswith("http://shop")
        assert browser.get(place).location == local(made.url)
        assert len(v1.charges.list().data) == 1

    def test_cannot_be_passed_after_the_session_expired(self, v1, session, browser):
        made = session()
        place = browser.post(local(made.url), data=card_form("4000000000003220")).location
        v1.checkout.sessions.expire(made.id)
        assert browser.post(place, data={"answer": "complete"}).location == local(made.url)
        assert v1.charges.list().data == []

    def test_can_end_in_a_decline(self, session, browser):
        place = browser.post(local(session().url), data=card_form("4000008400001629")).location
        answer = browser.post(place, data={"answer": "complete"})
        assert answer.status_code == 402
        assert "was declined" in answer.text

    def test_tells_the_return_url_that_it_failed(self, v1, pay, browser):
        intent = pay(card="pm_card_threeDSecure2Required", return_url="http://shop.test/back")
        reply = browser.post(f"/3ds/{intent.id}", data={"answer": "fail"})
        assert "redirect_status=failed" in reply.location
        error = v1.payment_intents.retrieve(intent.id).last_payment_error
        assert error.code == "payment_intent_authentication_failure"


class TestTheControls:
    def test_show_and_clear_the_dials(self, browser, control):
        control("chaos", rules=[{"do": "delay", "match": "x"}])
        assert browser.get("/_sandbox/chaos").get_json()["rules"][0]["times"] == 1
        browser.delete("/_sandbox/chaos")
        assert browser.get("/_sandbox/chaos").get_json()["rules"] == []

    def test_name_another_receiver(self, app, control):
        control("webhook", url="http://other.test/hook", secret="whsec_other")
        endpoint = webhook_of(app)
        assert (endpoint.url, endpoint.secret) == ("http://other.test/hook", "whsec_other")

    def test_deliver_at_once(self, app, control, pay):
        pay()
        assert control("deliver") == {"attempts": 0}
        assert deliver_pending(app, lambda *sent: 200) == 3

    def test_move_the_clock_back(self, v1, control, pay):
        before = pay().created
        control("clock", advance=-86_400)
        assert pay().created <= before - 86_000

    def test_refuse_what_they_do_not_know(self, browser):
        assert browser.post("/_sandbox/disputes/du_x", json={"status": "x"}).status_code == 400
        assert browser.post("/_sandbox/disputes/du_x", json={"status": "won"}).status_code == 404
        assert browser.post("/_sandbox/payouts/po_x", json={"status": "paid"}).status_code == 400


class TestTime:
    def test_passes_in_process_when_told(self, app, control, session, v1):
        made = session()
        control("clock", advance=3600)
        assert let_time_pass(app) == 0
        assert v1.checkout.sessions.retrieve(made.id).status == "open"
        control("clock", advance=24 * 3600)
        assert let_time_pass(app) == 0  # the control did it already
        assert v1.checkout.sessions.retrieve(made.id).status == "expired"
