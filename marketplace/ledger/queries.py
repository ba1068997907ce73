"""Reads of the book."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.core.db import session
from marketplace.ledger.models import Account, Transaction, Transfer
from marketplace.ledger.rules import (
    AccountKey,
    Kind,
    Purpose,
    Recorded,
    Remainder,
    Source,
    Standing,
)


@dataclass(frozen=True)
class AccountBalance:
    """An account and what stands on it: credits less debits."""

    account_id: int
    purpose: str
    owner_id: uuid.UUID | None
    source: str | None
    currency: str
    nature: str
    balance_minor: int


_BALANCES = (
    "select account_id, purpose, owner_id, source, currency, nature, balance_minor "
    "from ledger_account_balance"
)


def list_balances_of(owner_ids: Collection[uuid.UUID]) -> list[AccountBalance]:
    """Return the accounts of some owners."""
    rows = session.execute(
        sa.text(f"{_BALANCES} where owner_id = any(:owners)"), {"owners": list(owner_ids)}
    )
    return [AccountBalance(*row) for row in rows]


def list_owed_by_companies() -> list[AccountBalance]:
    """Return what companies owe; below zero, as it is an asset."""
    rows = session.execute(
        sa.text(f"{_BALANCES} where purpose = 'company_receivable' and balance_minor < 0")
    )
    return [AccountBalance(*row) for row in rows]


def find_account(key: AccountKey, currency: str) -> int | None:
    """Return an account's id."""
    return session.scalar(
        sa.select(Account.id).where(
            Account.purpose == key.purpose,
            Account.owner_id.is_not_distinct_from(key.owner_id),
            Account.source.is_not_distinct_from(key.source),
            Account.currency == currency,
        )
    )


def is_posted(effect_key: str) -> bool:
    """Say whether an effect is in the book."""
    query = sa.select(Transaction.id).where(Transaction.effect_key == effect_key)
    return session.scalar(query) is not None


_REMAINDERS = sa.text(
    """
    select captured.id, account.purpose, account.owner_id, account.source, captured.line_id,
           captured.allocation_id, captured.amount_minor,
           captured.amount_minor - coalesce((
               select sum(back.amount_minor)::bigint from ledger_transfer back
               join ledger_transaction undone on undone.id = back.transaction_id
               where back.origin_id = captured.id and undone.kind in ('refund', 'dispute_lost')
           ), 0),
           case when payer.purpose = 'matching_pool' then payer.owner_id end
    from ledger_transfer captured
    join ledger_transaction capture on capture.id = captured.transaction_id
    join ledger_account account on account.id = captured.credit_id
    join ledger_account payer on payer.id = captured.debit_id
    where capture.kind = 'capture' and capture.subject_id = :order_id
      and (cast(:line_ids as uuid[]) is null or captured.line_id = any(:line_ids)
           or (:with_top_up and captured.line_id is null))
    order by captured.position
    """
)


def list_remainders(
    order_id: uuid.UUID, line_ids: Collection[uuid.UUID] | None = None, *, with_top_up: bool = False
) -> list[Remainder]:
    """Return the captured rows of an order, or of some of its lines and company orders."""
    wanted = None if line_ids is None else list(line_ids)
    rows = session.execute(
        _REMAINDERS, {"order_id": order_id, "line_ids": wanted, "with_top_up": with_top_up}
    )
    return [Remainder(*row) for row in rows]


# What came to an account of a captured row, less what went on from there.
_STANDINGS = sa.text(
    """
    select captured.id, account.purpose, account.owner_id, account.source,
        sum(side.minor)::bigint
    from ledger_transfer captured
    join ledger_transaction capture on capture.id = captured.transaction_id
    cross join lateral (
        select captured.credit_id, captured.amount_minor, captured.id
        union all
        select credit_id, amount_minor, id from ledger_transfer where origin_id = captured.id
        union all
        select debit_id, -amount_minor, id from ledger_transfer where origin_id = captured.id
    ) side (account_id, minor, moved_id)
    join ledger_account account on account.id = side.account_id
    where capture.kind = 'capture' and capture.subject_id = :order_id
        and account.purpose in ('company_pending', 'company_available', 'project_pending',
            'project_available', 'dispute_hold', 'commission')
    group by captured.id, account.id
    having sum(side.minor) > 0
    order by captured.position, min(side.moved_id)
    """
)


