"""Reads of payouts."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.ledger.models import Account, Transaction, Transfer
from marketplace.ledger.rules import AccountKey
from marketplace.payouts.models import PayeeKind, Payout, PayoutAccount


def lock_payout(payout_id: uuid.UUID) -> Payout | None:
    """Return a payout, held until the commit."""
    return session.scalar(
        sa.select(Payout)
        .where(Payout.id == payout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


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
        .where(PayoutAccount.can_be_paid)
        .order_by(PayoutAccount.payee_id)
    )
    return [(kind, payee) for kind, payee in rows]


def list_of(payee_id: uuid.UUID, limit: int = 20) -> Sequence[Payout]:
    """Return a payee's payouts, the newest first."""
    return session.scalars(
        sa.select(Payout)
        .where(Payout.payee_id == payee_id)
        .order_by(Payout.commanded_at.desc())
        .limit(limit)
    ).all()
