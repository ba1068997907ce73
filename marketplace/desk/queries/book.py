"""The book, from any account over its entries to whole transactions and what they are about."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of

PER_PAGE = 50

# An account's owner by name: a company, a project, a pool, or the order whose refund is due.
_NAME = """coalesce(
    (select name from company where company.id = {account}.owner_id),
    (select title from project where project.id = {account}.owner_id),
    (select title from matching_pool where matching_pool.id = {account}.owner_id),
    (select number from customer_order where customer_order.id = {account}.owner_id), '')"""


@dataclass(frozen=True)
class BookAccount:
    """An account with its owner's name and its balance: credits less debits."""

    id: int
    purpose: str
    nature: str
    owner: str
    source: str | None
    currency: str
    balance_minor: int


_ACCOUNT = f"""
    select account.account_id, account.purpose, account.nature,
        {_NAME.format(account="account")}, account.source, account.currency, account.balance_minor
    from ledger_account_balance account
"""  # noqa: S608  # our own constants
_ACCOUNTS = sa.text(
    f"""
    {_ACCOUNT}
    where account.account_id > :after
      and (:purpose = '' or account.purpose = :purpose)
      and (not :is_open or account.balance_minor <> 0)
      and (:owner = '' or account.owner_id in (
          select id from company where slug = :owner or name ilike :like
          union all select id from project where slug = :owner or title ilike :like
          union all select id from matching_pool where slug = :owner or title ilike :like
          union all select id from customer_order where number = upper(:owner)))
    order by account.account_id limit :limit
    """  # noqa: S608  # our own constants
)
_ONE_ACCOUNT = sa.text(f"{_ACCOUNT} where account.account_id = :account")
_SUMS = sa.text(
    "select currency, sum(balance_minor)::bigint from ledger_account_balance "
    "group by currency order by currency"
)


def list_accounts(
    *, purpose: str = "", owner: str = "", is_open: bool = False, after: int = 0
) -> Page[BookAccount]:
    """Return a page of accounts in the order in which they were opened.

    :param owner: an address, a part of a name, or an order's number
    :param is_open: only those on which something stands
    """
    escaped = owner.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = session.execute(
        _ACCOUNTS,
        {
            "purpose": purpose,
            "owner": owner,
            "like": f"%{escaped}%",
            "is_open": is_open,
            "after": after,
            "limit": PER_PAGE + 1,
        },
    )
    return page_of([BookAccount(*row) for row in rows], PER_PAGE, lambda one: (one.id,))


def find_balances_by_currency() -> dict[str, int]:
    """Return the sum of all balances of each currency, which is zero in books that hold."""
    return {row[0]: row[1] for row in session.execute(_SUMS)}


def get_account(account_id: int) -> BookAccount:
    """Return an account.

    :raises NotFound: there is none.
    """
    row = session.execute(_ONE_ACCOUNT, {"account": account_id}).one_or_none()
    if row is None:
        raise NotFound
    return BookAccount(*row)


@dataclass(frozen=True)
class BookEntry:
    """A transfer with both accounts by name, and what it is about."""

    id: int
    transaction_id: int
    kind: str
    effect_key: str
    effective_at: datetime
    debit_id: int
    debit_purpose: str
    debit_owner: str
    debit_source: str | None
    credit_id: int
    credit_purpose: str
    credit_owner: str
    credit_source: str | None
    currency: str
    amount_minor: int
    subject: str
    """The order's number or the payout's, with a # before it."""
    origin_transaction_id: int | None
    """The transaction of the recorded row that it moves on or takes back."""


