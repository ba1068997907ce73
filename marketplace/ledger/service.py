"""Writing to the book. It is added to; nothing in it ever changes."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.ledger import queries
from marketplace.ledger.models import Account
from marketplace.ledger.rules import NATURES, AccountKey, Entry, Kind, Purpose, may_be_negative

_INSERT_TRANSFERS = sa.text(
    """
    insert into ledger_transfer (transaction_id, position, debit_id, credit_id, currency,
                                 amount_minor, line_id, allocation_id, origin_id)
    select transaction_id, position, debit_id, credit_id, :currency,
           amount_minor, line_id, allocation_id, origin_id
    from unnest(cast(:transactions as bigint[]), cast(:positions as int[]),
                cast(:debits as bigint[]), cast(:credits as bigint[]), cast(:amounts as bigint[]),
                cast(:lines as uuid[]), cast(:allocations as uuid[]), cast(:origins as bigint[]))
         as entry(transaction_id, position, debit_id, credit_id, amount_minor, line_id,
                  allocation_id, origin_id)
    """
)


@dataclass(frozen=True)
class Posting:
    """A transaction to post, all entries in one currency.

    `effect_key` names what happened in the world: it is in the book once.
    """

    kind: Kind
    effect_key: str
    entries: Sequence[Entry]
    effective_at: datetime
    subject_id: uuid.UUID | None = None


def post(
    *,
    kind: Kind,
    effect_key: str,
    currency: str,
    entries: Sequence[Entry],
    effective_at: datetime,
    subject_id: uuid.UUID | None = None,
) -> int | None:
    """Post a transaction unless its effect is in the book already; return its id or None.

    :raises sqlalchemy.exc.IntegrityError: an account that must not go below zero would.
    """
    posting = Posting(kind, effect_key, entries, effective_at, subject_id)
    return post_all(currency=currency, postings=[posting]).get(effect_key)


def post_all(*, currency: str, postings: Sequence[Posting]) -> dict[str, int]:
    """Post transactions whose effects are not in the book yet; return their ids by effect key.

    Whoever comes second waits for the first to commit, and then does nothing. Entries of zero are
    left out. Rows go in by the account debited, so that two postings cannot lock each other out.

    :raises sqlalchemy.exc.IntegrityError: an account that must not go below zero would.
    """
    entries = [entry for posting in postings for entry in posting.entries if entry.amount_minor]
    fresh, found = _open_transactions(postings, _accounts_of(entries), currency)
    rows = [
        (fresh[posting.effect_key], position, entry)
        for posting in postings
        if posting.effect_key in fresh
        for position, entry in enumerate(one for one in posting.entries if one.amount_minor)
    ]
    if not rows:
        return fresh
    ids = found | _open_missing(_accounts_of(entry for _, _, entry in rows), found, currency)
    rows.sort(key=lambda row: (ids[row[2].debit], row[0], row[1]))
    session.execute(
        _INSERT_TRANSFERS,
        {
            "currency": currency,
            "transactions": [transaction_id for transaction_id, _, _ in rows],
            "positions": [position for _, position, _ in rows],
            "debits": [ids[entry.debit] for _, _, entry in rows],
            "credits": [ids[entry.credit] for _, _, entry in rows],
            "amounts": [entry.amount_minor for _, _, entry in rows],
            "lines": [entry.line_id for _, _, entry in rows],
            "allocations": [entry.allocation_id for _, _, entry in rows],
            "origins": [entry.origin_id for _, _, entry in rows],
        },
    )
    return fresh


def _accounts_of(entries: Iterable[Entry]) -> set[AccountKey]:
    return {key for entry in entries for key in (entry.debit, entry.credit)}


# Of whom an account is, is in its index; that it is nobody's, too, but not both at once.
_FIND_ACCOUNTS = """
    select wanted.place, account.id
    from unnest(cast(:purposes as text[]), cast(:owners as uuid[]), cast(:sources as text[]))
         with ordinality as wanted(purpose, owner_id, source, place)
    cross join lateral (
        select id, source from ledger_account
        where owner_id = wanted.owner_id and purpose = wanted.purpose and currency = :currency
        union all
        select id, source from ledger_account
        where wanted.owner_id is null and owner_id is null and purpose = wanted.purpose
          and currency = :currency
    ) account
    where account.source is not distinct from wanted.source
