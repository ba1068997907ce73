"""The book, the provider's statement and the bank: what differs is listed, to the cent."""

import json
import sys

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs as checkout_jobs
from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.ids import new_id
from marketplace.invariants.queries import check_all
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from marketplace.payments import gateway
from marketplace.payments.models import Payment, ProviderCommand
from marketplace.payments.rules import CommandKind, CommandState
from marketplace.reconciliation import jobs, queries
from marketplace.reconciliation.models import Run, SaidRow
from marketplace.reconciliation.rules import Stage
from sandbox.app import store_of
from sandbox.control import advance_clock
from tests import factories
from tests.journeys.purchase import place

ORDER = 7034
FEE = 131


def post(effect_key, minor, *, kind=Kind.CAPTURE):
    """Write into the book what the provider knows nothing of."""
    other = AccountKey(Purpose.COMMISSION)
    entry = Entry(CLEARING, other, minor) if minor > 0 else Entry(other, CLEARING, -minor)
    with atomic():
        ledger.post(
            kind=kind,
            effect_key=effect_key,
            currency="EUR",
            entries=[entry],
            effective_at=clock.now(),
        )


def call(provider, path, **sent):
    """Do something at the provider behind our back."""
    answer = provider.double.test_client().post(
        f"/v1{path}", data=sent, headers={"Authorization": "Bearer sk_test_sandbox"}
    )
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def payee(provider):
    """Open an account at the provider, and let our money there be available; return its id."""
    advance_clock(store_of(provider.double), 3 * 86_400)
    asked = {"type": "express", "capabilities[transfers][requested]": "true"}
    account = str(call(provider, "/accounts", **asked)["id"])
    provider.double.test_client().post(f"/_sandbox/accounts/{account}/onboard", json={})
    return account


