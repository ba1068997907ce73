"""Disputes: what is frozen, given free or taken back, whatever message comes first."""

import random

import pytest

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict
from marketplace.ledger.rules import Purpose, Source
from marketplace.orders.models import CompanyOrderState, DisputeState
from marketplace.payments import gateway
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind, Payout
from sandbox.app import store_of
from sandbox.control import advance_clock
from tests import factories
from tests.checkout.purchases import Purchases, broken

TOTAL = 3660 + 2 * 1342 + 490 + 200
FEE = 2000


@pytest.fixture
def shop(db, provider):
    """Return a shop, after the messages about other tests' purchases."""
    here = Purchases.begin(db, provider)
    here.messages()
    return here


class TestOpened:
    def test_freezes_all_that_is_with_us(self, shop):
        order = shop.buy()
        shop.dispute(order)
        shop.hear()
        assert shop.dispute_of(order).state is DisputeState.NEEDS_RESPONSE
        for project in shop.projects:
            assert shop.balance(Purpose.PROJECT_PENDING, project.id, Source.PLEDGE) == 0
        assert shop.balance(Purpose.DISPUTE_HOLD, shop.projects[0].id, Source.PLEDGE) == 186
        assert shop.balance(Purpose.COMPANY_PENDING, shop.companies[0].id) == 0
        assert shop.balance(Purpose.DISPUTE_FEES) == -FEE
        assert broken() == []

    def test_of_a_part_freezes_in_proportion(self, shop):
        order = shop.buy()
        shop.dispute(order, amount=TOTAL // 2)
        shop.hear()
        assert shop.balance(Purpose.DISPUTE_HOLD, shop.projects[0].id, Source.PLEDGE) == 93
        assert shop.balance(Purpose.PROJECT_PENDING, shop.projects[0].id, Source.PLEDGE) == 93
        assert broken() == []

    def test_keeps_the_order_from_being_released_and_refunded(self, shop):
        order = shop.buy()
        shop.send(order)
        shop.dispute(order)
        shop.hear()
        assert shop.release(order) == [False, False]
        with pytest.raises(Conflict), atomic():
            service.request_full_refund(
                order_id=order.id, reason="Torn", requested_by_id=None, now=clock.now()
            )

    def test_is_known_also_if_no_message_came(self, shop):
        order = shop.buy()
        shop.dispute(order)
        shop.messages()
        jobs.ask_for_disputes()
        assert shop.dispute_of(order).is_open


class TestWon:
    def test_brings_everything_back_to_where_it_came_from(self, shop):
        order = shop.buy()
        before = set(shop.book(order))
        dispute = shop.dispute(order)
        shop.hear()
        shop.provider.decide(dispute, "won")
        shop.hear()
        assert shop.dispute_of(order).state is DisputeState.WON
        assert shop.balance(Purpose.PROJECT_PENDING, shop.projects[0].id, Source.PLEDGE) == 186
        assert shop.balance(Purpose.DISPUTE_FEES) == 0
        assert before < set(shop.book(order))
        shop.send(order)
        assert shop.release(order) == [True, True]
        assert shop.balance(Purpose.PROJECT_AVAILABLE, shop.projects[0].id, Source.PLEDGE) == 186
        assert broken() == []

    def test_after_the_release_is_available_again_at_once(self, shop):
        order = shop.buy()
        shop.send(order)
        shop.release(order)
        dispute = shop.dispute(order)
        shop.hear()
        assert shop.balance(Purpose.PROJECT_AVAILABLE, shop.projects[0].id, Source.PLEDGE) == 0
        shop.provider.decide(dispute, "won")
        shop.hear()
        assert shop.balance(Purpose.PROJECT_AVAILABLE, shop.projects[0].id, Source.PLEDGE) == 186
        assert broken() == []


class TestLost:
    def test_takes_everything_back_before_the_release(self, shop):
        order = shop.buy()
        dispute = shop.dispute(order)
        shop.hear()
        shop.provider.decide(dispute, "lost")
        shop.hear()
        found = shop.seen(order)
        assert (found.refunded_minor, found.refund_reserved_minor) == (TOTAL, TOTAL)
        assert {part.state for part in found.company_orders} == {CompanyOrderState.CANCELLED}
        assert shop.balance(Purpose.DISPUTE_FEES) == -FEE
        assert shop.balance(Purpose.DISPUTE_HOLD, shop.projects[0].id, Source.PLEDGE) == 0
        assert shop.balance(Purpose.COMPANY_RECEIVABLE, shop.companies[0].id) == 0
        assert broken() == []

    def test_leaves_a_project_what_it_was_paid_and_the_company_owes_it(self, shop):
        order = shop.buy()
        shop.send(order)
        shop.release(order)
        springs = shop.projects[0]
        assert shop.pay_out(springs.id, source=Source.PLEDGE) == 186
        assert shop.pay_out(springs.id, source=Source.TOP_UP) > 0
        dispute = shop.dispute(order)
        shop.hear()
        shop.provider.decide(dispute, "lost")
        shop.hear()
        owed = [shop.balance(Purpose.COMPANY_RECEIVABLE, one.id) for one in shop.companies]
        assert -sum(owed) == 186
        assert shop.balance(Purpose.LOSSES) < 0
        assert broken() == []

    def test_of_a_part_leaves_the_rest_to_be_released(self, shop):
        order = shop.buy()
        dispute = shop.dispute(order, amount=1001)
        shop.hear()
        shop.provider.decide(dispute, "lost")
        shop.hear()
        assert shop.seen(order).refunded_minor == 1001
        shop.send(order)
        assert shop.release(order) == [True, True]
        assert broken() == []
        with atomic():
            service.request_full_refund(
                order_id=order.id, reason="Torn", requested_by_id=None, now=clock.now()
            )
        shop.run_commands()
        assert broken() == []

    def test_takes_only_what_a_refund_has_left(self, shop):
        order = shop.buy()
        shop.refund(order, 0)
        dispute = shop.dispute(order)
        shop.provider.decide(dispute, "lost")
        shop.hear()
        assert shop.seen(order).refunded_minor == TOTAL
        assert broken() == []

    def test_is_kept_from_what_the_company_sells_next(self, shop):
        order = shop.buy(top_up=0)
        shop.send(order)
        shop.release(order)
        paid = shop.pay_out(shop.companies[0].id)
        dispute = shop.dispute(order)
        shop.provider.decide(dispute, "lost")
        shop.hear()
        assert shop.balance(Purpose.COMPANY_RECEIVABLE, shop.companies[0].id) == -paid
        following = shop.buy(top_up=0)
        shop.send(following)
        shop.release(following)
        assert shop.balance(Purpose.COMPANY_RECEIVABLE, shop.companies[0].id) == 0
        assert shop.balance(Purpose.COMPANY_AVAILABLE, shop.companies[0].id) == 0
        assert "netting" in shop.kinds(following)
        assert broken() == []


@pytest.mark.no_cover  # the same steps in other orders
@pytest.mark.parametrize("ending", ["won", "lost"])
@pytest.mark.parametrize("seed", range(6))
class TestAnyOrder:
    def test_of_messages_ends_in_the_same_book(self, shop, ending, seed):
        """Fails if what a message says is believed instead of what the provider says now."""
        dice = random.Random(seed)
        reference, other = shop.place(), shop.place()
        shop.pay(reference)
        shop.refund(reference, 1)
        dispute = shop.dispute(reference)
        shop.hear()
        shop.provider.decide(dispute, ending)
        shop.hear()

        shop.provider.pay(other.payment_url)
        heard = shop.messages()
        if dice.random() < 0.5:
            jobs.settle_session(other.checkout_session_id)
            shop.refund(other, 1)
        else:
            shop.pay(other)
            shop.refund(other, 1)
        dispute = shop.dispute(other)
        heard += shop.messages()
        for event in dice.sample(heard, dice.randint(0, len(heard))):
            jobs.take_event(event)
        shop.provider.decide(dispute, ending)
        heard += shop.messages()
        heard += dice.choices(heard, k=5)
        dice.shuffle(heard)
        for event in heard:
            jobs.take_event(event)
        jobs.retry_parked_events()
        assert shop.book(other) == shop.book(reference)
        assert broken() == []


class TestRecovery:
    def test_takes_a_debt_back_from_the_last_payout_where_the_operator_says_so(
        self, client, shop, db
    ):
        """Fails if what comes back of the transfer is credited to the company a second time."""
        weaver = shop.companies[0]
        operator = factories.make_user(is_operator=True)
        factories.sign_in(client, operator)
        transfer = self.pay_out(shop, weaver)
        order = self.order
        dispute = shop.dispute(order)
        shop.provider.decide(dispute, "lost")
        shop.hear()
        owed = -shop.balance(Purpose.COMPANY_RECEIVABLE, weaver.id)
        assert owed > 0
        assert "Owes" in client.get("/staff/companies").text
        at = f"/staff/companies/{weaver.slug}/recover"
        assert client.post(at, data={"reason": ""}).status_code == 422
        assert client.post(at, data={"reason": "Left the market"}).status_code == 303
        assert client.post(at, data={"reason": "Left the market"}).status_code == 409
        shop.run_commands()
        shop.hear()
        assert shop.balance(Purpose.COMPANY_RECEIVABLE, weaver.id) == 0
        assert shop.balance(Purpose.COMPANY_AVAILABLE, weaver.id) == 0
        assert gateway.current().fetch_transfer(transfer).transfer_id == transfer
        assert broken() == []

    def pay_out(self, shop, weaver) -> str:
        """Pay what was sold to a real account at the provider's double; return the transfer."""
        self.order = shop.buy(top_up=0)
        shop.send(self.order)
        shop.release(self.order)
        control = shop.provider.double.test_client()
        key = {"Authorization": "Bearer sk_test_sandbox"}
        made = control.post(
            "/v1/accounts",
            data={"type": "express", "country": "IT", "capabilities[transfers][requested]": "true"},
            headers=key,
        ).get_json()
        control.post(f"/_sandbox/accounts/{made['id']}/onboard", json={})
        with atomic():
            payouts.connect(
                payee_kind=PayeeKind.COMPANY,
                payee_id=weaver.id,
                provider_account_id=made["id"],
                now=clock.now(),
            )
        advance_clock(store_of(shop.provider.double), 3 * 86_400)
        with atomic():
            payout = payouts.command(
                payee_kind=PayeeKind.COMPANY,
                payee_id=weaver.id,
                currency="EUR",
                minimum_minor=1,
                now=clock.now(),
            )
        assert payout is not None
        shop.run_commands()
        store_of(shop.provider.double).change_setting("clock", {"offset": 0})
        session.expire_all()
        return session.get_one(Payout, payout.id).provider_id or ""
