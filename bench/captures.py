"""Captures: orders of five lines that become paid, by the product and by the least SQL, in turn."""

import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from marketplace.accounts.models import User
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Pool
from marketplace.campaigns.rules import PoolState
from marketplace.checkout import queries, rules, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, PROVIDER_FEES, Entry
from marketplace.orders import queries as orders
from marketplace.payments.rules import PaymentSeen

LINES = 5
COMMISSION_BP = 500
HOME = Delivery("guest@bench.example", "G. Guest", "Via Po 1", "10123", "Torino", "IT")
THREADS = 8


@dataclass(frozen=True)
class Shelf:
    """What there is to buy, and whom to give to."""

    variants: list[uuid.UUID]
    projects: list[uuid.UUID]


def read_shelf() -> Shelf:
    """Return products that are there in plenty, and projects that take money."""
    variants = session.scalars(
        sa.text("select id from variant where on_hand - reserved >= 5000 order by id")
    ).all()
    projects = session.scalars(
        sa.text("select id from project where state = 'open' and currency = 'EUR' order by id")
    ).all()
    return Shelf(list(variants), list(projects))


def end_pools() -> None:
    """End what sponsors add to orders: the least SQL writes nothing of it."""
    operator = session.scalars(sa.select(User).where(User.is_operator).limit(1)).one()
    for pool in session.scalars(sa.select(Pool.id).where(Pool.state == PoolState.FUNDED)).all():
        with atomic():
            campaigns.end(pool_id=pool, reason="Measuring", by=operator, now=clock.now())


def place(shelf: Shelf, dice: random.Random, project: uuid.UUID) -> PaymentSeen:
    """Place an order of five lines for one project; return the payment that would settle it."""
    wanted = dict.fromkeys(dice.sample(shelf.variants, LINES), 1)
    priced = queries.price(wanted, commission_bp=COMMISSION_BP)
    wish = PlaceOrder(str(uuid.uuid4()), wanted, [(project, priced.share_minor)], 0, HOME, "en")
    now = clock.now()
    with atomic():
        order, _sending = service.place(
            wish=wish,
            commission_bp=COMMISSION_BP,
            hold=timedelta(hours=1),
            success_url="http://localhost/{token}",
            cancel_url="http://localhost/{token}",
            now=now,
        )
        total = order.total_minor
    return PaymentSeen(
        f"pi_{uuid.uuid4().hex}", order.id, True, "EUR", total, f"ch_{order.id.hex}", 60, now
    )


def capture(seen: PaymentSeen) -> None:
    """Settle an order, as the product does."""
    with atomic():
        service.settle(seen=seen, now=clock.now())


_TEXT = """
    insert into payment (id, order_id, currency, amount_minor, charge_id, fee_minor, state,
                         captured_at, created_at)
    values (%(payment)s, %(order)s, 'EUR', %(amount)s, %(charge)s, 60, 'settled', now(), now());

    with opened as (
        insert into ledger_transaction (kind, effect_key, subject_id, effective_at)
        values ('capture', 'capture:' || %(payment)s, %(order)s, now()),
               ('fee', 'fee:' || %(payment)s, %(order)s, now())
        returning id, kind
    )
    insert into ledger_transfer (transaction_id, position, debit_id, credit_id, currency,
                                 amount_minor, line_id, allocation_id)
    select opened.id, place, debit, credit, 'EUR', amount, line, allocation
    from unnest(%(kinds)s::text[], %(places)s::int[], %(debits)s::bigint[], %(credits)s::bigint[],
                %(amounts)s::bigint[], %(lines)s::uuid[], %(allocations)s::uuid[])
         as entry(kind, place, debit, credit, amount, line, allocation)
    join opened on opened.kind::text = entry.kind;

    update customer_order
    set state = 'paid', payment_id = %(payment)s, captured_minor = %(amount)s, paid_at = now()
    where id = %(order)s;

    update company_order set state = 'to_send' where order_id = %(order)s;

    with hold as (
        update stock_hold set state = 'sold' where order_id = %(order)s
        returning variant_id, quantity
    )
    update variant set on_hand = on_hand - quantity, reserved = reserved - quantity
    from hold where variant.id = hold.variant_id;

    insert into procrastinate_jobs (queue_name, task_name, args)
    values ('default', 'order_receipt_mail', jsonb_build_object('order_id', %(order)s::text))
    """
_LEAST = _TEXT.split(";\n\n")
"""One statement for each table that a capture changes."""


def least_of(seen: PaymentSeen) -> dict[str, object]:
    """Return the rows that a capture writes, made before the clock runs."""
    order = orders.get_amounts(seen.order_id or uuid.UUID(int=0))
    entries = [("capture", entry) for entry in rules.capture(order, {}) if entry.amount_minor]
    entries.append(("fee", Entry(PROVIDER_FEES, CLEARING, 60)))
    with atomic():
        ids = ledger.open_accounts(
            keys={key for _, entry in entries for key in (entry.debit, entry.credit)},
            currency="EUR",
        )
    entries.sort(key=lambda row: ids[row[1].debit])
    return {
        "payment": seen.payment_id,
        "order": seen.order_id,
        "amount": seen.amount_minor,
        "charge": seen.charge_id,
        "kinds": [kind for kind, _ in entries],
        "places": list(range(len(entries))),
        "debits": [ids[entry.debit] for _, entry in entries],
        "credits": [ids[entry.credit] for _, entry in entries],
        "amounts": [entry.amount_minor for _, entry in entries],
        "lines": [entry.line_id for _, entry in entries],
        "allocations": [entry.allocation_id for _, entry in entries],
    }


def compare(count: int) -> tuple[float, float]:
    """Capture orders by the product and by the least SQL in turn; return both rates a second."""
    shelf, dice = read_shelf(), random.Random(1)  # not for secrets
    ours, theirs = [], []
    for _ in range(count):
        ours.append(place(shelf, dice, dice.choice(shelf.projects)))
        theirs.append(least_of(place(shelf, dice, dice.choice(shelf.projects))))
    spent = {"ours": 0.0, "least": 0.0}
    raw = sa.inspect(session.get_bind()).engine.raw_connection()
    connection = raw.driver_connection
    assert connection is not None  # it was just opened
    for seen, rows in zip(ours, theirs, strict=True):
        begun = time.perf_counter()
        capture(seen)
        spent["ours"] += time.perf_counter() - begun
        begun = time.perf_counter()
        with connection.transaction(), connection.cursor() as cursor:
            for statement in _LEAST:
                cursor.execute(statement, rows, prepare=True)
        spent["least"] += time.perf_counter() - begun
    raw.close()
    return count / spent["ours"], count / spent["least"]


def crowded(app: Flask, count: int, projects: Sequence[uuid.UUID]) -> float:
    """Capture orders for these projects by eight threads at once; return the rate a second."""
    shelf, dice = read_shelf(), random.Random(2)  # not for secrets
    waiting = [place(shelf, dice, projects[place_ % len(projects)]) for place_ in range(count)]
    parts = [waiting[number::THREADS] for number in range(THREADS)]

    def work(part: list[PaymentSeen]) -> None:
        with app.app_context():
            for seen in part:
                capture(seen)
            session.remove()

    threads = [threading.Thread(target=work, args=[part]) for part in parts]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.perf_counter() - begun)
