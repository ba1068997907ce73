"""What moves money, each as something that is begun, breaks, is taken up again, and is looked at.

`begin` is what a person or a worker does; it may break anywhere. `again` is what happens then by
itself, or because the person presses the button once more. `ended` says what must be true then.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from marketplace.campaigns.models import Pool
from marketplace.catalog.models import Variant
from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict
from marketplace.demo.bank import Bank
from marketplace.ledger import queries as ledger
from marketplace.orders import service as order_service
from marketplace.orders.models import Order, OrderState
from marketplace.payments import gateway
from marketplace.payments import queries as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import EventSeen
from marketplace.payouts import jobs as payout_jobs
from marketplace.payouts.models import Payout, PayoutState
from sandbox.app import deliver_pending, store_of
from tests import factories
from tests.campaigns.pools import ask_to_pay, make_sponsor, make_sponsored, payment
from tests.checkout.shopper import Shopper
from tests.concurrency.market import Market, Stall
from tests.concurrency.test_payouts import make_payee, payouts_of, transfers
from tests.faults.tally import TALLY

PRICE, GIFT = 3660, 100
LATER = timedelta(minutes=5)


@dataclass
class Step:
    """One thing that moves money, in a market of its own."""

    market: Market

    def ready(self) -> None:
        """Do what comes before it, while nothing breaks."""

    def begin(self) -> None:
        """Do it."""

    def again(self) -> None:
        """Take it up again."""

    def ended(self) -> None:
        """Look at what came of it."""


@dataclass
class Placing(Step):
    """A shopper presses the last button for the last piece; once more if that is answered ill."""

    said: list[int] = field(default_factory=list)

    def ready(self) -> None:
        self.stall = self.market.stall(on_hand=1)
        self.shopper = ready_to_place(self.market, self.stall)
        self.fields = self.shopper.last_page()

    def begin(self) -> None:
        page = self.shopper.post("/checkout/payment", **self.fields)
        self.said.append(page.status_code)
        assert page.status_code in (303, 503), page.text
        if page.status_code == 503:
            assert page.headers["Retry-After"] == "30"
            assert "try again in a minute" in page.text
        TALLY.acked += page.status_code == 303

    def again(self) -> None:
        if self.said[-1] == 503:
            self.begin()
        assert self.said[-1] == 303
        jobs.run_due_commands()

    def ended(self) -> None:
        (order,) = orders_of(self.stall)
        assert sessions_of(self.market, order) == 1
        assert held(self.stall) == (1, 1)
        self.market.provider.pay(order.payment_url or "")
        jobs.settle_session(order.checkout_session_id or "")
        assert self.market.seen(order.id).state is OrderState.PAID
        assert held(self.stall) == (0, 0)
        assert [sum(self.market.charges(order))] == [self.market.seen(order.id).captured_minor]


@dataclass
class Settling(Step):
    """A shopper has paid; the browser comes back."""

    def ready(self) -> None:
        self.order = self.market.place(self.market.stall(on_hand=1))
        self.market.provider.pay(self.order.payment_url or "")

    def begin(self) -> None:
        jobs.settle_session(self.order.checkout_session_id or "")

    def again(self) -> None:
        jobs.ask_for_payments()

    def ended(self) -> None:
        assert self.market.seen(self.order.id).state is OrderState.PAID
        assert self.market.kinds(self.order) == ["capture", "fee"]
        assert self.market.letters(self.order) == ["order_receipt_mail"]
        assert self.market.charges(self.order) == [PRICE + GIFT]


@dataclass
class Refunding(Step):
    """Everything goes back; the operator asks once more if that was answered ill."""

    def ready(self) -> None:
        self.order = self.market.buy(self.market.stall())
        self.asked = False

    def begin(self) -> None:
        try:
            with atomic():
                service.request_full_refund(
                    order_id=self.order.id, reason="Torn", requested_by_id=None, now=clock.now()
                )
        except Conflict:
            assert self.asked
        self.asked = True
        for command_id in commands_about(self.order):
            jobs.run_command(command_id=command_id)

    def again(self) -> None:
        self.asked = True
        if not self.market.seen(self.order.id).refund_reserved_minor:
            self.begin()
        jobs.run_due_commands()

    def ended(self) -> None:
        assert self.market.refunds(self.order.payment_id or "") == [PRICE + GIFT]
        assert self.market.seen(self.order.id).refunded_minor == PRICE + GIFT
        assert self.market.kinds(self.order) == ["capture", "fee", "refund"]


@dataclass
class Releasing(Step):
    """The return window of a parcel has closed."""

    def ready(self) -> None:
        self.order = self.market.buy(self.market.stall())
        self.company_id = self.order.company_orders[0].company_id
        send(self.order)

    def begin(self) -> None:
        jobs.release_closed_windows()

    again = begin

    def ended(self) -> None:
        kinds = self.market.kinds(self.order)
        assert kinds == ["capture", "fee", *["release"] * (len(kinds) - 2)]
        keys = session.scalars(
            sa.text("select effect_key from ledger_transaction where subject_id = :id"),
            {"id": self.order.id},
        ).all()
        assert len(set(keys)) == len(keys)
        pending = sa.text(
            "select coalesce(sum(balance.balance_minor), 0)::bigint from ledger_account_balance "
            "balance where balance.account_id in (select id from ledger_account where owner_id "
            "= :company and purpose = 'company_pending')"
        )
        assert session.scalar(pending, {"company": self.company_id}) == 0


@dataclass
class PayingOut(Step):
    """A run of payouts, and what it commands."""

    def ready(self) -> None:
        bank = Bank(self.market.provider.double)
        bank.pay(uuid.uuid4(), 100_000, "EUR")
        with atomic():
            session.execute(sa.text("update payout_run set ended_at = null"))
        self.payee = make_payee(bank)

    def begin(self) -> None:
        payout_jobs.pay_out()
        for payout in payouts_of([self.payee]):
            for command_id in commands_about(payout):
                jobs.run_command(command_id=command_id)

    def again(self) -> None:
        payout_jobs.pay_out()
        jobs.run_due_commands()

    def ended(self) -> None:
        (payout,) = payouts_of([self.payee])
        assert payout.state is PayoutState.PAID
        assert transfers(self.market, [payout]) == [1]


@dataclass
class Disputing(Step):
    """A bank takes back a payment; the provider tells us until we say that we heard."""

    def ready(self) -> None:
        self.order = self.market.buy(self.market.stall())
        news_of(self.market, self.order)
        payment = payments.find_payment(self.order.payment_id or "")
        session.rollback()
        dispute_id = self.market.provider.dispute((payment.charge_id if payment else "") or "")
        self.news = news_of(self.market, self.order)
        self.market.provider.decide(dispute_id, "lost")
        self.news += news_of(self.market, self.order)
        self.disputes = [one for one in self.news if one.dispute_id]
        assert len(self.disputes) > 1

    def begin(self) -> None:
        for event in self.news:
            jobs.take_event(event)

    again = begin

    def ended(self) -> None:
        kinds = self.market.kinds(self.order)
        assert kinds.count("dispute_opened") == 1
        assert kinds.count("dispute_lost") == 1
        assert self.market.seen(self.order.id).captured_minor == PRICE + GIFT


@dataclass
class DisputingPool(Step):
    """A bank takes back what a sponsor paid into a pool; the provider tells of it."""

    def ready(self) -> None:
        with atomic():
            giver = factories.make_user()
        pool = make_sponsored(make_sponsor(giver, f"Riva {uuid.uuid4()}"), giver)
        self.pool_id = pool.id
        row = payment(ask_to_pay(pool, 900, giver))
        self.market.provider.pay(row.payment_url or "")
        jobs.settle_session(row.checkout_session_id or "")
        self.payment_id = payment(row.id).payment_id or ""
        news_of(self.market, self.payment_id)
        found = payments.find_payment(self.payment_id)
        session.rollback()
        dispute_id = self.market.provider.dispute((found.charge_id if found else "") or "")
        self.disputes = news_of(self.market, self.payment_id)
        self.market.provider.decide(dispute_id, "lost")
        self.disputes += news_of(self.market, self.payment_id)
        assert len(self.disputes) > 1

    def begin(self) -> None:
        for event in self.disputes:
            jobs.take_event(event)

    again = begin

    def ended(self) -> None:
        session.rollback()
        kinds = [row.kind.value for row in ledger.list_transactions(subject_id=self.pool_id)]
        assert kinds.count("pool_frozen") == 1
        assert kinds.count("pool_taken") == 1
        found = session.get_one(Pool, self.pool_id)
        assert (found.frozen_minor, found.lost_minor, found.left_minor) == (0, 900, 0)


STEPS: dict[str, type[Step]] = {
    "place": Placing,
    "settle": Settling,
    "refund": Refunding,
    "release": Releasing,
    "pay out": PayingOut,
    "dispute": Disputing,
    "dispute of a pool": DisputingPool,
}


def ready_to_place(market: Market, stall: Stall) -> Shopper:
    """Return a shopper who has gone through the checkout up to the last button."""
    shopper = Shopper(market.app.test_client())
    shopper.post("/basket", variant_id=str(stall.variant_id), quantity=1)
    shopper.says_address()
    shopper.post("/checkout/projects", project=[str(stall.project_id)], amount=["2.40"],
                 do="continue")  # fmt: skip
    return shopper


def orders_of(stall: Stall) -> list[Order]:
    """Return the orders of something that only one shopper wanted."""
    session.rollback()
    session.expire_all()
    return list(
        session.scalars(
            sa.select(Order).where(
                sa.text("exists (select from stock_hold where order_id = customer_order.id "
                        "and variant_id = :variant)").bindparams(variant=stall.variant_id)
            )
        )
    )  # fmt: skip


def held(stall: Stall) -> tuple[int, int]:
    """Return how many pieces there are, and how many of them are held."""
    session.rollback()
    session.expire_all()
    variant = session.get_one(Variant, stall.variant_id)
    return variant.on_hand, variant.reserved


def sessions_of(market: Market, order: Order) -> int:
    """Return how many payment pages the provider opened for an order."""
    with store_of(market.provider.double).connection() as connection:
        return connection.execute(
            "select count(*) from sandbox.object where type = 'checkout.session' "
            "and data ->> 'client_reference_id' = %s", [str(order.id)],
        ).fetchone()[0]  # fmt: skip


def news_of(market: Market, of: Order | str) -> list[EventSeen]:
    """Take the provider's messages, do nothing about them; return those about a payment."""
    payment_id = of if isinstance(of, str) else of.payment_id
    kept: list[EventSeen] = []

    def keep(_url: str, body: bytes, _headers: dict[str, str]) -> int:
        kept.append(gateway.current().reread_event(body.decode()))
        return 200

    while deliver_pending(market.provider.double, keep):
        pass
    return [event for event in kept if event.payment_id == payment_id]


def commands_about(thing: Order | Payout) -> list[str]:
    """Return the commands that are not ended of an order's refunds, or of a payout."""
    session.rollback()
    found = session.scalars(
        sa.select(ProviderCommand.id).where(
            ProviderCommand.done_at.is_(None),
            (ProviderCommand.subject_id == thing.id)
            | (ProviderCommand.params["metadata"]["order"].astext == str(thing.id)),
        )
    ).all()
    session.rollback()
    return [str(one) for one in found]


def send(order: Order) -> None:
    """Send every parcel so long ago that nothing can come back any more."""
    for part in order.company_orders:
        with atomic():
            order_service.mark_sent(
                company_order=session.merge(part), tracking="", return_window=timedelta(0),
                now=clock.now() - timedelta(days=9),
            )  # fmt: skip
