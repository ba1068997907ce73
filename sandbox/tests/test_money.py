from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from sandbox.transport import WSGITransport


def refusal(call) -> str | None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call()
    return caught.value.code


class TestRefunds:
    def test_give_back_a_part_and_then_the_rest(self, v1, pay):
        intent = pay(1000)
        first = v1.refunds.create(params={"payment_intent": intent.id, "amount": 300})
        assert first.status == "succeeded"
        rest = v1.refunds.create(params={"charge": intent.latest_charge})
        assert rest.amount == 700
        charge = v1.charges.retrieve(intent.latest_charge, params={"expand": ["refunds"]})
        assert (charge.refunded, charge.amount_refunded) == (True, 1000)
        assert [r.id for r in charge.refunds.data] == [rest.id, first.id]
        assert [r.id for r in v1.refunds.list(params={"charge": charge.id}).data] == [
            rest.id,
            first.id,
        ]
        again = {"payment_intent": intent.id}
        assert refusal(lambda: v1.refunds.create(params=again)) == "charge_already_refunded"

    def test_never_exceed_the_charge(self, v1, pay):
        intent = pay(1000)
        refusal(lambda: v1.refunds.create(params={"payment_intent": intent.id, "amount": 1001}))

    def test_never_exceed_it_in_a_storm(self, v1, pay, app):
        intent = pay(1000)

        def refund(_):
            other = stripe.StripeClient("sk_test_x", http_client=WSGITransport(app))
            try:
                other.v1.refunds.create(params={"payment_intent": intent.id, "amount": 150})
            except stripe.InvalidRequestError:
                return 0
            return 150

        with ThreadPoolExecutor(12) as pool:
            given = sum(pool.map(refund, range(24)))
        assert given == 900
        assert v1.charges.retrieve(intent.latest_charge).amount_refunded == 900

    def test_need_a_successful_payment(self, v1):
        intent = v1.payment_intents.create(params={"amount": 500, "currency": "eur"})
        refusal(lambda: v1.refunds.create(params={"payment_intent": intent.id}))

    def test_of_one_card_fail_later(self, v1, pay, control):
        intent = pay(1000, card="pm_card_refundFail")
        made = v1.refunds.create(params={"payment_intent": intent.id})
        assert made.status == "succeeded"
        control("clock", advance=3601)
        assert v1.refunds.retrieve(made.id).status == "failed"
        assert v1.charges.retrieve(intent.latest_charge).amount_refunded == 0
        assert v1.events.list(params={"type": "refund.failed"}).data[0].data.object.id == made.id

    def test_of_another_card_are_pending_first(self, v1, pay, control):
        made = v1.refunds.create(
            params={"payment_intent": pay(1000, card="pm_card_pendingRefund").id}
        )
        assert made.status == "pending"
        control("clock", advance=3601)
        assert v1.refunds.retrieve(made.id).status == "succeeded"


class TestConfirming:
    def test_charges_once_in_a_storm(self, v1, app):
        intent = v1.payment_intents.create(params={"amount": 500, "currency": "eur"})

        def confirm(_):
            other = stripe.StripeClient("sk_test_x", http_client=WSGITransport(app))
            try:
                other.v1.payment_intents.confirm(
                    intent.id, params={"payment_method": "pm_card_visa"}
                )
            except stripe.InvalidRequestError as error:
                return error.code
            return "charged"

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(confirm, range(8)))
        assert sorted(results) == ["charged"] + ["payment_intent_unexpected_state"] * 7
        assert len(v1.charges.list().data) == 1


