"""A bank disputes what a sponsor paid into a pool: frozen, free again, or gone."""

import pytest
import sqlalchemy as sa

from marketplace.campaigns import jobs as pool_jobs
from marketplace.campaigns import queries, service
from marketplace.campaigns.models import PoolRefund
from marketplace.campaigns.rules import (
    ClaimState,
    PoolState,
    RefundStage,
    Routed,
    Scope,
    Stage,
    wanted_of_pool,
)
from marketplace.checkout import jobs
from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict
from marketplace.ledger.rules import Purpose
from marketplace.payments import queries as payments
from marketplace.payments.rules import RefundSeen
from tests import factories
from tests.campaigns.funded import Funded
from tests.campaigns.pools import ask_to_pay, payment

FEE = 2000
MATCHED = 372
"""What a pool that doubles adds to one purchase."""


@pytest.fixture
def giver(here):
    here.messages()
    return factories.make_user(name="Bruna Riva", email="bruna@example.org")


@pytest.fixture
def funded(here, giver):
    return Funded(here, giver)


class TestWanted:
    @pytest.mark.parametrize(
        ("disputed", "owed", "left", "wanted"),
        [
            (100, 0, 100, 100),
            (40, 0, 100, 40),
            (100, 70, 30, 30),
            (40, 70, 30, 0),
            (100, 0, 30, 30),
            (100, 0, -5, 0),
        ],
    )
    def test_is_what_neither_goes_back_anyway_nor_went(self, disputed, owed, left, wanted):
        assert wanted_of_pool(disputed, owed_minor=owed, left_minor=left) == wanted


class TestOpened:
    def test_freezes_what_is_left_and_nothing_that_was_given(self, here, funded):
        funded.buys()
        kept = here.place(top_up=0)
        funded.disputed()
        here.hear()
        pool = funded.now
        assert (pool.used_minor, pool.reserved_minor) == (MATCHED, MATCHED)
        assert (pool.frozen_minor, pool.claimed_minor) == (1_000 - 2 * MATCHED, 2 * MATCHED)
        assert funded.stands(Purpose.POOL_HOLD) == 1_000 - 2 * MATCHED
        assert here.balance(Purpose.DISPUTE_FEES) == -FEE
        assert pool.stage(clock.now()) is Stage.PAUSED
        assert here.place(top_up=0).matched_minor == 0
        here.pay(kept)
        assert funded.now.used_minor == 2 * MATCHED

    def test_of_a_part_leaves_the_rest_to_be_given(self, here, funded):
        funded.disputed(amount=800)
        here.hear()
        pool = funded.now
        assert (pool.frozen_minor, pool.left_minor) == (800, 200)
        assert funded.buys().matched_minor == 200

    def test_keeps_what_comes_back_from_being_given_again(self, here, funded):
        """Fails if what an order gives back is added to the next one while a bank claims it."""
        order = funded.buys()
        left = here.place(top_up=0)
        funded.disputed()
        here.hear()
        here.refund(here.seen(order), 0)
        with atomic():
            checkout.let_lapse(order_id=left.id)
        pool = funded.now
        assert pool.rest_minor > 0
        assert (pool.left_minor, pool.held_minor) == (0, pool.frozen_minor + pool.rest_minor)
        assert here.place(top_up=0).matched_minor == 0
        with pytest.raises(sa.exc.DBAPIError, match="what a bank claims"), atomic():
            session.execute(
                sa.text("update matching_pool set reserved_minor = reserved_minor + 1 "
                        "where id = :pool"), {"pool": pool.id},
            )  # fmt: skip

    def test_is_counted_where_it_is_reserved(self, here, funded, monkeypatch):
        """Fails if who read the offer before the dispute was heard of gets what is claimed."""
        order = funded.buys()
        wanted = [Routed(here.projects[0].id, share_minor=100)]
        offers = queries.find_offers("EUR", [here.projects[0].id], clock.now())
        funded.disputed()
        here.hear()
        here.refund(here.seen(order), 0)
        assert funded.now.rest_minor > 0
        monkeypatch.setattr(queries, "find_offers", lambda *_asked: offers)
        with atomic():
            taken = service.take(currency="EUR", routed=wanted, seen_minor=None, now=clock.now())
        assert taken == []

    def test_takes_no_more_payments(self, here, funded, giver):
        funded.disputed()
        here.hear()
        with pytest.raises(Conflict, match="disputes a payment"):
            ask_to_pay(funded.pool, 100, giver)

    def test_is_known_also_if_no_message_came(self, here, funded):
        funded.disputed()
        here.messages()
        jobs.ask_for_disputes()
        assert funded.claim.state is ClaimState.OPEN

    def test_comes_before_its_payment(self, here, giver):
        """Fails if a dispute waits for a message about the payment that never comes."""
        made = Funded(here, giver, 0)
        row = payment(ask_to_pay(made.pool, 900, giver))
        here.provider.pay(row.payment_url, "4000000000000259")
        told = [one for one in here.messages() if one.dispute_id]
        for one in told:
            jobs.take_event(one)
        pool = made.now
        assert (pool.budget_minor, pool.frozen_minor) == (900, 900)
        assert payments.find_payment(payment(row.id).payment_id) is not None

    def test_of_a_pool_that_is_over_holds_what_would_go_back(self, here, funded):
        funded.disputed(amount=600)
        here.hear()
        funded.end()
        pool_jobs.end_pools()
        pool = funded.now
        assert (pool.state, pool.returned_minor, pool.rest_minor) == (PoolState.ENDED, 0, 400)
        assert funded.refunds == []

    def test_that_only_asks_freezes_nothing_and_sends_nothing_back(self, here, funded):
        dispute_id = funded.disputed()
        news = jobs.gateway.current().fetch_dispute_news(dispute_id)
        tell(funded, news, "warning_needs_response")
        funded.end()
        assert funded.now.frozen_minor == 0
        assert funded.refunds == []
        tell(funded, news, "warning_closed")
        assert funded.claim.state is ClaimState.FREE
        assert funded.refunds == [(1_000, RefundStage.REQUESTED)]
        here.messages()

    def test_that_begins_as_a_question_freezes_once_the_bank_takes_the_money(self, here, funded):
        dispute_id = funded.disputed()
        news = jobs.gateway.current().fetch_dispute_news(dispute_id)
        tell(funded, news, "warning_needs_response")
        assert funded.now.frozen_minor == 0
        here.hear()
        assert funded.now.frozen_minor == 1_000
        assert funded.stands(Purpose.POOL_HOLD) == 1_000


