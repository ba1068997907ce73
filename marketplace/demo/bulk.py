"""Paid orders by the hundred thousand, for measuring: the rules' own arithmetic, put in by COPY."""

import random
import sys
import uuid
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from tqdm import tqdm

from marketplace.catalog.models import Variant
from marketplace.checkout import queries as checkout_queries
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.demo.bulk_batch import Batch, Market, Row
from marketplace.demo.bulk_rows import OrderRows
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, COMMISSION, AccountKey, Purpose, Source
from marketplace.orders.rules import ShippingTerms
from marketplace.projects.models import Project, ProjectState

BATCH = 1_000
"""Orders of one transaction; with more, the balances' rows would change too often in each."""
YEAR = timedelta(days=364)
MOST_PROJECTS = 200
MOST_GIVEN_MINOR = 2_000
"""More than an order gives on an average."""


def make_orders(count: int) -> None:
    """Make so many paid orders, spread over a year; where the return window closed, released.

    What is sold came in as well, so the stock stays as it is. The same database and count give the
    same orders but for their times, which end now.
    """
    market = read_market()
    _raise_goals(market, count)
    with tqdm(total=count, desc="Orders", file=sys.stderr, disable=None) as bar:
        for begin in range(0, count, BATCH):
            size = min(BATCH, count - begin)
            with atomic():
                session.execute(sa.text("discard plans"))  # they were made for smaller tables
                serials = next_numbers("order_number", size)
                batch, dice = Batch(), random.Random(serials[0])  # noqa: S311  # not for secrets
                for place, serial in enumerate(serials, start=begin):
                    at = market.now - YEAR * (1 - place / count)
                    OrderRows(batch, market, dice, serial, at.replace(microsecond=0)).write()
                put_in(batch)
            with atomic():
                ledger.compact(most=10_000)
            bar.update(size)


def _raise_goals(market: Market, orders: int) -> None:
    """Let no project be full: what is measured is a market in which they can be chosen."""
    more = orders * MOST_GIVEN_MINOR // max(len(market.projects), 1)
    with atomic():
        session.execute(
            sa.update(Project)
            .where(Project.id.in_(market.projects))
            .values(goal_minor=Project.goal_minor + more)
        )


def read_market() -> Market:
    """Read what can be bought, and open the accounts that purchases need."""
    settings = current_app.config["SETTINGS"]
    variants = session.scalars(sa.select(Variant.id).order_by(Variant.sku, Variant.id)).all()
    basket = checkout_queries.price(
        dict.fromkeys(variants, 1), commission_bp=settings.commission_bp
    )
    lines = [
        line for line in basket.lines if line.is_for_sale and line.currency == settings.currency
    ]
    projects = session.scalars(
        sa.select(Project.id)
        .where(Project.state == ProjectState.OPEN, Project.currency == settings.currency)
        .order_by(Project.slug)
        .limit(MOST_PROJECTS)
    ).all()
    terms = session.execute(
        sa.text("select id, shipping_minor, free_shipping_from_minor from company")
    )
    shipping = {row.id: ShippingTerms(row[1], row[2]) for row in terms}
    session.rollback()
    keys = _account_keys({line.terms.company_id for line in lines}, projects)
    with atomic():
        accounts = ledger.open_accounts(keys=keys, currency=settings.currency)
    return Market(
        currency=settings.currency,
        lines=lines,
        names={company.company_id: company.name for company in basket.companies},
        shipping=shipping,
        projects=projects,
        accounts=accounts,
        commission_bp=settings.commission_bp,
        return_window=timedelta(days=settings.return_window_days),
        now=now().replace(microsecond=0),
    )


def _account_keys(companies: Iterable[uuid.UUID], projects: Iterable[uuid.UUID]) -> set[AccountKey]:
    keys = {CLEARING, COMMISSION}
    for company in companies:
        keys |= {
            AccountKey(Purpose.COMPANY_PENDING, company),
            AccountKey(Purpose.COMPANY_AVAILABLE, company),
        }
    for project in projects:
        for source in (Source.PLEDGE, Source.TOP_UP):
            keys |= {
                AccountKey(Purpose.PROJECT_PENDING, project, source),
                AccountKey(Purpose.PROJECT_AVAILABLE, project, source),
            }
    return keys


def next_numbers(sequence: str, count: int) -> list[int]:
    """Take so many numbers from a sequence."""
    return list(
        session.scalars(
            sa.text("select nextval(cast(:name as regclass)) from generate_series(1, :count)"),
            {"name": sequence, "count": count},
        )
    )


def put_in(batch: Batch) -> None:
    """Put all rows of a batch into the database, in the caller's transaction."""
    batch.number(
        next_numbers("ledger_transaction_id_seq", len(batch.transactions)),
        next_numbers("ledger_transfer_id_seq", len(batch.transfers)),
    )
    for table, rows in batch.rows.items():
        _copy(table, rows)
    _copy("ledger_transaction", batch.transactions)
    _copy("ledger_transfer", batch.transfers)


def _copy(table: str, rows: list[Row]) -> None:
    if not rows:
        return
    columns = ", ".join(rows[0])
    connection = session.connection().connection.driver_connection
    if connection is None:
        raise RuntimeError("the connection is closed")
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row(list(row.values()))