class TestTransfers:
    def test_move_the_money_of_a_charge(self, v1, pay, account):
        intent, maker = pay(10_000, transfer_group="order-1"), account()
        params = {
            "amount": 7000,
            "currency": "eur",
            "destination": maker,
            "source_transaction": intent.latest_charge,
            "metadata": {"order": "1"},
        }
        made = v1.transfers.create(params=params)
        assert made.transfer_group == "order-1"
        assert made.destination_payment.startswith("py_")
        found = v1.transfers.list(params={"transfer_group": "order-1"})
        assert [t.id for t in found.data] == [made.id]
        theirs = v1.balance.retrieve(options={"stripe_account": maker})
        assert theirs.pending[0].amount == 7000
        code = refusal(lambda: v1.transfers.create(params=params | {"amount": 3001}))
        assert code == "transfer_source_balance_parameters_mismatch"
        v1.transfers.create(params=params | {"amount": 3000})

    def test_never_exceed_the_charge_in_a_storm(self, v1, pay, account, app):
        intent, maker = pay(1000), account()
        params = {"amount": 150, "currency": "eur", "destination": maker}

        def transfer(_):
            other = stripe.StripeClient("sk_test_x", http_client=WSGITransport(app))
            more = {"source_transaction": intent.latest_charge}
            try:
                other.v1.transfers.create(params={**params, **more})
            except stripe.InvalidRequestError:
                return 0
            return 150

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(transfer, range(16))) == 900

    def test_without_a_source_need_available_money(self, v1, pay, account, control):
        pay(10_000)
        params = {"amount": 5000, "currency": "eur", "destination": account()}
        assert refusal(lambda: v1.transfers.create(params=params)) == "balance_insufficient"
        control("clock", advance=2 * 86_400)
        assert v1.transfers.create(params=params).amount == 5000

    def test_need_an_account_that_is_ready(self, v1, pay):
        charge = pay().latest_charge
        params = {"amount": 500, "currency": "eur", "source_transaction": charge}
        unready = v1.accounts.create(params={"type": "express"}).id
        code = refusal(lambda: v1.transfers.create(params=params | {"destination": unready}))
        assert code == "insufficient_capabilities_for_transfer"
        code = refusal(lambda: v1.transfers.create(params=params | {"destination": "acct_x"}))
        assert code == "resource_missing"

    def test_can_be_reversed_up_to_their_amount(self, v1, pay, account):
        maker = account()
        params = {"amount": 7000, "currency": "eur", "destination": maker}
        made = v1.transfers.create(params=params | {"source_transaction": pay().latest_charge})
        first = v1.transfers.reversals.create(made.id, params={"amount": 3000})
        assert (first.object, first.transfer) == ("transfer_reversal", made.id)
        refusal(lambda: v1.transfers.reversals.create(made.id, params={"amount": 4001}))
        v1.transfers.reversals.create(made.id)
        done = v1.transfers.retrieve(made.id)
        assert (done.reversed, done.amount_reversed) == (True, 7000)
        assert [r.amount for r in done.reversals.data] == [4000, 3000]
        assert len(v1.transfers.reversals.list(made.id).data) == 2
        assert v1.balance.retrieve(options={"stripe_account": maker}).pending[0].amount == 7000

    def test_cannot_be_reversed_once_the_money_is_paid_out(self, v1, pay, account, control):
        maker = account()
        params = {"amount": 7000, "currency": "eur", "destination": maker}
        made = v1.transfers.create(params=params | {"source_transaction": pay().latest_charge})
        control("clock", advance=2 * 86_400)
        theirs = {"stripe_account": maker}
        v1.payouts.create(params={"amount": 6000, "currency": "eur"}, options=theirs)
        code = refusal(lambda: v1.transfers.reversals.create(made.id))
        assert code == "balance_insufficient"
        assert v1.transfers.reversals.create(made.id, params={"amount": 1000}).amount == 1000

    def test_can_be_described_later(self, v1, pay, account):
        params = {"amount": 500, "currency": "eur", "destination": account()}
        made = v1.transfers.create(params=params | {"source_transaction": pay().latest_charge})
        v1.transfers.update(made.id, params={"metadata": {"a": "1", "b": "2"}})
        changed = v1.transfers.update(made.id, params={"metadata": {"a": ""}})
        assert changed.metadata.to_dict() == {"b": "2"}


class TestTheBalance:
    def test_is_the_sum_of_its_transactions(self, v1, pay, account, control):
        intent = pay(10_000)
        v1.refunds.create(params={"payment_intent": intent.id, "amount": 1000})
        params = {"amount": 4000, "currency": "eur", "destination": account()}
        v1.transfers.create(params=params | {"source_transaction": intent.latest_charge})
        entries = v1.balance_transactions.list().data
        assert [(e.type, e.net) for e in entries] == [
            ("transfer", -4000),
            ("refund", -1000),
            ("charge", 9825),
        ]
        held = v1.balance.retrieve()
        assert (held.available[0].amount, held.pending[0].amount) == (0, 4825)
        control("clock", advance=2 * 86_400)
        assert v1.balance.retrieve().available[0].amount == 4825
        only = v1.balance_transactions.list(params={"source": intent.latest_charge}).data
        assert [(e.type, e.status) for e in only] == [("charge", "available")]


class TestPayouts:
    def test_take_available_money_and_arrive(self, v1, pay, control):
        pay(10_000, card="pm_card_bypassPending")
        params = {"amount": 9825, "currency": "eur"}
        made = v1.payouts.create(params=params)
        assert made.status == "pending"
        assert refusal(lambda: v1.payouts.create(params=params)) == "balance_insufficient"
        control("clock", advance=2 * 86_400)
        assert v1.payouts.retrieve(made.id).status == "paid"
        assert (
            v1.events.list(params={"types": ["payout.paid", "payout.failed"]}).data[0].type
            == "payout.paid"
        )

    def test_can_fail(self, v1, pay, control):
        pay(10_000, card="pm_card_bypassPending")
        made = v1.payouts.create(params={"amount": 5000, "currency": "eur"})
        control(f"payouts/{made.id}", status="failed")
        assert v1.payouts.retrieve(made.id).failure_code == "could_not_process"
        assert v1.balance.retrieve().available[0].amount == 9825

    def test_can_be_canceled(self, v1, pay):
        pay(10_000, card="pm_card_bypassPending")
        made = v1.payouts.create(params={"amount": 5000, "currency": "eur"})
        assert v1.payouts.cancel(made.id).status == "canceled"
        assert v1.balance.retrieve().available[0].amount == 9825