def tell(funded, news, status):
    """Let the provider say a status that its double does not know."""
    from dataclasses import replace

    said = replace(news.dispute, status=status, movements=())
    with atomic():
        checkout.take_dispute(news=replace(news, dispute=said), now=clock.now())


class TestWon:
    def test_gives_everything_back_to_the_pool(self, here, funded):
        order = funded.buys()
        dispute_id = funded.disputed()
        here.hear()
        funded.decided(dispute_id, "won")
        pool = funded.now
        assert (pool.frozen_minor, pool.claimed_minor, pool.lost_minor) == (0, 0, 0)
        assert pool.left_minor == 1_000 - MATCHED
        assert here.balance(Purpose.DISPUTE_FEES) == 0
        assert order.matched_minor == here.place(top_up=0).matched_minor

    def test_of_a_pool_that_is_over_sends_the_rest_back_at_once(self, here, funded):
        dispute_id = funded.disputed()
        here.hear()
        funded.end()
        funded.decided(dispute_id, "won")
        here.run_commands()
        assert funded.refunds == [(1_000, RefundStage.DONE)]
        assert funded.stands(Purpose.REFUND_DUE) == 0

    def test_sends_again_what_the_provider_refused_meanwhile(self, here, funded):
        funded.end()
        dispute_id = funded.disputed()
        here.run_commands()
        here.hear()
        [(amount, state)] = funded.refunds
        assert (amount, state) == (1_000, RefundStage.FAILED)
        assert funded.now.frozen_minor == 0
        with pytest.raises(Conflict, match="bank decides"), atomic():
            service.send_again(refund_id=refund_ids(funded)[0], now=clock.now())
        funded.decided(dispute_id, "won")
        here.run_commands()
        assert funded.refunds == [(1_000, RefundStage.REPLACED), (1_000, RefundStage.DONE)]

    def test_before_the_refusal_is_heard_sends_it_again_once(self, here, funded, monkeypatch):
        """Fails if money stays with us because the refusal was noted after the bank's decision."""
        funded.end()
        dispute_id = funded.disputed()
        gateway = jobs.gateway.current()
        execute = gateway.execute

        def refuse_and_decide(sending):
            outcome = execute(sending)
            if refund_ids(funded) and dispute_id:
                monkeypatch.setattr(gateway, "execute", execute)
                funded.decided(dispute_id, "won")
            return outcome

        monkeypatch.setattr(gateway, "execute", refuse_and_decide)
        here.run_commands()
        here.run_commands()
        assert [state for _minor, state in funded.refunds] == [
            RefundStage.REPLACED,
            RefundStage.DONE,
        ]


