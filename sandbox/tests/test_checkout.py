from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from sandbox.tests.conftest import card_form

PATH = "http://pay.test"


def path_of(session) -> str:
    return session.url.removeprefix(PATH)


class TestACheckoutSession:
    def test_is_open_and_unpaid_at_first(self, session):
        made = session()
        assert (made.status, made.payment_status) == ("open", "unpaid")
        assert (made.amount_total, made.currency) == (4500, "eur")
        assert made.payment_intent is None
        assert made.url.startswith(f"{PATH}/pay/cs_test_")

    def test_shows_its_lines(self, session, v1):
        made = session()
        items = v1.checkout.sessions.line_items.list(made.id)
        assert [(i.description, i.quantity, i.amount_total) for i in items.data] == [
            ("Olive oil", 2, 3000),
            ("Soap", 1, 1500),
        ]
        shown = v1.checkout.sessions.retrieve(made.id, params={"expand": ["line_items"]})
        assert len(shown.line_items.data) == 2

    def test_can_be_expired_once(self, session, v1, browser):
        made = session()
        assert v1.checkout.sessions.expire(made.id).status == "expired"
        with pytest.raises(stripe.InvalidRequestError):
            v1.checkout.sessions.expire(made.id)
        assert browser.get(path_of(made)).status_code == 410
        assert browser.post(path_of(made), data=card_form()).status_code == 410
        assert v1.charges.list().data == []

    def test_expires_by_itself(self, session, v1, control):
        made = session()
        control("clock", advance=24 * 3600 + 1)
        assert v1.checkout.sessions.retrieve(made.id).status == "expired"
        kinds = [e.type for e in v1.events.list().data]
        assert kinds == ["checkout.session.expired"]

    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"line_items": []}, "line_items"),
            ({"success_url": ""}, "success_url"),
            ({"success_url": "shop"}, "success_url"),
            ({"mode": "subscription"}, "mode"),
            ({"expires_at": 1}, "expires_at"),
            ({"payment_intent_data": {"foo": "1"}}, "payment_intent_data[foo]"),
        ],
    )
    def test_refuses_bad_parameters(self, session, more, param):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            session(**more)
        assert caught.value.param == param


class TestThePage:
    def test_takes_the_money_and_returns_to_the_shop(self, session, v1, browser):
        made = session()
        shown = browser.get(path_of(made))
        assert "test payment page" in shown.text
        assert "€45.00" in shown.text
        assert "4000000000009995" in shown.text
        assert "form-action 'self' http://shop.test" in shown.headers["Content-Security-Policy"]
        reply = browser.post(path_of(made), data=card_form())
        assert reply.status_code == 303
        assert reply.location == f"http://shop.test/done?session={made.id}"
        params = {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        paid = v1.checkout.sessions.retrieve(made.id, params=params)
        assert (paid.status, paid.payment_status) == ("complete", "paid")
        assert paid.customer_details.email == "ada@example.org"
        assert paid.payment_intent.metadata.order == "1"
        assert paid.payment_intent.transfer_group == "order-1"
        assert paid.payment_intent.latest_charge.balance_transaction.net == 4500 - 93

    def test_charges_once_when_submitted_twice(self, session, v1, app):
        made = session()

        def submit(_):
            return app.test_client().post(path_of(made), data=card_form()).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(submit, range(8))) == {303}
        assert len(v1.charges.list().data) == 1

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            ("4000000000000002", "Your card was declined."),
            ("4000 0000 0000 9995", "insufficient funds"),
            ("4000000000000069", "has expired"),
            ("4000000000000127", "security code is incorrect"),
            ("4000000000000341", "Your card was declined."),
            ("4111111111111111", "only test cards"),
        ],
    )
    def test_says_why_a_card_was_declined(self, session, v1, browser, number, words):
        made = session()
        reply = browser.post(path_of(made), data=card_form(number))
        assert reply.status_code == 402
        assert words in reply.get_data(as_text=True).replace("&#39;", "'")
        assert 'value="ada@example.org"' in reply.text
        assert v1.checkout.sessions.retrieve(made.id).status == "open"
        assert browser.post(path_of(made), data=card_form()).status_code == 303

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"email": "ada"}, "Enter an e-mail address"),
            ({"card_number": "4242424242424241"}, "Enter the number of a card"),
            ({"card_expiry": "13/34"}, "Enter a month and year"),
            ({"card_expiry": "01/20"}, "Enter a month and year"),
            ({"card_cvc": ""}, "three or four digits"),
            ({"cardholder_name": ""}, "Enter the name"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, session, v1, browser, wrong, words):
        made = session()
        reply = browser.post(path_of(made), data=card_form() | wrong)
        assert reply.status_code == 422
        assert words in reply.text
        assert 'aria-invalid="true"' in reply.text
        assert v1.payment_intents.list().data == []

    def test_asks_for_3d_secure(self, session, v1, browser):
        made = session()
        reply = browser.post(path_of(made), data=card_form("4000002500003155"))
        assert reply.location.endswith("/challenge")
        assert "3-D Secure" in browser.get(reply.location).text
        assert v1.checkout.sessions.retrieve(made.id).status == "open"
        done = browser.post(reply.location, data={"answer": "complete"})
        assert done.location.startswith("http://shop.test/done")
        assert v1.checkout.sessions.retrieve(made.id).payment_status == "paid"

    def test_lets_the_shopper_try_again_after_a_failed_check(self, session, v1, browser):
        made = session()
        place = browser.post(path_of(made), data=card_form("4000000000003220")).location
        failed = browser.post(place, data={"answer": "fail"})
        assert failed.status_code == 402
        assert "not confirmed by 3-D Secure" in failed.text
        assert browser.get(place).status_code == 303
        assert browser.post(path_of(made), data=card_form()).status_code == 303
        assert len(v1.charges.list().data) == 1

    def test_speaks_the_language_of_the_session(self, session, browser):
        assert "Payer 45,00" in browser.get(path_of(session(locale="fr"))).text
        assert "Paga 45,00" in browser.get(path_of(session(locale="it"))).text
        french = {"Accept-Language": "fr-CH, en;q=0.5"}
        assert "Payer" in browser.get(path_of(session()), headers=french).text

    def test_is_not_there_for_an_unknown_session(self, browser):
        assert browser.get("/pay/cs_test_x").status_code == 404

    def test_keeps_card_numbers_out_of_the_journal(self, session, browser):
        browser.post(path_of(session()), data=card_form())
        entries = browser.get("/_sandbox/journal?path=/pay").get_json()["entries"]
        assert entries[0]["params"]["card_number"] == "...4242"


class TestExpiringAgainstPaying:
    def test_has_one_winner(self, session, v1, app):
        from sandbox.transport import WSGITransport

        for _ in range(5):
            made = session()

            def pay(made=made):
                return app.test_client().post(path_of(made), data=card_form()).status_code

            def expire(made=made):
                other = stripe.StripeClient("sk_test_x", http_client=WSGITransport(app))
                try:
                    return other.v1.checkout.sessions.expire(made.id).status
                except stripe.InvalidRequestError:
                    return "refused"

            with ThreadPoolExecutor(2) as pool:
                paid, expired = pool.submit(pay), pool.submit(expire)
            assert (paid.result(), expired.result()) in ((303, "refused"), (410, "expired"))