def list_standings(order_id: uuid.UUID) -> dict[int, list[Standing]]:
    """Return where the money of each captured row of an order stands, by row.

    What a project was paid already stands with it still: payouts are pooled.
    """
    found: dict[int, list[Standing]] = {}
    for transfer_id, purpose, owner_id, source, minor in session.execute(
        _STANDINGS, {"order_id": order_id}
    ):
        account = AccountKey(Purpose(purpose), owner_id, Source(source) if source else None)
        found.setdefault(transfer_id, []).append(Standing(transfer_id, account, minor))
    return found


def list_recorded(effect_key: str) -> list[Recorded]:
    """Return the rows of a transaction, in the order of writing."""
    debit, credit = aliased(Account), aliased(Account)
    rows = session.execute(
        sa.select(Transfer, debit, credit)
        .join(Transaction, Transaction.id == Transfer.transaction_id)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(Transaction.effect_key == effect_key)
        .order_by(Transfer.position)
    )
    return [
        Recorded(
            moved.id,
            _key_of(gave),
            _key_of(got),
            moved.amount_minor,
            moved.line_id,
            moved.origin_id,
        )
        for moved, gave, got in rows
    ]


def _key_of(account: Account) -> AccountKey:
    return AccountKey(account.purpose, account.owner_id, account.source)


def find_balance(key: AccountKey, currency: str) -> int:
    """Return what stands on an account, credits less debits; zero if there is none."""
    account_id = find_account(key, currency)
    if account_id is None:
        return 0
    query = sa.text("select balance_minor from ledger_account_balance where account_id = :account")
    return int(session.execute(query, {"account": account_id}).scalar_one())


def list_transactions(
    *,
    subject_id: uuid.UUID | None = None,
    kind: Kind | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[Transaction]:
    """Return transactions, the newest first."""
    query = sa.select(Transaction).order_by(Transaction.id.desc()).limit(limit)
    if subject_id is not None:
        query = query.where(Transaction.subject_id == subject_id)
    if kind is not None:
        query = query.where(Transaction.kind == kind)
    if before_id is not None:
        query = query.where(Transaction.id < before_id)
    return session.scalars(query).all()


@dataclass(frozen=True)
class BookLine:
    """A transfer as people read it."""

    transfer_id: int
    transaction_id: int
    kind: str
    effect_key: str
    effective_at: datetime
    debit_id: int
    debit_purpose: str
    debit_owner_id: uuid.UUID | None
    debit_source: str | None
    credit_id: int
    credit_purpose: str
    credit_owner_id: uuid.UUID | None
    credit_source: str | None
    currency: str
    amount_minor: int


_BOOK = """
    select transfer.id, transaction.id, transaction.kind, transaction.effect_key,
           transaction.effective_at, debit.id, debit.purpose, debit.owner_id, debit.source,
           credit.id, credit.purpose, credit.owner_id, credit.source,
           transfer.currency, transfer.amount_minor
    from ledger_transfer transfer
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
"""


_OF_ORDER = sa.text(
    f"{_BOOK} where transaction.subject_id = :order order by transaction.id, transfer.position"
).columns(
    sa.column("transfer_id", sa.BigInteger),
    sa.column("transaction_id", sa.BigInteger),
    sa.column("kind", sa.Text),
    sa.column("effect_key", sa.Text),
    sa.column("effective_at", sa.DateTime(timezone=True)),
    sa.column("debit_id", sa.BigInteger),
    sa.column("debit_purpose", sa.Text),
    sa.column("debit_owner_id", sa.Uuid),
    sa.column("debit_source", sa.Text),
    sa.column("credit_id", sa.BigInteger),
    sa.column("credit_purpose", sa.Text),
    sa.column("credit_owner_id", sa.Uuid),
    sa.column("credit_source", sa.Text),
    sa.column("currency", sa.CHAR(3)),
    sa.column("amount_minor", sa.BigInteger),
)


def list_book_of_order(order_id: uuid.UUID) -> list[BookLine]:
    """Return every transfer about one order, in the order they were written."""
    return [BookLine(*row) for row in session.execute(_OF_ORDER, {"order": order_id})]


def newest_id() -> int:
    """Return the newest number that was given to a transfer, committed or not."""
    query = sa.text(
        "select case when is_called then last_value else 0 end from ledger_transfer_id_seq"
    )
    return int(session.execute(query).scalar_one())


def transactions() -> tuple[int, int]:
    """Return the oldest transaction that is still open, and the number of the next one."""
    query = sa.text(
        "select cast(cast(pg_snapshot_xmin(now) as text) as bigint), "
        "cast(cast(pg_snapshot_xmax(now) as text) as bigint) from pg_current_snapshot() as now"
    )
    oldest, following = session.execute(query).one()
    return int(oldest), int(following)
