"""What people with power did; append-only."""

from datetime import datetime

from marketplace.accounts.models import AuditEntry, User
from marketplace.core.db import session
from marketplace.core.ids import new_id


def record(
    *,
    actor: User | None,
    action: str,
    subject_kind: str,
    subject_id: object,
    reason: str = "",
    now: datetime,
) -> None:
    """Write down what somebody did, to what and why; no actor means the system itself."""
    session.add(
        AuditEntry(
            id=new_id(),
            actor_id=actor.id if actor is not None else None,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            reason=reason,
            at=now,
        )
    )
