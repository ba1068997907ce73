"""Money out: available -> in flight -> paid, each step only when it has happened (rules 16, 17)."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.payments import service as payments
from marketplace.payments.rules import CommandKind
from marketplace.payouts import queries
from marketplace.payouts.models import PayeeKind, Payout, PayoutAccount, PayoutState


def available_accounts(payee_kind: PayeeKind, payee_id: uuid.UUID) -> list[AccountKey]:
    """Return the accounts from which a payee is paid."""
    if payee_kind is PayeeKind.COMPANY:
        return [AccountKey(Purpose.COMPANY_AVAILABLE, payee_id)]
    return [AccountKey(Purpose.PROJECT_AVAILABLE, payee_id, source) for source in Source]


def command(
    *, payee_kind: PayeeKind, payee_id: uuid.UUID, currency: str, minimum_minor: int, now: datetime
) -> Payout | None:
    """Put everything available of a payee on its way; None if it is too little or not payable.

    The balances are locked, so two runs at once never pay the same cent.
    """
    account = session.get(PayoutAccount, payee_id)
    if account is None or not account.can_be_paid:
        return None
    amounts = ledger.lock_balances(keys=available_accounts(payee_kind, payee_id), currency=currency)
    total = sum(amounts.values())
    if total < max(minimum_minor, 1):
        return None
    payout = Payout(
        id=new_id(),
        payee_id=payee_id,
        payee_kind=payee_kind,
        currency=currency,
        amount_minor=total,
        state=PayoutState.COMMANDED,
        commanded_at=now,
    )
    session.add(payout)
    session.flush()
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, payee_id)
    ledger.post(
        kind=Kind.PAYOUT,
        effect_key=f"payout:{payout.id}",
        currency=currency,
        entries=[Entry(key, flight, amount) for key, amount in amounts.items()],
        subject_id=payout.id,
        effective_at=now,
    )
    payments.command(
        kind=CommandKind.TRANSFER,
        subject_id=payout.id,
        params=_transfer(payout, account.provider_account_id),
        now=now,
    )
    return payout


def _transfer(payout: Payout, destination: str) -> dict[str, object]:
    """Return what the provider is asked for; the group lets it be found again."""
    return {
        "amount": payout.amount_minor,
        "currency": payout.currency.lower(),
        "destination": destination,
        "transfer_group": f"payout-{payout.id}",
        "metadata": {"payout": str(payout.id)},
    }


def confirm(*, payout_id: uuid.UUID, provider_id: str, now: datetime) -> bool:
    """Note that the provider has paid. Once."""
    payout = queries.lock_payout(payout_id)
    if payout is None or payout.state is not PayoutState.COMMANDED:
        return False
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, payout.payee_id)
    ledger.post(
        kind=Kind.PAYOUT_SETTLED,
        effect_key=f"payout_settled:{payout.id}",
        currency=payout.currency,
        entries=[Entry(flight, CLEARING, payout.amount_minor)],
        subject_id=payout.id,
        effective_at=now,
    )
    payout.state, payout.provider_id, payout.paid_at = PayoutState.PAID, provider_id, now
    session.flush()
    return True


def bring_back(*, payout_id: uuid.UUID, now: datetime) -> bool:
    """Credit a payout that the provider refused back to where it came from. Once."""
    payout = queries.lock_payout(payout_id)
    if payout is None or payout.state is not PayoutState.COMMANDED:
        return False
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, payout.payee_id)
    ledger.post(
        kind=Kind.PAYOUT_RETURNED,
        effect_key=f"payout_returned:{payout.id}",
        currency=payout.currency,
        entries=[
            Entry(flight, key, amount, origin_id=origin)
            for key, amount, origin in queries.list_parts(payout.id)
        ],
        subject_id=payout.id,
        effective_at=now,
    )
    payout.state = PayoutState.RETURNED
    session.flush()
    return True


def connect(
    *, payee_kind: PayeeKind, payee_id: uuid.UUID, provider_account_id: str, now: datetime
) -> None:
    """Note where a payee's money goes, as far as the provider has verified it."""
    session.execute(sa.delete(PayoutAccount).where(PayoutAccount.payee_id == payee_id))
    session.add(
        PayoutAccount(
            payee_id=payee_id,
            payee_kind=payee_kind,
            provider_account_id=provider_account_id,
            can_be_paid=True,
            created_at=now,
        )
    )
    session.flush()
