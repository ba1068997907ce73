"""Entries of the ledger for tests of the log."""

from datetime import UTC, datetime
from itertools import count

from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source

_numbers = count(1)


def day(number):
    return datetime(2026, 11, number, 9, 30, tzinfo=UTC)


def pending(project, source=Source.PLEDGE):
    return AccountKey(Purpose.PROJECT_PENDING, project.id, source)


def available(project, source=Source.PLEDGE):
    return AccountKey(Purpose.PROJECT_AVAILABLE, project.id, source)


def post(debit, credit, minor, *, at, kind=Kind.CAPTURE, order_id=None, **more):
    """Post one transfer."""
    return ledger.post(
        kind=kind,
        effect_key=f"test:{next(_numbers)}:{new_id()}",
        currency="EUR",
        entries=[Entry(debit, credit, minor, **more)],
        effective_at=at,
        subject_id=order_id,
    )


def give_all(project, amounts, *, at):
    """Post many transfers as one transaction."""
    ledger.post(
        kind=Kind.CAPTURE,
        effect_key=f"test:{next(_numbers)}:{new_id()}",
        currency="EUR",
        entries=[Entry(CLEARING, pending(project), minor) for minor in amounts],
        effective_at=at,
    )


def give(project, minor, *, at, order_id=None):
    return post(CLEARING, pending(project), minor, at=at, order_id=order_id)