"""
_FIND = sa.text(_FIND_ACCOUNTS).columns(sa.column("place", sa.Integer), sa.column("id", sa.Integer))
_OPEN_TRANSACTIONS = sa.text(
    f"""
    with opened as (
        insert into ledger_transaction (kind, effect_key, subject_id, effective_at)
        select kind, effect_key, subject_id, effective_at
        from unnest(cast(:kinds as text[]), cast(:keys as text[]), cast(:subjects as uuid[]),
                    cast(:moments as timestamptz[]))
             as wanted (kind, effect_key, subject_id, effective_at)
        order by effect_key
        on conflict (effect_key) do nothing
        returning effect_key, id
    )
    select effect_key, cast(null as bigint), id from opened
    union all
    select null, place, id from ({_FIND_ACCOUNTS}) found
    """  # noqa: S608  # our own constant
).columns(
    sa.column("effect_key", sa.Text), sa.column("place", sa.Integer), sa.column("id", sa.Integer)
)


def _open_transactions(
    postings: Sequence[Posting], keys: Collection[AccountKey], currency: str
) -> tuple[dict[str, int], dict[AccountKey, int]]:
    """Write the transactions that are not in the book yet; return their ids by effect key.

    The ids of those of the accounts that are there, too, are told by the same statement.
    """
    wanted = list(keys)
    opened: dict[str, int] = {}
    found: dict[AccountKey, int] = {}
    for effect_key, place, id_ in session.execute(
        _OPEN_TRANSACTIONS,
        {
            "kinds": [posting.kind.value for posting in postings],
            "keys": [posting.effect_key for posting in postings],
            "subjects": [posting.subject_id for posting in postings],
            "moments": [posting.effective_at for posting in postings],
            **_named(wanted, currency),
        },
    ):
        if effect_key is not None:
            opened[effect_key] = id_
        else:
            found[wanted[place - 1]] = id_
    return opened, found


def open_accounts(*, keys: Collection[AccountKey], currency: str) -> dict[AccountKey, int]:
    """Return the id of each account, opening those that are not there yet."""
    found = _find_accounts(keys, currency)
    return found | _open_missing(keys, found, currency)


def _open_missing(
    keys: Collection[AccountKey], found: Mapping[AccountKey, int], currency: str
) -> dict[AccountKey, int]:
    """Open the accounts that are not among those found; return their ids."""
    missing = sorted(
        (key for key in keys if key not in found),
        key=lambda key: (key.purpose, str(key.owner_id), str(key.source)),
    )
    if missing:
        session.execute(
            postgresql.insert(Account)
            .values(
                [
                    {
                        "purpose": key.purpose,
                        "nature": NATURES[key.purpose],
                        "owner_id": key.owner_id,
                        "source": key.source,
                        "currency": currency,
                        "may_be_negative": may_be_negative(key.purpose),
                    }
                    for key in missing
                ]
            )
            .on_conflict_do_nothing()
        )
    return _find_accounts(missing, currency)


def _find_accounts(keys: Collection[AccountKey], currency: str) -> dict[AccountKey, int]:
    wanted = list(keys)
    if not wanted:
        return {}
    rows = session.execute(_FIND, _named(wanted, currency))
    return {wanted[place - 1]: account_id for place, account_id in rows}


def _named(keys: Sequence[AccountKey], currency: str) -> dict[str, object]:
    return {
        "purposes": [key.purpose.value for key in keys],
        "owners": [key.owner_id for key in keys],
        "sources": [key.source.value if key.source else None for key in keys],
        "currency": currency,
    }


def lock_balances(*, keys: Collection[AccountKey], currency: str) -> dict[AccountKey, int]:
    """Hold the balances of accounts until the commit and return them; those not there are opened.

    Whoever posts more than once before the commit, or needs to know what is there, calls this once
    and first, with every account that will be debited. The accounts are opened in one statement
    and held in order of id, so two that share some wait for each other and never in a circle.
    """
    ids = open_accounts(keys=keys, currency=currency)
    in_order = {"accounts": sorted(ids.values())}
    session.execute(_FOLD_ALL, in_order)
    held = {row.account_id: row.posted_minor for row in session.execute(_POSTED, in_order)}
    return {key: held[ids[key]] for key in keys}


_FOLD_ALL = sa.text(
    "select ledger_fold(account) from unnest(cast(:accounts as bigint[])) as account"
)
_POSTED = sa.text(
    "select account_id, posted_minor from ledger_balance where account_id = any(:accounts)"
)


def keep_debt(
    *,
    company_id: uuid.UUID,
    currency: str,
    effect_key: str,
    subject_id: uuid.UUID | None,
    effective_at: datetime,
) -> int:
    """Keep what a company owes from what is available to it; return how much (domain.md, rule 8).

    Whoever nets a company's debt holds its available money first, so nobody does so twice.
    """
    available = AccountKey(Purpose.COMPANY_AVAILABLE, company_id)
    receivable = AccountKey(Purpose.COMPANY_RECEIVABLE, company_id)
    if queries.find_balance(receivable, currency) >= 0:
        return 0
    there = lock_balances(keys=[available], currency=currency)[available]
    amount = min(there, max(-queries.find_balance(receivable, currency), 0))
    if amount > 0:
        post(
            kind=Kind.NETTING,
            effect_key=effect_key,
            currency=currency,
            entries=[Entry(available, receivable, amount)],
            subject_id=subject_id,
            effective_at=effective_at,
        )
    return max(amount, 0)


def compact(*, most: int = 200) -> int:
    """Fold the waiting movements of some accounts, in order of id; return of how many.

    For the caller's own transaction; several compactors at once do no harm.
    """
    accounts = session.scalars(
        sa.text(
            "select account_id from ledger_delta group by account_id "
            "order by count(*) desc limit :most"
        ),
        {"most": most},
    ).all()
    for account_id in sorted(accounts):
        session.execute(sa.text("select ledger_fold(:account)"), {"account": account_id})
    return len(accounts)