_ENTRY = f"""
    select transfer.id, happened.id, happened.kind, happened.effect_key, happened.effective_at,
        debit.id, debit.purpose, {_NAME.format(account="debit")}, debit.source,
        credit.id, credit.purpose, {_NAME.format(account="credit")}, credit.source,
        transfer.currency, transfer.amount_minor,
        coalesce((select number from customer_order where id = happened.subject_id),
            (select '#' || number from payout where id = happened.subject_id), ''),
        (select transaction_id from ledger_transfer origin where origin.id = transfer.origin_id)
    from ({{picked}}) picked
    join ledger_transfer transfer on transfer.id = picked.id
    join ledger_transaction happened on happened.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
"""  # noqa: S608  # our own constants
_SIDE = """(
    select transfer.id from ledger_transfer transfer
    join ledger_transaction happened on happened.id = transfer.transaction_id
    where transfer.{side} = :account and transfer.id < :before
      and (:kind = '' or happened.kind = :kind)
      and (cast(:since as timestamptz) is null or happened.effective_at >= :since)
      and (cast(:until as timestamptz) is null or happened.effective_at < :until)
    order by transfer.id desc limit :limit
)"""
_ENTRIES = sa.text(
    _ENTRY.format(
        picked=f"{_SIDE.format(side='debit_id')} union all {_SIDE.format(side='credit_id')}"
    )
    + " order by transfer.id desc limit :limit"
)
NEWEST = 2**63 - 1


@dataclass(frozen=True)
class Narrowed:
    """Which entries of an account are wanted; what is empty narrows nothing."""

    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_entries(account_id: int, narrowed: Narrowed, *, before: int = NEWEST) -> Page[BookEntry]:
    """Return a page of an account's entries, the newest first."""
    rows = session.execute(
        _ENTRIES,
        {
            "account": account_id,
            "kind": narrowed.kind,
            "since": narrowed.since,
            "until": narrowed.until,
            "before": before,
            "limit": PER_PAGE + 1,
        },
    )
    return page_of([BookEntry(*row) for row in rows], PER_PAGE, lambda one: (one.id,))


@dataclass(frozen=True)
class BookTransaction:
    """One thing that happened, and what it is about."""

    id: int
    kind: str
    effect_key: str
    effective_at: datetime
    created_at: datetime
    order_id: uuid.UUID | None
    order_number: str | None
    payout_number: int | None
    payout_state: str | None
    payee: str | None
    refund_reason: str | None


_TRANSACTION = sa.text(
    """
    select happened.id, happened.kind, happened.effect_key, happened.effective_at,
        happened.created_at, customer_order.id, customer_order.number, payout.number, payout.state,
        coalesce(company.name, project.title), refund.reason
    from ledger_transaction happened
    left join customer_order on customer_order.id = happened.subject_id
    left join payout on payout.id = happened.subject_id
    left join company on company.id = payout.payee_id
    left join project on project.id = payout.payee_id
    left join refund on happened.kind = 'refund'
        and refund.provider_id = split_part(happened.effect_key, ':', 2)
    where happened.id = :transaction
    """
)
_TRANSFERS = sa.text(
    _ENTRY.format(picked="select id from ledger_transfer where transaction_id = :transaction")  # noqa: S608  # our own
    + " order by transfer.position, transfer.id"  # our own constants
)
_FOLLOWING = sa.text(
    _ENTRY.format(  # noqa: S608  # our own constants
        picked="""select later.id from ledger_transfer mine
            join ledger_transfer later on later.origin_id = mine.id
            where mine.transaction_id = :transaction order by later.id limit :limit"""
    )
    + " order by transfer.id"
)


def get_transaction(transaction_id: int) -> BookTransaction:
    """Return a transaction.

    :raises NotFound: there is none.
    """
    row = session.execute(_TRANSACTION, {"transaction": transaction_id}).one_or_none()
    if row is None:
        raise NotFound
    return BookTransaction(*row)


def list_transfers(transaction_id: int) -> tuple[Sequence[BookEntry], Sequence[BookEntry]]:
    """Return all transfers of a transaction, and those that moved them on or took them back."""
    given = {"transaction": transaction_id, "limit": 200}
    own = session.execute(_TRANSFERS, given)
    following = session.execute(_FOLLOWING, given)
    return [BookEntry(*row) for row in own], [BookEntry(*row) for row in following]