def refund_ids(funded):
    query = sa.select(PoolRefund.id).where(PoolRefund.pool_id == funded.pool.id)
    return list(session.scalars(query.order_by(PoolRefund.id)))


class TestLost:
    def test_takes_what_was_frozen(self, here, funded):
        dispute_id = funded.disputed()
        here.hear()
        funded.decided(dispute_id, "lost")
        pool = funded.now
        assert (pool.lost_minor, pool.frozen_minor, pool.left_minor) == (1_000, 0, 0)
        assert here.balance(Purpose.LOSSES) == 0
        funded.end()
        assert funded.refunds == []

    def test_leaves_projects_what_they_have_and_is_our_loss(self, here, funded):
        funded.buys()
        dispute_id = funded.disputed()
        here.hear()
        funded.decided(dispute_id, "lost")
        pool = funded.now
        assert (pool.used_minor, pool.lost_minor) == (MATCHED, 1_000 - MATCHED)
        assert here.balance(Purpose.LOSSES) == -MATCHED
        assert pool.claimed_minor == MATCHED

    def test_takes_what_came_back_while_it_was_open(self, here, funded):
        order = funded.buys()
        dispute_id = funded.disputed()
        here.hear()
        here.refund(here.seen(order), 0)
        back = funded.now.rest_minor
        assert back > 0
        funded.decided(dispute_id, "lost")
        assert funded.now.lost_minor == 1_000 - MATCHED + back
        assert here.balance(Purpose.LOSSES) == back - MATCHED

    @pytest.mark.parametrize("is_over", [False, True])
    def test_is_made_good_by_what_comes_back_later(self, here, funded, is_over):
        """Fails if a sponsor gets by a refund what their bank gave them already."""
        order = funded.buys()
        dispute_id = funded.disputed()
        here.hear()
        funded.decided(dispute_id, "lost")
        if is_over:
            funded.end()
        here.refund(here.seen(order), 0)
        assert here.place(top_up=0).matched_minor == 0
        pool_jobs.sweep_pool(pool_id=str(funded.pool.id))
        pool = funded.now
        assert (pool.rest_minor, pool.lost_minor) == (0, 1_000 - pool.used_minor)
        assert pool.used_minor < MATCHED
        assert here.balance(Purpose.LOSSES) == -pool.used_minor
        assert funded.refunds == []

    def test_of_a_part_goes_on_with_the_rest(self, here, funded):
        """The provider gives nothing back of such a payment: an operator looks after it."""
        dispute_id = funded.disputed(amount=300)
        here.hear()
        funded.decided(dispute_id, "lost")
        assert funded.buys().matched_minor == MATCHED
        funded.end()
        here.run_commands()
        assert funded.refunds == [(700 - MATCHED, RefundStage.FAILED)]
        assert funded.stands(Purpose.REFUND_DUE) == 700 - MATCHED

    def test_of_one_of_two_payments_sends_the_rest_to_the_other(self, here, funded):
        funded.pays(500)
        dispute_id = funded.disputed()
        here.hear()
        funded.buys()
        funded.decided(dispute_id, "lost")
        funded.end()
        here.run_commands()
        assert funded.refunds == [(500 - MATCHED, RefundStage.DONE)]

    def test_of_both_payments_is_counted_apart(self, here, funded):
        """Fails if what one dispute froze is given free, or taken, for the other."""
        second = funded.pays(500)
        funded.buys()
        first_id = funded.disputed()
        here.hear()
        second_id = funded.disputed(second)
        here.hear()
        pool = funded.now
        assert (pool.frozen_minor, pool.claimed_minor) == (1_500 - MATCHED, MATCHED)
        funded.decided(first_id, "won")
        funded.decided(second_id, "lost")
        pool = funded.now
        assert (pool.lost_minor, pool.claimed_minor, pool.frozen_minor) == (500, 0, 0)
        assert pool.left_minor == 1_000 - MATCHED
        assert here.balance(Purpose.LOSSES) == 0

    def test_and_then_given_back_by_the_provider_after_all_is_our_loss(self, here, funded):
        funded.end()
        dispute_id = funded.disputed()
        here.run_commands()
        here.hear()
        funded.decided(dispute_id, "lost")
        seen = RefundSeen(
            provider_id="re_late", refund_id=None, status="succeeded",
            pool_refund_id=refund_ids(funded)[0],
        )  # fmt: skip
        for _ in range(2):
            with atomic():
                service.take_refund(seen=seen, now=clock.now())
        assert here.balance(Purpose.LOSSES) == -1_000
        assert funded.refunds == [(1_000, RefundStage.DONE)]

    def test_is_what_the_sponsor_was_owed_and_no_more(self, here, funded):
        """Fails if what goes back anyway is sent once more, beside what the bank gave."""
        funded.buys()
        funded.end()
        dispute_id = funded.disputed()
        here.run_commands()
        here.hear()
        funded.decided(dispute_id, "lost")
        assert funded.refunds == [(1_000 - MATCHED, RefundStage.TAKEN)]
        assert funded.stands(Purpose.REFUND_DUE) == 0
        assert here.balance(Purpose.LOSSES) == -MATCHED
        here.run_commands()
        assert funded.refunds == [(1_000 - MATCHED, RefundStage.TAKEN)]

    def test_of_less_than_goes_back_leaves_the_difference_owed(self, here, funded):
        funded.end()
        dispute_id = funded.disputed(amount=400)
        here.run_commands()
        here.hear()
        funded.decided(dispute_id, "lost")
        assert sorted(funded.refunds) == [
            (400, RefundStage.TAKEN),
            (600, RefundStage.REQUESTED),
            (1_000, RefundStage.REPLACED),
        ]
        assert funded.stands(Purpose.REFUND_DUE) == 600

    def test_keeps_a_guarantee_only_as_far_as_there_is_something(self, here, giver):
        named = {"scope": Scope.PROJECTS, "projects": [here.projects[0].slug]}
        funded = Funded(here, giver, guarantee_minor=1_000, **named)
        dispute_id = funded.disputed(amount=900)
        here.hear()
        funded.end()
        assert funded.now.used_minor == 0
        funded.decided(dispute_id, "lost")
        assert funded.now.used_minor == 100

    def test_of_a_payment_that_came_too_late_touches_no_pool(self, here, funded, giver):
        late = payment(ask_to_pay(funded.pool, 700, giver))
        funded.end()
        here.run_commands()
        here.provider.pay(late.payment_url)
        jobs.settle_session(late.checkout_session_id)
        dispute_id = funded.disputed(payment(late.id))
        here.run_commands()
        here.hear()
        assert funded.now.frozen_minor == 0
        funded.decided(dispute_id, "lost")
        assert (700, RefundStage.TAKEN) in funded.refunds
        assert funded.stands(Purpose.REFUND_DUE) == 0
        assert here.balance(Purpose.LOSSES) == 0


