"""Payouts: those to be made, those that were made, and what each is made of."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.ledger.models import Account, Transaction, Transfer
from marketplace.ledger.rules import AccountKey
from marketplace.payouts.models import (
    AccountStanding,
    PayeeKind,
    Payout,
    PayoutAccount,
    PayoutRun,
    PayoutState,
    Schedule,
)


def lock_payout(payout_id: uuid.UUID) -> Payout | None:
    """Return a payout, held until the commit."""
    return session.scalar(
        sa.select(Payout)
        .where(Payout.id == payout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def get_payout(payee_id: uuid.UUID, number: int) -> Payout:
    """Return a payee's payout with who agreed to it and where it goes.

    :raises NotFound: there is none; to other payees there is none either.
    """
    found = session.scalar(
        sa.select(Payout)
        .where(Payout.payee_id == payee_id, Payout.number == number)
        .options(joinedload(Payout.account), selectinload(Payout.approvals))
    )
    if found is None:
        raise NotFound
    return found


def list_parts(payout_id: uuid.UUID) -> list[tuple[AccountKey, int, int]]:
    """Return the recorded rows that put a payout on its way: account, amount, row."""
    rows = session.execute(
        sa.select(
            Account.purpose, Account.owner_id, Account.source, Transfer.amount_minor, Transfer.id
        )
        .join(Transaction, Transaction.id == Transfer.transaction_id)
        .join(Account, Account.id == Transfer.debit_id)
        .where(Transaction.effect_key == f"payout:{payout_id}")
        .order_by(Transfer.position)
    )
    return [
        (AccountKey(purpose, owner_id, source), amount, transfer_id)
        for purpose, owner_id, source, amount, transfer_id in rows
    ]


def list_payable() -> list[tuple[PayeeKind, uuid.UUID]]:
    """Return the payees whose account at the provider can be paid."""
    rows = session.execute(
        sa.select(PayoutAccount.payee_kind, PayoutAccount.payee_id)
        .where(PayoutAccount.can_be_paid, PayoutAccount.standing == AccountStanding.CURRENT)
        .order_by(PayoutAccount.payee_id)
    )
    return [(kind, payee) for kind, payee in rows]


_WITH_MONEY = sa.text(
    """
    select account.payee_kind, account.payee_id, book.currency,
           coalesce(plan.schedule, 'monthly') as schedule
    from payout_account account
    join ledger_account book on book.owner_id = account.payee_id
        and book.purpose in ('company_available', 'project_available')
    join ledger_account_balance balance on balance.account_id = book.id
    left join payout_schedule plan on plan.payee_id = account.payee_id
    where account.standing = 'current' and account.can_be_paid
    group by 1, 2, 3, 4 having sum(balance.balance_minor) > 0
    order by account.payee_id, book.currency
    """
)


def list_with_money() -> list[tuple[PayeeKind, uuid.UUID, str, Schedule]]:
    """Return the payees that have confirmed money and an account for it, with their schedules."""
    rows = session.execute(_WITH_MONEY)
    return [(PayeeKind(kind), payee, code, Schedule(plan)) for kind, payee, code, plan in rows]


def find_of_run(payee_id: uuid.UUID, currency: str, run_on: date) -> Payout | None:
    """Return the payout of a payee that a day's run has made."""
    return session.scalar(
        sa.select(Payout).where(
            Payout.payee_id == payee_id, Payout.currency == currency, Payout.run_on == run_on
        )
    )


def find_to_approve(payee_id: uuid.UUID) -> Payout | None:
    """Return the payout of a payee that waits for two operators."""
    return session.scalar(
        sa.select(Payout).where(Payout.payee_id == payee_id, Payout.state == PayoutState.TO_APPROVE)
    )


def list_of(payee_id: uuid.UUID, limit: int = 20) -> Sequence[Payout]:
    """Return a payee's payouts, the newest first."""
    return session.scalars(
        sa.select(Payout)
        .where(Payout.payee_id == payee_id)
        .order_by(Payout.commanded_at.desc(), Payout.number.desc())
        .limit(limit)
    ).all()


def list_to_approve() -> Sequence[Payout]:
    """Return the payouts that wait for operators, the oldest first."""
    return session.scalars(
        sa.select(Payout)
        .where(Payout.state == PayoutState.TO_APPROVE)
        .options(joinedload(Payout.account), selectinload(Payout.approvals))
        .order_by(Payout.commanded_at)
    ).all()


