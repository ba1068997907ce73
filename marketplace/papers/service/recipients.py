"""Recipients that qualify: an operator marks them after seeing a document; each is written down."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.papers.models import GiftRecipient
from marketplace.projects.models import Project


def qualify(
    *,
    project: Project,
    said: Mapping[str, Any],  # Any: a form's fields
    operator: User,
    now: datetime,
) -> GiftRecipient:
    """Mark the organisation behind a project as one whose gift receipts we may write.

    :raises Invalid: it is marked for some of these days already, or they end before they begin.
    """
    session.get_one(Project, project.id, with_for_update={"key_share": True})
    begins, ends = said["valid_from"], said["valid_until"]
    if ends is not None and ends < begins:
        raise Invalid(fields={"valid_until": _l("It ends before it begins.")})
    others = session.scalars(
        sa.select(GiftRecipient).where(GiftRecipient.project_id == project.id)
    ).all()
    if any(_meet(one, begins, ends) for one in others):
        raise Invalid(
            fields={"valid_from": _l("The project has a recipient on some of these days already.")}
        )
    recipient = GiftRecipient(
        id=new_id(), project_id=project.id, checked_by_id=operator.id, checked_at=now, **said
    )
    session.add(recipient)
    session.flush()
    _record(recipient, operator, "qualified", said["document"], now)
    return recipient


def _meet(one: GiftRecipient, begins: date, ends: date | None) -> bool:
    return (ends is None or one.valid_from <= ends) and (
        one.valid_until is None or begins <= one.valid_until
    )


def end(
    *, recipient: GiftRecipient, last_day: date, reason: str, operator: User, now: datetime
) -> None:
    """Say on which day a recipient qualifies for the last time; receipts that exist stay.

    :raises Conflict: it ends earlier already, or would end before it began.
    """
    if not recipient.valid_from <= last_day <= (recipient.valid_until or date.max):
        raise Conflict(_l("Choose a day on which it qualifies; an end is only brought forward."))
    recipient.valid_until = last_day
    session.flush()
    _record(recipient, operator, "ended", reason, now)


def _record(
    recipient: GiftRecipient, operator: User, what: str, reason: str, now: datetime
) -> None:
    accounts.record(
        actor=operator,
        action=f"recipient.{what}",
        subject_kind="project",
        subject_id=recipient.project_id,
        reason=f"{recipient.country} {recipient.registration_number}: {reason}",
        now=now,
    )