class TestDisputes:
    def test_are_opened_by_a_test_card(self, v1, pay):
        intent = pay(10_000, card="pm_card_createDispute")
        found = v1.disputes.list(params={"payment_intent": intent.id}).data
        assert [(d.amount, d.reason, d.status) for d in found] == [
            (10_000, "fraudulent", "needs_response")
        ]
        assert v1.charges.retrieve(intent.latest_charge).disputed
        assert v1.balance.retrieve().available[0].amount == -12_000
        code = refusal(lambda: v1.refunds.create(params={"payment_intent": intent.id}))
        assert code == "charge_disputed"

    def test_are_won_by_evidence(self, v1, pay):
        pay(10_000, card="pm_card_createDispute")
        dispute = v1.disputes.list().data[0]
        evidence = {"uncategorized_text": "winning_evidence"}
        done = v1.disputes.update(dispute.id, params={"evidence": evidence, "submit": True})
        assert done.status == "won"
        assert v1.balance.retrieve().available[0].amount == 0
        kinds = {e.type for e in v1.events.list(params={"type": "charge.dispute.*"}).data}
        assert {"charge.dispute.closed", "charge.dispute.funds_reinstated"} <= kinds

    def test_are_lost_when_accepted(self, v1, pay):
        pay(10_000, card="pm_card_createDispute")
        dispute = v1.disputes.list().data[0]
        assert v1.disputes.close(dispute.id).status == "lost"
        refusal(lambda: v1.disputes.close(dispute.id))

    def test_can_be_about_a_part(self, v1, pay, control):
        charge = pay(10_000).latest_charge
        assert control(f"charges/{charge}/dispute", amount=2500)["amount"] == 2500
        assert v1.balance.retrieve().available[0].amount == -2500 - 2000

    def test_are_lost_when_nobody_answers_in_time(self, v1, pay, control):
        pay(10_000, card="pm_card_createDispute")
        answered = v1.disputes.list().data[0]
        evidence = {"evidence": {"uncategorized_text": "It was sent."}, "submit": True}
        v1.disputes.update(answered.id, params=evidence)
        silent = control(f"charges/{pay(10_000).latest_charge}/dispute")
        control("clock", advance=10 * 86_400)
        assert v1.disputes.retrieve(silent["id"]).status == "lost"
        assert v1.disputes.retrieve(answered.id).status == "under_review"

    def test_can_be_opened_and_decided_by_a_test(self, v1, pay, control):
        charge = pay(10_000).latest_charge
        made = control(f"charges/{charge}/dispute", reason="product_not_received")
        assert control(f"disputes/{made['id']}", status="won")["status"] == "won"


class TestAccounts:
    def test_become_ready_on_the_onboarding_page(self, v1, browser):
        made = v1.accounts.create(
            params={
                "type": "express",
                "country": "FR",
                "email": "owner@example.org",
                "capabilities": {"transfers": {"requested": True}},
                "metadata": {"company": "7"},
            }
        )
        assert made.capabilities.transfers == "inactive"
        assert "external_account" in made.requirements.currently_due
        link = v1.account_links.create(
            params={
                "account": made.id,
                "type": "account_onboarding",
                "return_url": "http://shop.test/back",
                "refresh_url": "http://shop.test/again",
            }
        )
        shown = browser.get(link.url)
        assert "test onboarding page" in shown.text
        form = {"name": "Atelier", "business_type": "company", "account_number": "FR14 2004 1010"}
        assert browser.post(link.url, data=form | {"name": ""}).status_code == 422
        reply = browser.post(link.url, data=form)
        assert reply.location == "http://shop.test/back"
        ready = v1.accounts.retrieve(made.id)
        assert (ready.capabilities.transfers, ready.payouts_enabled) == ("active", True)
        assert ready.requirements.currently_due == []
        event = v1.events.list(options={"stripe_account": made.id}).data[0]
        assert (event.type, event.account) == ("account.updated", made.id)

    def test_are_refused_in_the_header_when_unknown(self, v1):
        with pytest.raises(stripe.PermissionError) as caught:
            v1.balance.retrieve(options={"stripe_account": "acct_x"})
        assert caught.value.error.code == "account_invalid"

    def test_have_links_that_end(self, v1, browser, control):
        account = v1.accounts.create(params={"type": "express"}).id
        urls = {"return_url": "http://shop.test/back", "refresh_url": "http://shop.test/again"}
        params = {"account": account, "type": "account_onboarding", **urls}
        link = v1.account_links.create(params=params)
        control("clock", advance=301)
        assert browser.get(link.url).location == "http://shop.test/again"
        assert browser.get(f"/onboard/{account}/link_x").status_code == 404

    def test_can_be_completed_through_the_api(self, v1):
        made = v1.accounts.create(
            params={
                "type": "custom",
                "business_type": "company",
                "business_profile": {"name": "Atelier"},
                "capabilities": {"transfers": {"requested": True}},
                "tos_acceptance": {"date": 1_700_000_000, "ip": "127.0.0.1"},
                "external_account": {
                    "object": "bank_account",
                    "country": "FR",
                    "currency": "eur",
                    "account_number": "FR1420041010050500013M02606",
                },
            }
        )
        assert made.capabilities.transfers == "active"
        assert len(v1.accounts.list().data) == 1
