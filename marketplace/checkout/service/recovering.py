"""What a company owes, taken back from a payout that it got: only where the operator decides so.

The shopper is paid first, always. What is missing is netted from the company's next sales; where
none are to come, a transfer to the company is reversed, as a command of its own that is retried. A
project keeps what it was paid (domain.md, rule 8).
"""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandKind


def recover(
    *,
    company_id: uuid.UUID,
    transfer_id: str,
    paid_minor: int,
    currency: str,
    by: User,
    reason: str,
    now: datetime,
) -> ProviderCommand:
    """Put down the command that takes what a company owes back from a transfer it got.

    `paid_minor` is what that transfer brought it; no more than that comes back.

    :raises Conflict: it owes nothing, or another such command is on its way.
    :raises Invalid: nobody says why.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": _l("Say why: it goes into the audit log.")})
    session.scalar(sa.select(Company.id).where(Company.id == company_id).with_for_update())
    if payment_queries.find_open_command(company_id, CommandKind.REVERSE_TRANSFER) is not None:
        raise Conflict(_l("A transfer of this company is being taken back already."))
    owed = -ledger_queries.find_balance(
        AccountKey(Purpose.COMPANY_RECEIVABLE, company_id), currency
    )
    amount = min(owed, paid_minor)
    if amount <= 0:
        raise Conflict(_l("This company owes nothing."))
    accounts.record(
        actor=by,
        action="company.recover",
        subject_kind="company",
        subject_id=company_id,
        reason=f"{transfer_id}, {amount} {currency}: {reason.strip()}",
        now=now,
    )
    return payments.command(
        kind=CommandKind.REVERSE_TRANSFER,
        subject_id=company_id,
        params={"about": transfer_id, "amount": amount, "metadata": {"currency": currency}},
        now=now,
    )


def note_recovered(*, command: ProviderCommand, now: datetime) -> None:
    """Post what came back of a transfer: the company owes so much less. Once."""
    metadata = command.params["metadata"]
    currency = str(metadata["currency"]) if isinstance(metadata, dict) else ""
    ledger.post(
        kind=Kind.TRANSFER_REVERSED,
        effect_key=f"reversal:{command.provider_id}",
        currency=currency,
        entries=[
            Entry(
                CLEARING,
                AccountKey(Purpose.COMPANY_RECEIVABLE, command.subject_id),
                int(str(command.params["amount"])),
            )
        ],
        subject_id=command.subject_id,
        effective_at=now,
    )
