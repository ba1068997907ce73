"""A sponsor that is no company: admitted, pays at the provider's page, gets the rest back."""

import re

import pytest
import sqlalchemy as sa

from marketplace.campaigns import jobs as pool_jobs
from marketplace.campaigns import queries, service
from marketplace.campaigns.models import PoolRefund
from marketplace.campaigns.rules import (
    PaymentStage,
    PoolState,
    RefundStage,
    Scope,
    parts_to_return,
    told_of,
)
from marketplace.checkout import jobs
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid
from marketplace.ledger.rules import Purpose, Source
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandState
from tests import factories
from tests.campaigns.pools import (
    ask_to_pay,
    make_pool,
    make_sponsor,
    make_sponsored,
    over,
    payment,
    seen,
)

DAYS = {"starts_on": "2020-01-01", "ends_on": "2199-12-31"}
SAID = {"title": "Doubled by a foundation", "ratio": "100", "scope": "all"} | DAYS


@pytest.fixture
def giver(here):
    return factories.make_user(name="Bruna Riva", email="bruna@example.org")


@pytest.fixture
def letters(app):
    app.extensions["post"].letters.clear()
    return app.extensions["post"].letters


def paid_pool(here, giver, minor=10_000, **changes):
    """Return a pool that a foundation has paid in at the provider's page."""
    pool = make_sponsored(make_sponsor(giver), giver, **changes)
    row = payment(ask_to_pay(pool, minor, giver))
    here.provider.pay(row.payment_url)
    jobs.settle_session(row.checkout_session_id)
    return seen(pool)


def end(pool, by):
    with atomic():
        service.end(pool_id=pool.id, reason="We move", by=by, now=clock.now())


