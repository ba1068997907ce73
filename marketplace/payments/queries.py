"""Reads of commands, events and payments."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.payments.models import Payment, ProviderCommand, ProviderEvent, Restoration
from marketplace.payments.rules import STUCK_AFTER, CommandKind, CommandState, EventState


def find_payment(payment_id: str) -> Payment | None:
    """Return a captured payment that we know."""
    return session.get(Payment, payment_id)


_STANDING = sa.select(
    sa.select(ProviderEvent.state)
    .where(ProviderEvent.id == sa.bindparam("event_id"))
    .scalar_subquery(),
    sa.exists().where(Payment.id == sa.bindparam("payment_id"), Payment.fee_minor.is_not(None)),
)


def find_standing(event_id: str, payment_id: str | None) -> tuple[EventState | None, bool]:
    """Return what became of a message, None where it is new, and whether its payment is settled.

    Of a settled payment the provider's fee is known, too: nothing is left to be learned.
    """
    row = session.execute(_STANDING, {"event_id": event_id, "payment_id": payment_id}).one()
    return row[0], row[1]


def lock_command(command_id: uuid.UUID) -> ProviderCommand | None:
    """Return a command, held until the commit."""
    return session.scalar(
        sa.select(ProviderCommand)
        .where(ProviderCommand.id == command_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def find_open_command(subject_id: uuid.UUID, kind: CommandKind) -> uuid.UUID | None:
    """Return the command of a subject whose end is not known yet."""
    return session.scalar(
        sa.select(ProviderCommand.id).where(
            ProviderCommand.subject_id == subject_id,
            ProviderCommand.kind == kind,
            ProviderCommand.state.not_in([CommandState.SUCCEEDED, CommandState.REJECTED]),
        )
    )


def list_due_commands(now: datetime, limit: int = 100) -> Sequence[uuid.UUID]:
    """Return commands that wait, got stuck on the way, or whose fate is unknown."""
    stuck = (ProviderCommand.state == CommandState.SENT) & (
        ProviderCommand.next_try_at <= now - STUCK_AFTER
    )
    waiting = ProviderCommand.state.in_([CommandState.PENDING, CommandState.UNKNOWN]) & (
        ProviderCommand.next_try_at <= now
    )
    return session.scalars(
        sa.select(ProviderCommand.id)
        .where(stuck | waiting)
        .order_by(ProviderCommand.next_try_at)
        .limit(limit)
    ).all()


def list_parked_events(limit: int = 100) -> Sequence[ProviderEvent]:
    """Return messages that came before what they are about; the least tried first.

    So many that never find what they are about cannot keep later ones from being tried.
    """
    return session.scalars(
        sa.select(ProviderEvent)
        .where(ProviderEvent.state == EventState.PARKED)
        .order_by(ProviderEvent.attempts, ProviderEvent.received_at)
        .limit(limit)
    ).all()


def list_commands(*, before: datetime | None = None, limit: int = 50) -> Sequence[ProviderCommand]:
    """Return commands, the newest first, for the operator."""
    query = sa.select(ProviderCommand).order_by(ProviderCommand.created_at.desc()).limit(limit)
    if before is not None:
        query = query.where(ProviderCommand.created_at < before)
    return session.scalars(query).all()


def find_restoration() -> Restoration | None:
    """Return the backup that was brought back last."""
    return session.scalar(sa.select(Restoration).order_by(Restoration.restored_at.desc()).limit(1))


def list_open_commands() -> Sequence[ProviderCommand]:
    """Return every command whose end is not known, held until the commit."""
    return session.scalars(
        sa.select(ProviderCommand)
        .where(ProviderCommand.state.not_in([CommandState.SUCCEEDED, CommandState.REJECTED]))
        .with_for_update()
    ).all()
