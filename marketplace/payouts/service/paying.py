"""Putting a payout on its way, and what becomes of it."""

import uuid
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.payments import service as payments
from marketplace.payments.rules import CommandKind, TransferSeen
from marketplace.payouts import queries
from marketplace.payouts.models import PayeeKind, Payout, PayoutAccount, PayoutState
from marketplace.payouts.policies import why_not_paid
from marketplace.payouts.rules import Run, is_old_enough, returned_parts


def available_accounts(payee_kind: PayeeKind, payee_id: uuid.UUID) -> list[AccountKey]:
    """Return the accounts from which a payee is paid."""
    if payee_kind is PayeeKind.COMPANY:
        return [AccountKey(Purpose.COMPANY_AVAILABLE, payee_id)]
    return [AccountKey(Purpose.PROJECT_AVAILABLE, payee_id, source) for source in Source]


def command(
    *,
    payee_kind: PayeeKind,
    payee_id: uuid.UUID,
    currency: str,
    minimum_minor: int,
    now: datetime,
    run: Run | None = None,
) -> Payout | None:
    """Put everything available of a payee on its way; None if it is too little or has to wait.

    The account is held first, so that nobody changes it meanwhile, then the balances: two runs at
    once never pay the same cent, and a day's run pays a payee once. Above the limit the money is
    set aside, and waits for two operators.
    """
    run = run or Run()
    current, proposed = queries.lock_accounts(payee_id)
    is_verified = queries.is_verified(payee_kind, payee_id)
    if current is None or why_not_paid(current, proposed, is_verified=is_verified, now=now):
        return None
    if payee_kind is PayeeKind.COMPANY:  # what it owes is kept before it is paid (rule 8)
        ledger.keep_debt(
            company_id=payee_id,
            currency=currency,
            effect_key=f"netting:{new_id()}",
            subject_id=payee_id,
            effective_at=now,
        )
    amounts = ledger.lock_balances(keys=available_accounts(payee_kind, payee_id), currency=currency)
    total = sum(amounts.values())
    if total < 1 or (total < minimum_minor and not _is_old(payee_id, currency, run, now)):
        return None
    if run.on is not None and queries.find_of_run(payee_id, currency, run.on) is not None:
        return None
    payout = _make(payee_kind, current, (currency, total), run, now)
    set_aside(payout, amounts, now)
    if not payout.needs_approval:
        send(payout=payout, account=current, now=now)
    return payout


def _make(
    payee_kind: PayeeKind, account: PayoutAccount, money: tuple[str, int], run: Run, now: datetime
) -> Payout:
    """Put a payout down; from the limit on it waits for two operators."""
    currency, total = money
    limit = run.approval_from_minor
    needs_approval = limit is not None and total >= limit
    payout = Payout(
        id=new_id(),
        payee_id=account.payee_id,
        payee_kind=payee_kind,
        currency=currency,
        amount_minor=total,
        returned_minor=0,
        state=PayoutState.TO_APPROVE if needs_approval else PayoutState.COMMANDED,
        account_id=account.id,
        run_on=run.on,
        asked_by_id=run.asked_by_id,
        needs_approval=needs_approval,
        note="",
        commanded_at=now,
    )
    session.add(payout)
    session.flush()
    return payout


def _is_old(payee_id: uuid.UUID, currency: str, run: Run, now: datetime) -> bool:
    """Say whether something waits for so long that it goes below the minimum, too."""
    oldest = queries.oldest_confirmed(payee_id, currency)
    return is_old_enough(oldest, today=now.date(), maximum_age=run.maximum_age)


def set_aside(payout: Payout, amounts: dict[AccountKey, int], now: datetime) -> None:
    """Take what is paid out from where it is available; it is in flight from now on."""
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, payout.payee_id)
    ledger.post(
        kind=Kind.PAYOUT,
        effect_key=f"payout:{payout.id}",
        currency=payout.currency,
        entries=[Entry(key, flight, amount) for key, amount in amounts.items()],
        subject_id=payout.id,
        effective_at=now,
    )


def send(*, payout: Payout, account: PayoutAccount, now: datetime) -> None:
    """Have the provider transfer a payout: the one command that it ever gets."""
    payments.command(
        kind=CommandKind.TRANSFER,
        subject_id=payout.id,
        params=_transfer(payout, str(account.provider_account_id)),
        now=now,
    )


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


def bring_back(*, payout_id: uuid.UUID, now: datetime, why: str = "") -> bool:
    """Credit a payout that never left back to where it came from. Once."""
    payout = queries.lock_payout(payout_id)
    if payout is None or payout.state not in (PayoutState.COMMANDED, PayoutState.TO_APPROVE):
        return False
    _credit(payout, payout.amount_minor, f"payout_returned:{payout.id}", now)
    _came_back(payout, payout.amount_minor, why, now)
    return True


class PaidAfterAll(Conflict):
    """The provider paid what we had taken for refused, and credited back."""


def note_transfer(*, seen: TransferSeen, now: datetime) -> bool:
    """Note that a transfer is there, and credit back what came back of it and is not credited yet.

    The provider tells how much came back altogether, so any number of messages in any order has
    the same end. What we took back ourselves for a debt is not among it.

    :raises PaidAfterAll: the payout was credited back already, a person has to look at it.
    """
    payout = queries.lock_payout(seen.payout_id) if seen.payout_id else None
    if payout is None:
        return False
    if payout.state is PayoutState.RETURNED and payout.provider_id is None:
        raise PaidAfterAll
    confirm(payout_id=payout.id, provider_id=seen.transfer_id, now=now)
    if payout.state is not PayoutState.PAID or payout.provider_id != seen.transfer_id:
        return False
    amount = min(seen.reversed_minor, payout.amount_minor) - payout.returned_minor
    if amount <= 0:
        return True
    total = payout.returned_minor + amount
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, payout.payee_id)
    ledger.post(
        kind=Kind.PAYOUT_RETURNED,
        effect_key=f"payout_reversed:{payout.id}:{total}",
        currency=payout.currency,
        entries=[Entry(CLEARING, flight, amount)],
        subject_id=payout.id,
        effective_at=now,
    )
    _credit(payout, amount, f"payout_returned:{payout.id}:{total}", now)
    _came_back(payout, amount, "", now)
    return True


def _credit(payout: Payout, amount_minor: int, effect_key: str, now: datetime) -> None:
    """Post what came back to the accounts that it came from."""
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, payout.payee_id)
    parts = queries.list_parts(payout.id)
    back = returned_parts(
        [minor for _, minor, _ in parts],
        payout.returned_minor + amount_minor,
        payout.returned_minor,
    )
    ledger.post(
        kind=Kind.PAYOUT_RETURNED,
        effect_key=effect_key,
        currency=payout.currency,
        entries=[
            Entry(flight, key, minor, origin_id=origin)
            for (key, _, origin), minor in zip(parts, back, strict=True)
        ],
        subject_id=payout.id,
        effective_at=now,
    )


def _came_back(payout: Payout, amount_minor: int, why: str, now: datetime) -> None:
    """Note what came back, and tell the owners."""
    payout.returned_minor += amount_minor
    payout.note = why or payout.note
    if payout.returned_minor == payout.amount_minor:
        payout.state = PayoutState.RETURNED
    session.flush()
    accounts.record(
        actor=None,
        action="payouts.returned",
        subject_kind=payout.payee_kind,
        subject_id=payout.payee_id,
        reason=f"#{payout.number}: {why}" if why else f"#{payout.number}",
        now=now,
    )
    jobs.enqueue("payout_returned_mail", payout_id=str(payout.id), amount_minor=amount_minor)
