"""A market that commits for real: products, buyers, the provider; many of them at once."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TypeVar

import sqlalchemy as sa
from flask import Flask

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.invariants import queries as invariants
from marketplace.ledger import queries as ledger
from marketplace.orders import queries as orders
from marketplace.orders.models import Order
from marketplace.payments import gateway
from marketplace.payments import queries as payments
from marketplace.payments.rules import EventSeen
from sandbox.app import deliver_pending, store_of
from tests import factories
from tests.provider import Provider

HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")
PATIENCE_SECONDS = 180
Answer = TypeVar("Answer")
_numbers = count(1)


@dataclass
class Stall:
    """Something to buy (36.60, 8% given: 2.40 a piece) and a project to give to."""

    variant_id: uuid.UUID
    project_id: uuid.UUID


@dataclass
class Market:
    """The product over a database in which commits are commits."""

    app: Flask
    provider: Provider

    def stall(self, *, on_hand: int = 10) -> Stall:
        with atomic():
            product = factories.make_product(on_hand=on_hand)
            return Stall(product.variants[0].id, factories.make_project().id)

    def wish(self, stall: Stall, *, pieces: int = 1, key: str | None = None) -> PlaceOrder:
        return PlaceOrder(
            checkout_key=key or f"storm-{next(_numbers)}-{uuid.uuid4()}",
            wanted={stall.variant_id: pieces},
            choice=[(stall.project_id, 240 * pieces)],
            top_up_minor=100,
            delivery=HOME,
            locale="en",
        )

    def place(self, stall: Stall, *, pieces: int = 1, key: str | None = None) -> Order:
        """Place an order and open its payment page, as the last step of the checkout does."""
        return self.place_wish(self.wish(stall, pieces=pieces, key=key))

    def place_wish(self, wish: PlaceOrder) -> Order:
        with atomic():
            order, sending = service.place(
                wish=wish,
                commission_bp=500,
                hold=timedelta(minutes=60),
                success_url="http://localhost/checkout/done/{token}",
                cancel_url="http://localhost/checkout/back/{token}",
                now=clock.now(),
            )
        jobs.send(sending)
        return self.seen(order.id)

    def buy(self, stall: Stall, *, pieces: int = 1) -> Order:
        order = self.place(stall, pieces=pieces)
        self.provider.pay(order.payment_url or "")
        jobs.settle_session(order.checkout_session_id or "")
        return self.seen(order.id)

    def seen(self, order_id: uuid.UUID) -> Order:
        """Return an order as it is in the database now."""
        session.rollback()
        session.expire_all()
        return orders.get_order(order_id)

    def at_once(self, doings: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
        """Do things in threads that start together; return what each gave, or raised."""
        answers: list[Answer | Exception] = [TimeoutError()] * len(doings)
        start = threading.Barrier(len(doings))

        def run(place: int) -> None:
            with self.app.app_context():
                start.wait(PATIENCE_SECONDS)
                try:
                    answers[place] = doings[place]()
                except Exception as error:  # the test looks at it
                    answers[place] = error
                finally:
                    session.remove()

        threads = [threading.Thread(target=run, args=[place]) for place in range(len(doings))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        return answers

    def run_commands(self) -> None:
        """Send what waits to be sent to the provider."""
        due = payments.list_due_commands(clock.now())
        session.rollback()
        for command_id in due:
            jobs.run_command(command_id=str(command_id))

    def charges(self, order: Order) -> list[int]:
        """Return what the provider captured for an order, less what it gave back, by payment."""
        with store_of(self.provider.double).connection() as connection:
            rows = connection.execute(
                "select (data ->> 'amount_captured')::int - (data ->> 'amount_refunded')::int "
                "from sandbox.object where type = 'charge' and data ->> 'transfer_group' = %s",
                [str(order.id)],
            ).fetchall()
        return [minor for (minor,) in rows]

    def refunds(self, payment_id: str) -> list[int]:
        """Return what the provider gave back of a payment."""
        return self._amounts("refund", "payment_intent", payment_id)

    def _amounts(self, kind: str, field: str, value: str) -> list[int]:
        with store_of(self.provider.double).connection() as connection:
            rows = connection.execute(
                "select (data ->> 'amount')::int from sandbox.object "
                "where type = %s and data ->> %s = %s",
                [kind, field, value],
            ).fetchall()
        return [minor for (minor,) in rows]

    def messages(self, order: Order) -> list[EventSeen]:
        """Take the provider's messages, do nothing about them; return those about an order."""
        kept: list[EventSeen] = []

        def keep(_url: str, body: bytes, _headers: dict[str, str]) -> int:
            kept.append(gateway.current().reread_event(body.decode()))
            return 200

        while deliver_pending(self.provider.double, keep):
            pass
        return [event for event in kept if str(order.id) in event.payload]

    def kinds(self, order: Order) -> list[str]:
        """Return what the book says of an order, in the order of writing."""
        session.rollback()
        return [row.kind.value for row in ledger.list_transactions(subject_id=order.id)][::-1]

    def letters(self, order: Order) -> list[str]:
        """Return the letters that wait to be sent about an order."""
        rows = session.scalars(
            sa.text(
                "select task_name from procrastinate_jobs where args ->> 'order_id' = :id "
                "order by id"
            ),
            {"id": str(order.id)},
        ).all()
        session.rollback()
        return list(rows)

    def broken(self) -> list[str]:
        """Return the names of the invariants that do not hold."""
        session.rollback()
        return [finding.invariant.name for finding in invariants.check_all() if not finding.holds]