class TestReconcile:
    def test_finds_nothing_where_nothing_differs(self, db, buys, differences, later, run_jobs):
        order = buys()
        buys()
        with atomic():
            checkout.request_full_refund(
                order_id=order.id, reason="All of it", requested_by_id=None, now=clock.now()
            )
        run_jobs()
        later(2)
        assert differences() == []
        run = queries.find_last_run()
        assert run.keys_compared == 5  # two payments, two fees, a refund
        assert db.scalar(sa.select(sa.func.sum(SaidRow.minor))) == 2 * (2 * ORDER - ORDER - 2 * FEE)

    def test_lists_what_is_missing_at_our_side(self, buys, differences, later):
        buys(noticed=False)
        later(2)
        assert differences() == [("fee", None, -FEE, None), ("payment", None, ORDER, None)]

    def test_lists_what_is_missing_at_theirs(self, db, provider, differences, later):
        post("capture:pi_invented", 500)
        later(2)
        assert differences() == [("payment", 500, None, None)]

    def test_lists_a_wrong_amount(self, buys, differences, later):
        order = buys()
        post(f"fee:{order.payment_id}:again", -1, kind=Kind.FEE)
        later(2)
        assert differences() == [("fee", -FEE - 1, -FEE, None)]

    def test_tells_two_payments_of_the_same_amount_apart(self, buys, differences, later):
        buys()
        buys(noticed=False)
        later(2)
        assert differences() == [("fee", None, -FEE, None), ("payment", None, ORDER, None)]

    def test_lists_a_transfer_that_was_made_twice(self, db, provider, buys, differences, later):
        buys()
        destination = payee(provider)
        twice = [
            call(provider, "/transfers", amount=100, currency="eur", destination=destination)
            for _ in range(2)
        ]
        post(f"transfer:{twice[0]['id']}", -100, kind=Kind.PAYOUT_SETTLED)
        later(4 * 24)
        assert differences() == [("transfer", None, -100, None)]
        call(provider, f"/transfers/{twice[1]['id']}/reversals")
        assert differences() == []

    def test_knows_what_we_took_back_of_a_transfer(self, db, provider, buys, differences, later):
        buys()
        sent = call(
            provider, "/transfers", amount=100, currency="eur", destination=payee(provider)
        )["id"]
        post(f"transfer:{sent}", -100, kind=Kind.PAYOUT_SETTLED)
        taken = call(provider, f"/transfers/{sent}/reversals", amount=40)["id"]
        db.add(
            ProviderCommand(
                id=new_id(),
                kind=CommandKind.REVERSE_TRANSFER,
                subject_id=new_id(),
                params={"about": sent},
                params_hash=b"",
                state=CommandState.SUCCEEDED,
                provider_id=taken,
                created_at=clock.now(),
            )
        )
        post(f"reversal:{taken}", 40, kind=Kind.TRANSFER_REVERSED)
        later(4 * 24)
        assert differences() == []

    def test_waits_an_hour_for_what_comes_late(self, buys, notices, differences, later):
        order = buys(noticed=False)
        assert differences() == []
        later(2)
        assert len(differences()) == 2
        notices(order)
        assert differences() == []
        assert len(queries.list_differences("closed").rows) == 2

    def test_looks_again_at_what_was_too_young(self, db, provider, differences, later):
        post("capture:pi_invented", 500)
        assert differences() == []
        later(72)
        assert differences() == [("payment", 500, None, None)]

    def test_books_what_went_to_our_own_bank_and_came_back(
        self, provider, buys, differences, later, db, client
    ):
        """Fails if each payout of our own money holds the public totals."""
        buys()
        advance_clock(store_of(provider.double), 3 * 86_400)
        stays, bounces = (
            call(provider, "/payouts", amount=amount, currency="eur")["id"] for amount in (200, 100)
        )
        assert differences() == []
        bank = AccountKey(Purpose.PLATFORM_BANK)
        assert ledger_queries.find_balance(bank, "EUR") == -300
        answer = provider.double.test_client().post(
            f"/_sandbox/payouts/{bounces}", json={"status": "failed"}
        )
        assert answer.status_code == 200
        later(4 * 24)
        assert differences() == []
        assert ledger_queries.find_balance(bank, "EUR") == -200
        assert [finding.invariant.name for finding in check_all() if not finding.holds] == []
        factories.sign_in(client, factories.make_user(is_operator=True))
        page = client.get("/staff/bank").text
        assert stays in page
        assert "failed: with the provider again" in page
        assert client.get("/staff/bank?after=nonsense").status_code == 200
        told = client.get("/solvency.json").get_json()["now"]
        assert told["bank_minor"] == 200
        assert told["difference_minor"] == 0
        assert "Paid out to our own bank" in client.get("/solvency").text

    def test_leaves_a_bank_payout_alone_that_had_failed_before_we_saw_it(
        self, provider, buys, differences, later
    ):
        buys()
        advance_clock(store_of(provider.double), 3 * 86_400)
        paid = call(provider, "/payouts", amount=300, currency="eur")["id"]
        provider.double.test_client().post(f"/_sandbox/payouts/{paid}", json={"status": "failed"})
        later(4 * 24)
        assert differences() == []
        assert ledger_queries.find_balance(AccountKey(Purpose.PLATFORM_BANK), "EUR") == 0

    def test_agrees_with_a_refund_that_failed(
        self,
        provider,
        shop,
        differences,
        later,
        run_jobs,
    ):
        order = place(shop)
        provider.pay(order.payment_url, "4000000000005126")
        checkout_jobs.settle_session(order.checkout_session_id)
        with atomic():
            checkout.request_full_refund(
                order_id=order.id, reason="All of it", requested_by_id=None, now=clock.now()
            )
        run_jobs()
        advance_clock(store_of(provider.double), 7200)
        provider.deliver()
        later(4)
        assert differences() == []
        assert ledger_queries.find_balance(AccountKey(Purpose.REFUND_DUE, order.id), "EUR") == ORDER

    def test_nets_a_refund_that_came_back(self, provider, buys, differences, later):
        order = buys()
        call(provider, "/refunds", payment_intent=order.payment_id, amount=100)
        later(2)
        assert differences() == [("refund", None, -100, None)]

    @pytest.mark.parametrize("end", ["won", "lost"])
    def test_knows_what_a_bank_holds_for_a_dispute(
        self, db, provider, buys, differences, later, run_jobs, end
    ):
        order = buys()
        charge = db.get(Payment, order.payment_id).charge_id
        control = provider.double.test_client()
        dispute = control.post(f"/_sandbox/charges/{charge}/dispute", json={}).get_json()
        later(2)
        found = differences()
        assert [one[0] for one in found] == ["dispute"], "not told yet"
        provider.deliver()
        run_jobs()
        assert differences() == []
        control.post(f"/_sandbox/disputes/{dispute['id']}", json={"status": end})
        provider.deliver()
        run_jobs()
        assert differences() == []