def refunds(pool):
    session.rollback()
    query = sa.select(PoolRefund).where(PoolRefund.pool_id == pool.id).order_by(PoolRefund.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def due(here, pool):
    return here.balance(Purpose.REFUND_DUE, pool.id)


class TestParts:
    def test_go_back_to_the_last_payment_first(self):
        assert parts_to_return(150, [("b", 100), ("a", 200)]) == [("b", 100), ("a", 50)]
        assert parts_to_return(0, [("a", 5)]) == []
        with pytest.raises(ValueError, match="more goes back"):
            parts_to_return(6, [("a", 5)])

    @pytest.mark.parametrize(
        ("used", "budget", "told"),
        [(0, 0, 0), (79, 100, 0), (80, 100, 80), (99, 100, 80), (100, 100, 100)],
    )
    def test_of_a_budget_are_told_at_four_fifths_and_at_the_end(self, used, budget, told):
        assert told_of(used, budget) == told


class TestASponsor:
    def test_goes_from_a_name_to_the_rest_of_the_money(
        self, app, client, here, provider, giver, sign_in, run_jobs, letters
    ):
        sign_in(client, giver)
        assert "says first who they are" in client.get("/account/pools").text
        assert client.get("/account/pools/new").status_code == 403
        asked = {"name": "Fondazione Riva", "kind": "foundation"}
        assert client.post("/account/pools/sponsor", data=asked).status_code == 303
        assert client.post("/account/pools/sponsor", data=asked).status_code == 422
        operator = app.test_client()
        sign_in(operator, factories.make_user(is_operator=True))
        desk = operator.get("/staff/pools").text
        admit = re.findall(r'action="(/staff/sponsors/[^"]+/admit)"', desk)[0]
        assert operator.post(admit, data={"reason": " "}).status_code == 422
        assert operator.post(admit, data={"reason": "In the register"}).status_code == 303
        assert operator.post(admit, data={"reason": "In the register"}).status_code == 422
        assert client.post("/account/pools/new", data=SAID).status_code == 303
        at = "/account/pools/doubled-by-a-foundation"
        page = client.get(at).text
        key = re.findall(r'form_key" value="([^"]+)', page)[0]
        assert client.post(f"{at}/fund", data={"amount": "x", "form_key": key}).status_code == 422
        answer = client.post(f"{at}/fund", data={"amount": "100", "form_key": key})
        assert answer.status_code == 303
        again = client.post(f"{at}/fund", data={"amount": "100", "form_key": key})
        assert again.location == answer.location
        assert client.get("/pools/doubled-by-a-foundation").status_code == 404
        back = provider.pay(answer.location)
        assert client.get(back.removeprefix("http://localhost")).status_code == 303
        public = app.test_client().get("/pools/doubled-by-a-foundation").text
        assert "Fondazione Riva" in public
        assert "a foundation" in public
        assert "€100.00" in public
        for address in ("/pools", "/account/pools", at):
            assert client.get(address).status_code == 200

        order = here.buy(top_up=0)
        assert order.matched_minor == 372
        assert "Fondazione Riva" in client.get(f"/receipt/{order.token}").text
        assert client.post(f"{at}/end", data={"reason": "We move"}).status_code == 303
        here.run_commands()
        pool_jobs.tell_sponsors()
        run_jobs()
        page = client.get(at).text
        assert "went back" in page
        told = {one["Subject"]: one.get_content() for one in map(plain, letters)}
        assert [one for one in told if "€100.00 are in your pool" in one]
        ended = next(text for subject, text in told.items() if "has ended" in subject)
        assert "€3.72" in ended
        assert "€96.28 were left" in ended
        assert "Springs: €1.86" in ended

    def test_is_nobody_s_business_but_its_own(self, client, here, giver, sign_in):
        pool = paid_pool(here, giver)
        sign_in(client, factories.make_user())
        assert client.get(f"/account/pools/{pool.slug}").status_code == 404
        for what in ("fund", "end"):
            assert client.post(f"/account/pools/{pool.slug}/{what}").status_code == 404

    def test_may_say_anew_who_it_is_after_a_refusal(self, client, here, giver, sign_in, run_jobs):
        with atomic():
            made = service.introduce(name="NATO", kind="foundation", by=giver, now=clock.now())
            by = factories.make_user(is_operator=True)
            service.decide(
                sponsor_id=made.id, is_admitted=False, reason="Not yours", by=by, now=clock.now()
            )
        run_jobs()
        sign_in(client, giver)
        assert "Not yours" in client.get("/account/pools").text
        said = {"name": "Bruna Riva", "kind": "person"}
        assert client.post("/account/pools/sponsor", data=said).status_code == 303
        assert "You get a letter" in client.get("/account/pools").text

    def test_is_not_paid_for_before_it_is_admitted(self, here, giver):
        with atomic():
            made = service.introduce(name="Riva", kind="person", by=giver, now=clock.now())
        pool = make_sponsored(made, giver)
        with pytest.raises(Conflict):
            ask_to_pay(pool, 100, giver)

    def test_pays_in_what_it_guarantees(self, here, giver):
        named = {"scope": Scope.PROJECTS, "projects": [here.projects[0].slug]}
        pool = make_sponsored(make_sponsor(giver), giver, guarantee_minor=500, **named)
        for minor in (0, 499):
            with pytest.raises(Invalid):
                ask_to_pay(pool, minor, giver)


def plain(letter):
    """Return a letter's text with its subject."""
    body = letter.get_body(("plain",))
    body["Subject"] = letter["Subject"]
    return body


class TestAPayment:
    def test_counts_once_whoever_brings_the_news(self, here, provider, giver):
        """Fails if a message that comes twice, or after the browser, pays in twice."""
        pool = make_sponsored(make_sponsor(giver), giver)
        row = payment(ask_to_pay(pool, 10_000, giver))
        provider.pay(row.payment_url)
        assert set(provider.deliver(times=2)) == {200}
        jobs.settle_session(row.checkout_session_id)
        pool_jobs.ask_for_pool_payments()
        assert seen(pool).budget_minor == 10_000
        assert here.balance(Purpose.MATCHING_POOL, pool.id) == 10_000
        assert payment(row.id).state is PaymentStage.PAID

    def test_that_comes_when_the_pool_is_over_goes_back_whole(self, here, provider, giver):
        pool = paid_pool(here, giver, 5_000)
        late = payment(ask_to_pay(pool, 700, giver))
        end(pool, giver)
        provider.pay(late.payment_url)
        jobs.settle_session(late.checkout_session_id)
        assert payment(late.id).state is PaymentStage.TOO_LATE
        assert due(here, pool) == 5_700
        here.run_commands()
        assert due(here, pool) == 0
        assert seen(pool).budget_minor == 5_000
        assert {one.state for one in refunds(pool)} == {RefundStage.DONE}

    def test_that_was_never_made_is_forgotten(self, here, provider, giver, monkeypatch):
        pool = make_sponsored(make_sponsor(giver), giver)
        row = payment(ask_to_pay(pool, 10_000, giver))
        monkeypatch.setattr(pool_jobs, "settle_session", lambda _session_id: "expired")
        monkeypatch.setattr(pool_jobs, "now", lambda: clock.now() + pool_jobs.SILENCE * 2)
        pool_jobs.ask_for_pool_payments()
        assert payment(row.id).state is PaymentStage.LAPSED


class TestTheRest:
    def test_goes_back_to_the_payments_it_came_from(self, here, provider, giver):
        pool = paid_pool(here, giver, 400)
        second = payment(ask_to_pay(pool, 300, giver))
        provider.pay(second.payment_url)
        jobs.settle_session(second.checkout_session_id)
        order = here.buy(top_up=0)
        end(seen(pool), giver)
        here.run_commands()
        assert sorted(one.amount_minor for one in refunds(pool)) == [28, 300]
        assert (seen(pool).state, seen(pool).returned_minor) == (PoolState.ENDED, 328)
        here.refund(here.seen(order), 0)  # 1.86 + 1.12 + 0.74 less the beans' 1.32
        pool_jobs.sweep_pool(pool_id=str(pool.id))
        here.run_commands()
        assert seen(pool).returned_minor == 328 + 240
        assert due(here, pool) == 0
        assert here.balance(Purpose.PROJECT_PENDING, here.projects[0].id, Source.MATCH) > 0

    def test_waits_for_an_operator_if_it_does_not_arrive(
        self, app, client, here, provider, giver, sign_in
    ):
        pool = paid_pool(here, giver, 400)
        end(pool, giver)
        [row] = refunds(pool)
        with atomic():
            command = session.scalar(
                sa.select(ProviderCommand).where(ProviderCommand.subject_id == row.id)
            )
            command.state, command.error = CommandState.REJECTED, "expired_or_canceled_card"
            service.end_refund(command=command, now=clock.now())
        assert queries.list_failed_refunds()[0][0].id == row.id
        assert due(here, pool) == 400
        sign_in(client, factories.make_user(is_operator=True))
        assert "Did not reach a sponsor" in client.get("/staff/pools").text
        at = f"/staff/pools/refunds/{row.id}/send"
        assert client.post(at).status_code == 303
        assert client.post(at).status_code == 409
        here.run_commands()
        assert due(here, pool) == 0
        assert [one.state for one in refunds(pool)] == [RefundStage.REPLACED, RefundStage.DONE]

    def test_is_owed_again_if_the_provider_brings_it_back(self, here, provider, giver):
        from marketplace.payments.rules import RefundSeen

        pool = paid_pool(here, giver, 400)
        end(pool, giver)
        here.run_commands()
        [row] = refunds(pool)
        said = RefundSeen(
            provider_id=row.provider_id, refund_id=None, status="failed", pool_refund_id=row.id,
            why="declined",
        )  # fmt: skip
        for _ in range(2):
            with atomic():
                service.take_refund(seen=said, now=clock.now())
        [row] = refunds(pool)
        assert (row.state, row.why) == (RefundStage.FAILED, "declined")
        assert due(here, pool) == 400


class TestLetters:
    def test_tell_once_how_much_of_a_budget_is_used(self, here, sponsor, run_jobs, letters):
        owner = factories.make_user(email="rivalta@example.org")
        factories.make_member(sponsor, owner)
        pool = make_pool(sponsor, 450)
        for _ in range(2):
            here.buy(top_up=0)
            for _ in range(2):
                pool_jobs.tell_sponsors()
                run_jobs()
        subjects = [one["Subject"] for one in letters if one["To"] == owner.email]
        assert len(subjects) == len(set(subjects))
        assert [one for one in subjects if "are in your pool" in one]
        assert [one for one in subjects if "Four fifths" in one]
        assert [one for one in subjects if "is used up" in one]
        with atomic():
            service.end_due(pool_id=pool.id, now=over(pool))
        pool_jobs.tell_sponsors()
        pool_jobs.tell_sponsors()
        run_jobs()
        assert sum("has ended" in one["Subject"] for one in letters) == 1
