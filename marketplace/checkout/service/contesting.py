"""What is said against a dispute: notes of companies and the operator, sent to the bank once."""

import uuid
from datetime import datetime

from marketplace.campaigns import queries as campaigns
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.orders import queries as orders
from marketplace.orders.models import Dispute, DisputeNote
from marketplace.orders.rules import facts_of, facts_of_pool
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandKind

LONGEST_NOTE = 5000
LONGEST_EVIDENCE = 20_000
"""As much text as the provider takes."""


def add_note(
    *,
    dispute_id: str,
    company_id: uuid.UUID | None,
    author_id: uuid.UUID,
    body: str,
    now: datetime,
) -> DisputeNote:
    """Add what somebody has to say against a dispute; it stays as it was written.

    :raises Conflict: the bank has decided, or the evidence is with it already.
    :raises Invalid: nothing is said, or too much.
    """
    dispute = orders.get_dispute(dispute_id)
    if not dispute.is_open:
        raise Conflict(_l("The bank has decided about this dispute already."))
    if dispute.submitted_at is not None or _is_on_its_way(dispute.id):
        raise Conflict(_l("The evidence was sent to the bank already, and can be sent only once."))
    if not 1 <= len(body.strip()) <= LONGEST_NOTE:
        raise Invalid(fields={"body": _l("Write between 1 and 5 000 characters.")})
    note = DisputeNote(
        id=new_id(),
        dispute_id=dispute.id,
        company_id=company_id,
        author_id=author_id,
        body=body.strip(),
        written_at=now,
    )
    session.add(note)
    session.flush()
    return note


def subject_of(dispute_id: str) -> uuid.UUID:
    """Return what a command about a dispute is about: the provider's ids are no UUIDs."""
    return uuid.uuid5(uuid.NAMESPACE_URL, dispute_id)


def _is_on_its_way(dispute_id: str) -> bool:
    kind = CommandKind.SUBMIT_EVIDENCE
    return payment_queries.find_open_command(subject_of(dispute_id), kind) is not None


def facts_about(dispute: Dispute, *, page_url: str) -> dict[str, str]:
    """Return what a bank wants to know of what is disputed, by the names of its fields.

    :param page_url: of the order's receipt, or of the pool
    """
    if dispute.order is not None:
        return facts_of(dispute.order, receipt_url=page_url)
    if dispute.pool_payment is None:
        return {}
    given = campaigns.by_project(dispute.pool_payment.pool_id)
    return facts_of_pool(
        dispute.pool_payment, [(one.title, one.amount_minor) for one in given], page_url=page_url
    )


def submit_evidence(*, dispute_id: str, page_url: str, now: datetime) -> ProviderCommand:
    """Send the facts of an order or a pool and everything that was said to the bank. Once.

    :raises Conflict: it was sent already, or the bank has decided, or its deadline is over.
    """
    dispute = orders.get_dispute(dispute_id)
    if dispute.order_id is not None:
        orders.lock_order(dispute.order_id)
    elif dispute.pool_payment is not None:
        campaigns.lock_pool(dispute.pool_payment.pool_id)
    dispute = orders.get_dispute(dispute_id)
    if not dispute.is_open:
        raise Conflict(_l("The bank has decided about this dispute already."))
    if dispute.submitted_at is not None or _is_on_its_way(dispute.id):
        raise Conflict(_l("The evidence was sent to the bank already, and can be sent only once."))
    if dispute.due_at is not None and dispute.due_at <= now:
        raise Conflict(_l("The time to answer the bank is over."))
    evidence = facts_about(dispute, page_url=page_url)
    notes = [
        f"{note.company.name if note.company else 'Causeway'}: {note.body}"
        for note in dispute.notes
    ]
    text = "\n\n".join([evidence.pop("uncategorized_text"), *notes])
    return payments.command(
        kind=CommandKind.SUBMIT_EVIDENCE,
        subject_id=subject_of(dispute.id),
        params={
            "about": dispute.id,
            "evidence": evidence | {"uncategorized_text": text[:LONGEST_EVIDENCE]},
            "submit": True,
        },
        now=now,
    )


def note_submitted(*, dispute_id: str, now: datetime) -> None:
    """Write down that the provider has taken the evidence."""
    dispute = orders.find_dispute(dispute_id)
    if dispute is not None and dispute.submitted_at is None:
        dispute.submitted_at = now
        session.flush()