class TestPages:
    def test_let_the_operator_pay_what_the_provider_gives_back_to_nobody(
        self, client, here, funded, sign_in
    ):
        dispute_id = funded.disputed(amount=300)
        here.hear()
        funded.decided(dispute_id, "lost")
        funded.end()
        here.run_commands()
        sign_in(client, factories.make_user(is_operator=True))
        at = f"/staff/pools/refunds/{refund_ids(funded)[0]}/paid"
        assert client.post(at, data={"reference": " "}).status_code == 422
        assert client.post(at, data={"reference": "CRO 20261122"}).status_code == 303
        assert client.post(at, data={"reference": "CRO 20261122"}).status_code == 422
        assert funded.refunds == [(700, RefundStage.PAID_OTHERWISE)]
        assert funded.stands(Purpose.REFUND_DUE) == 0
        assert here.balance(Purpose.PLATFORM_BANK) == 700
        sign_in(client, funded.giver)
        page = client.get(f"/account/pools/{funded.pool.slug}").text
        assert "paid by bank transfer" in page

    def test_tell_the_operator_the_sponsor_and_everybody(
        self, app, client, here, funded, sign_in, run_jobs
    ):
        letters = app.extensions["post"].letters
        letters.clear()
        staff = app.test_client()
        sign_in(staff, factories.make_user(is_operator=True, email="op@example.org"))
        funded.buys()
        dispute_id = funded.disputed()
        here.hear()
        run_jobs()
        public, own = f"/pools/{funded.pool.slug}", f"/account/pools/{funded.pool.slug}"
        page = app.test_client().get(public).text
        assert "A bank disputes what was paid into this pool" in page
        assert "€6.28" in page
        assert "Bruna" not in page
        sign_in(client, funded.giver)
        page = client.get(own).text
        assert "Your bank disputes" in page
        assert "Go to the payment page" not in page
        assert f"/staff/disputes/{dispute_id}" in staff.get("/staff/disputes").text
        assert "held: a bank disputes" in staff.get("/staff/pools").text
        page = staff.get(f"/staff/disputes/{dispute_id}").text
        assert "bruna@example.org" in page
        assert "Springs: €1.86" in page
        note = {"body": "They wrote to us in May"}
        assert staff.post(f"/staff/disputes/{dispute_id}/note", data=note).status_code == 303
        assert staff.post(f"/staff/disputes/{dispute_id}/evidence").status_code == 303
        assert staff.post(f"/staff/disputes/{dispute_id}/evidence").status_code == 409
        here.run_commands()
        assert "The evidence went to the bank" in staff.get(f"/staff/disputes/{dispute_id}").text
        funded.decided(dispute_id, "lost")
        run_jobs()
        assert "taken back by a sponsor" in staff.get(f"/staff/disputes/{dispute_id}").text
        assert "took back a payment" in app.test_client().get(public).text
        assert "has taken back" in client.get(own).text
        assert funded.pool.title in staff.get("/staff/disputes?state=over").text
        told = {(one["To"], one["Subject"]) for one in letters}
        title = funded.pool.title
        assert ("bruna@example.org", f"A bank disputes what was paid into “{title}”") in told
        assert ("bruna@example.org", f"The bank took back what was paid into “{title}”") in told
        lost = f"The dispute over what was paid into “{title}” is lost"
        assert ("op@example.org", lost) in told

    def test_tell_that_the_payment_stands(self, app, client, here, funded, sign_in, run_jobs):
        dispute_id = funded.disputed()
        here.hear()
        funded.decided(dispute_id, "won")
        run_jobs()
        sign_in(client, funded.giver)
        page = client.get(f"/account/pools/{funded.pool.slug}").text
        assert "the payment stands" in page
        assert "Go to the payment page" in page
        told = {one["Subject"] for one in app.extensions["post"].letters}
        assert f"What was paid into “{funded.pool.title}” stands" in told

    def test_let_the_operator_wait_for_the_bank(self, client, here, funded, sign_in):
        funded.end()
        funded.disputed()
        here.run_commands()
        here.hear()
        sign_in(client, factories.make_user(is_operator=True))
        page = client.get("/staff/pools").text
        assert "waits for a bank’s decision" in page
        assert "Send it again" not in page
        refund_id = refund_ids(funded)[0]
        assert client.post(f"/staff/pools/refunds/{refund_id}/send").status_code == 409
