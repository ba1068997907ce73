"""Purchases that are really paid at the provider's double, sent, released, disputed."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from sqlalchemy.orm import Session

from marketplace.catalog.models import Variant
from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.invariants import queries as invariants
from marketplace.ledger import queries as ledger
from marketplace.ledger import service as ledger_service
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.orders.models import Dispute, Order
from marketplace.payments import gateway
from marketplace.payments import queries as payments
from marketplace.payments.rules import EventSeen
from marketplace.projects.models import Project
from sandbox.app import deliver_pending
from tests import factories
from tests.provider import Provider

HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")
_numbers = count(1)


@dataclass
class Purchases:
    """Two companies (36.60 at 8 %, 13.42 at 0.66 a piece), three projects, a shopper's gift."""

    provider: Provider
    companies: list[Company] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    towels: Variant | None = None
    beans: Variant | None = None

    @classmethod
    def begin(cls, db: Session, provider: Provider) -> "Purchases":
        """Make the companies, products and projects."""
        here = cls(provider)
        weaver = factories.make_company(name="Arbosca", pledge_bp=800, shipping_minor=490)
        roaster = factories.make_company(name="Calmiera", pledge_bp=None, pledge_unit_minor=66)
        here.towels = factories.make_product(weaver, price_minor=3660, on_hand=99).variants[0]
        here.beans = factories.make_product(
            roaster, price_minor=1342, vat_bp=1000, on_hand=99
        ).variants[0]
        cause = factories.make_cause()
        here.companies = [weaver, roaster]
        here.projects = [
            factories.make_project(title=title, cause_id=cause.id)
            for title in ("Springs", "Aurora", "Nora")
        ]
        db.commit()
        return here

    def buy(self, *, top_up: int = 200, choice: tuple[int, ...] = (186, 112, 74)) -> Order:
        """Buy a towel and two bags of beans: 36.60, 26.84, a parcel of 4.90, a gift."""
        order = self.place(top_up=top_up, choice=choice)
        self.pay(order)
        return self.seen(order)

    def place(self, *, top_up: int = 200, choice: tuple[int, ...] = (186, 112, 74)) -> Order:
        """Place it and open its payment page."""
        wish = PlaceOrder(
            checkout_key=f"purchase-{next(_numbers)}-{uuid.uuid4()}",
            wanted={self.towels.id: 1, self.beans.id: 2},
            choice=[(one.id, part) for one, part in zip(self.projects, choice, strict=False)],
            top_up_minor=top_up,
            delivery=HOME,
            locale="en",
        )
        with atomic():
            order, sending = service.place(
                wish=wish,
                commission_bp=500,
                hold=timedelta(minutes=30),
                success_url="http://localhost/checkout/done/{token}",
                cancel_url="http://localhost/checkout/back/{token}",
                now=clock.now(),
            )
        jobs.send(sending)
        return self.seen(order)

    def pay(self, order: Order) -> None:
        self.provider.pay(self.seen(order).payment_url or "")
        jobs.settle_session(self.seen(order).checkout_session_id or "")

    def seen(self, order: Order) -> Order:
        """Return an order as it is now."""
        session.expire_all()
        return orders.get_order(order.id)

    def send(self, order: Order) -> None:
        """Send every parcel so that its return window is over."""
        for part in self.seen(order).company_orders:
            with atomic():
                order_service.mark_sent(
                    company_order=part,
                    tracking="1Z",
                    return_window=timedelta(0),
                    now=clock.now() - timedelta(days=4),
                )

    def release(self, order: Order) -> list[bool]:
        done = []
        for part in self.seen(order).company_orders:
            with atomic():
                done.append(service.release(company_order_id=part.id, now=clock.now()))
        return done

    def pay_out(self, owner_id: uuid.UUID, *, source: Source | None = None) -> int:
        """Pay everything that is available of one account, as the provider confirms it."""
        purpose = Purpose.PROJECT_AVAILABLE if source else Purpose.COMPANY_AVAILABLE
        account = AccountKey(purpose, owner_id, source)
        flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, owner_id)
        with atomic():
            amount = ledger_service.lock_balances(keys=[account], currency="EUR")[account]
            for kind, entry in (
                (Kind.PAYOUT, Entry(account, flight, amount)),
                (Kind.PAYOUT_SETTLED, Entry(flight, CLEARING, amount)),
            ):
                ledger_service.post(
                    kind=kind,
                    effect_key=f"{kind}:{uuid.uuid4()}",
                    currency="EUR",
                    entries=[entry],
                    effective_at=clock.now(),
                )
        return amount

    def refund(self, order: Order, line: int, pieces: int = 1) -> None:
        """Give back pieces of a line, at the provider, too."""
        with atomic():
            service.request_refund(
                order_id=order.id,
                pieces={self.seen(order).lines[line].id: pieces},
                shipping=[],
                reason="Torn",
                requested_by_id=None,
                now=clock.now(),
            )
        self.run_commands()

    def run_commands(self) -> None:
        for command_id in payments.list_due_commands(clock.now()):
            jobs.run_command(command_id=str(command_id))

    def dispute(self, order: Order, amount: int | None = None) -> str:
        """Let the bank dispute the payment; the provider's messages wait."""
        payment = payments.find_payment(self.seen(order).payment_id or "")
        said = {"reason": "product_not_received"} | ({"amount": amount} if amount else {})
        return self.provider.dispute(payment.charge_id if payment else "", **said)

    def messages(self) -> list[EventSeen]:
        """Take the provider's messages and do nothing about them."""
        kept: list[EventSeen] = []

        def keep(_url: str, body: bytes, _headers: dict[str, str]) -> int:
            kept.append(gateway.current().reread_event(body.decode()))
            return 200

        while deliver_pending(self.provider.double, keep):
            pass
        return kept

    def hear(self) -> None:
        """Take the provider's messages and do what they say."""
        for event in self.messages():
            jobs.take_event(event)

    def book(self, order: Order) -> list[tuple[str, str, str, int]]:
        """Return every transfer about an order without times and numbers, in one order."""
        names = {one.id: one.name for one in self.companies}
        names |= {one.id: one.title for one in self.projects}

        def side(purpose: str, owner: uuid.UUID | None, source: str | None) -> str:
            return " ".join(filter(None, [purpose, names.get(owner) if owner else "", source]))

        return sorted(
            (
                row.kind,
                side(row.debit_purpose, row.debit_owner_id, row.debit_source),
                side(row.credit_purpose, row.credit_owner_id, row.credit_source),
                row.amount_minor,
            )
            for row in ledger.list_book_of_order(order.id)
        )

    def kinds(self, order: Order) -> list[str]:
        """Return what happened to an order, in the order of writing."""
        rows = ledger.list_book_of_order(order.id)
        return [row.kind for row in {row.transaction_id: row for row in rows}.values()]

    def balance(
        self, purpose: Purpose, owner: uuid.UUID | None = None, source: Source | None = None
    ) -> int:
        return ledger.find_balance(AccountKey(purpose, owner, source), "EUR")

    def dispute_of(self, order: Order) -> Dispute:
        session.expire_all()
        return orders.list_disputes_of_order(order.id)[0]


def broken() -> list[str]:
    """Return the invariants that do not hold."""
    return [finding.invariant.name for finding in invariants.check_all() if not finding.holds]