def list_to_give_up(before: datetime) -> Sequence[uuid.UUID]:
    """Return the payouts that nobody has decided about for so long."""
    return session.scalars(
        sa.select(Payout.id).where(
            Payout.state == PayoutState.TO_APPROVE, Payout.commanded_at < before
        )
    ).all()


def lock_run(on_day: date) -> PayoutRun | None:
    """Return a day's run, held until the commit."""
    return session.get(PayoutRun, on_day, with_for_update=True, populate_existing=True)


def previous_run(before: date) -> date | None:
    """Return the day of the last run that was ended before a day."""
    return session.scalar(
        sa.select(sa.func.max(PayoutRun.on_day)).where(
            PayoutRun.on_day < before, PayoutRun.ended_at.is_not(None)
        )
    )


@dataclass(frozen=True)
class Part:
    """What a payout is made of, put together by kind, source and company."""

    kind: str
    source: str | None
    company: str | None
    count: int
    amount_minor: int
    """Less than zero for what was taken back."""


# What was written on the same accounts since the payout before: a payout takes all there is.
_MADE_OF = sa.text(
    """
    with taken as (
        select debit_id as account_id, transfer.id
        from ledger_transaction sent
        join ledger_transfer transfer on transfer.transaction_id = sent.id
        where sent.effect_key = :effect
    ), since as (
        select taken.account_id, taken.id, coalesce((
            select max(before.id) from ledger_transfer before
            join ledger_transaction paid on paid.id = before.transaction_id
            where before.debit_id = taken.account_id and before.id < taken.id
                and paid.kind = 'payout'
        ), 0) as after_id
        from taken
    ), moved as (
        select since.account_id, transfer.transaction_id, transfer.line_id, transfer.amount_minor
        from since join ledger_transfer transfer on transfer.credit_id = since.account_id
            and transfer.id > since.after_id and transfer.id < since.id
        union all
        select since.account_id, transfer.transaction_id, transfer.line_id, -transfer.amount_minor
        from since join ledger_transfer transfer on transfer.debit_id = since.account_id
            and transfer.id > since.after_id and transfer.id < since.id
    )
    select transaction.kind, account.source,
           case when account.purpose = 'project_available' then company.name end,
           count(*), sum(moved.amount_minor)::bigint
    from moved
    join ledger_account account on account.id = moved.account_id
    join ledger_transaction transaction on transaction.id = moved.transaction_id
    left join order_line line on line.id = moved.line_id
    left join company on company.id = line.company_id
    group by 1, 2, 3 order by 5 desc, 1, 2, 3
    """
)


def list_made_of(payout_id: uuid.UUID) -> list[Part]:
    """Return what a payout is made of: everything since the one before, pooled."""
    rows = session.execute(_MADE_OF, {"effect": f"payout:{payout_id}"})
    return [Part(*row) for row in rows]


MOVED = """
    select count(*), count(*) filter (
        where moved.aside <> p.amount_minor
           or moved.settled <> case when p.provider_id is null then 0 else p.amount_minor end
           or moved.back <> p.returned_minor
           or moved.arrived_back <> case when p.provider_id is null then 0
                                         else p.returned_minor end
           or p.state = 'paid' and p.provider_id is null
           or p.state in ('to_approve', 'commanded') and p.provider_id is not null
           or p.needs_approval and p.state in ('commanded', 'paid') and (
                  select count(*) from payout_approval where payout_id = p.id) < 2
    )
    from payout p
    cross join lateral (
        select coalesce(sum(minor) filter (where kind = 'payout'), 0) as aside,
               coalesce(sum(minor) filter (where kind = 'payout_settled'), 0) as settled,
               coalesce(sum(minor) filter (
                   where kind = 'payout_returned' and is_debited), 0) as back,
               coalesce(sum(minor) filter (
                   where kind = 'payout_returned' and not is_debited), 0) as arrived_back
        from (
            select transaction.kind, transfer.amount_minor as minor,
                   debit.purpose = 'payout_in_flight' as is_debited
            from ledger_transaction transaction
            join ledger_transfer transfer on transfer.transaction_id = transaction.id
            join ledger_account debit on debit.id = transfer.debit_id
            where transaction.subject_id = p.id
                and transaction.kind in ('payout', 'payout_settled', 'payout_returned')
        ) part
    ) moved
"""
"""What `flask check` asks: what left and came back of each payout, and who agreed to it."""
