"""The line in the audit log."""

from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.people.rules import TeamKind


def record(  # noqa: PLR0917  # said in the order of a sentence
    kind: TeamKind, about: object, operator: User | None, what: str, reason: str, now: datetime
) -> None:
    """Write down what an operator, or time, did about who is behind something."""
    accounts.record(
        actor=operator,
        action=f"verification.{what}",
        subject_kind=kind,
        subject_id=about,
        reason=reason[:500],
        now=now,
    )