class TestRun:
    def test_goes_on_where_it_was_cut_off(self, db, provider, buys, later, monkeypatch):
        for _ in range(3):
            buys()
        later(2)
        whole = gateway.Gateway.list_movements
        monkeypatch.setattr(sys.modules[whole.__module__], "page_after", small_pages)
        asked = []

        def cut_off(self, *, since, after):
            asked.append(after)
            if len(asked) == 3:
                raise gateway.Unreachable("APIConnectionError")
            return whole(self, since=since, after=after)

        monkeypatch.setattr(gateway.Gateway, "list_movements", cut_off)
        with pytest.raises(gateway.Unreachable):
            jobs.reconcile_now()
        assert queries.find_open_run().stage is Stage.MOVEMENTS
        run = jobs.reconcile_now()
        assert asked[2] == asked[3]
        assert asked[0] is None
        assert None not in asked[1:]
        assert (run.stage, run.unexplained) == (Stage.DONE, 0)
        assert db.scalar(sa.select(sa.func.count()).select_from(Run)) == 1

    def test_reads_the_provider_outside_of_any_transaction(self, db, buys, monkeypatch):
        buys()
        seen = []
        whole = gateway.Gateway.list_movements

        def look(self, *, since, after):
            seen.append(db.info.get("atomic"))
            return whole(self, since=since, after=after)

        monkeypatch.setattr(gateway.Gateway, "list_movements", look)
        jobs.reconcile_now()
        assert seen == [False]

    def test_reads_a_page_once(self, db, buys, later):
        buys()
        later(2)
        jobs.reconcile_now()
        before = db.execute(sa.select(SaidRow.side, SaidRow.id, SaidRow.run_id)).all()
        jobs.reconcile_now()
        assert db.execute(sa.select(SaidRow.side, SaidRow.id, SaidRow.run_id)).all() == before

    def test_leaves_no_command_behind(self, db, buys):
        buys()
        before = db.scalar(sa.select(sa.func.count()).select_from(ProviderCommand))
        jobs.reconcile_now()
        assert db.scalar(sa.select(sa.func.count()).select_from(ProviderCommand)) == before


def small_pages(since, after):
    return {"limit": 1} | ({"starting_after": after} if after else {})


class TestCommand:
    def test_prints_a_line_and_fails_while_something_differs(self, app, buys, later):
        run = app.test_cli_runner().invoke
        buys()
        buys(noticed=False)
        clean = run(args=["reconcile"])
        assert clean.exit_code == 0, clean.output
        assert json.loads(clean.output)["unexplained"] == 0
        later(2)
        broken = run(args=["reconcile"])
        assert broken.exit_code == 1
        assert json.loads(broken.output)["unexplained"] == 2

    def test_says_that_the_provider_does_not_answer(self, app, provider, db, monkeypatch):
        def fail(self, **_asked):
            raise gateway.Unreachable("APIConnectionError")

        monkeypatch.setattr(gateway.Gateway, "list_movements", fail)
        answer = app.test_cli_runner().invoke(args=["reconcile"])
        assert answer.exit_code == 2
        assert "did not answer" in json.loads(answer.output)["error"]
