"""Commands to the provider and what came of them; messages of the provider."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.core.rows import keep
from marketplace.payments import queries
from marketplace.payments.models import ProviderCommand, ProviderEvent, Restoration
from marketplace.payments.rules import (
    KEY_SERVES_FOR,
    STUCK_AFTER,
    CommandKind,
    CommandState,
    Done,
    EventSeen,
    EventState,
    Outcome,
    PaymentSeen,
    PaymentState,
    Refused,
    Sending,
    as_text,
    digest,
    in_the_order_kept,
)

ENDED = (CommandState.SUCCEEDED, CommandState.REJECTED)
NAMED_IN_METADATA = (
    CommandKind.REFUND,
    CommandKind.TRANSFER,
    CommandKind.CREATE_ACCOUNT,
    CommandKind.REVERSE_TRANSFER,
    CommandKind.SUBMIT_EVIDENCE,
)
"""Commands that are found again at the provider by their id in the metadata."""

RUN_BY_THE_CALLER = (CommandKind.CREATE_CHECKOUT, CommandKind.CREATE_ACCOUNT)
"""Whoever asks for a page of the provider waits for it, and runs the command himself.

It has no job of its own: should that process die first, it is found among those that are due, a
minute or two later.
"""

PATIENCE = timedelta(minutes=5)
"""How long to wait before asking again what became of a command, times the tries so far."""


def command(
    *,
    kind: CommandKind,
    subject_id: uuid.UUID,
    params: Mapping[str, object],
    now: datetime,
    is_begun: bool = False,
) -> ProviderCommand:
    """Put down a command; after the commit a job runs it. Its id goes along as metadata.

    One that `is_begun` is sent by the caller right after the commit, by `sending_of`.
    """
    command_id = new_id()
    fixed = dict(params)
    if kind in NAMED_IN_METADATA:
        metadata = fixed.get("metadata")
        fixed["metadata"] = {
            **(metadata if isinstance(metadata, dict) else {}),
            "command": str(command_id),
        }
    text = as_text(fixed)
    row = ProviderCommand(
        id=command_id,
        kind=kind,
        subject_id=subject_id,
        params=fixed,
        params_hash=digest(text),
        state=CommandState.SENT if is_begun else CommandState.PENDING,
        attempts=1 if is_begun else 0,
        first_sent_at=now if is_begun else None,
        next_try_at=now,
        created_at=now,
    )
    _put_down(row, text)
    if kind not in RUN_BY_THE_CALLER:
        jobs.enqueue("run_command", command_id=str(command_id))
    return row


_PUT_DOWN = sa.text(
    """
    insert into provider_command (id, kind, subject_id, params, params_hash, state, attempts,
                                  first_sent_at, next_try_at, created_at)
    values (:id, :kind, :subject, cast(:params as jsonb), :hash, :state, :attempts,
            :first_sent_at, :now, :now)
    """
)


def _put_down(row: ProviderCommand, params: str) -> None:
    session.execute(
        _PUT_DOWN,
        {
            "id": row.id,
            "kind": row.kind.value,
            "subject": row.subject_id,
            "params": params,
            "hash": row.params_hash,
            "state": row.state.value,
            "attempts": row.attempts,
            "first_sent_at": row.first_sent_at,
            "now": row.created_at,
        },
    )
    keep(row)


def sending_of(row: ProviderCommand) -> Sending:
    """Return what goes out for a command that was put down as begun."""
    return Sending(row.id, row.kind, in_the_order_kept(row.params), only_look_up=False)


def begin(*, command_id: uuid.UUID, now: datetime) -> Sending | None:
    """Note that a command is on its way; None if it is done, or somebody else is at it."""
    row = queries.lock_command(command_id)
    if row is None or row.state in ENDED:
        return None
    restoration = queries.find_restoration()
    if row.state is CommandState.SENT:
        if row.next_try_at and now - row.next_try_at < STUCK_AFTER:
            return None
        row.state = CommandState.UNKNOWN
    elif row.state is CommandState.PENDING:
        row.state = CommandState.SENT
        row.first_sent_at = now
    row.attempts += 1
    row.next_try_at = now
    first = row.first_sent_at or now
    is_old = now - first > KEY_SERVES_FOR
    is_doubtful = restoration is not None and _may_be_done(row, restoration)
    return Sending(row.id, row.kind, row.params, only_look_up=is_old or is_doubtful)


def _may_be_done(row: ProviderCommand, restoration: Restoration) -> bool:
    """Say whether the provider may have done it, or the same thing by another name, already.

    A payout that was commanded between the backup and its return is not in the book: its money
    seems to be there still. So every transfer is looked up only, and comes back, until the book
    has caught up.
    """
    if row.kind is CommandKind.TRANSFER:
        return restoration.caught_up_at is None or row.created_at <= restoration.caught_up_at
    return row.created_at <= restoration.restored_at


def begin_restoration(*, taken_at: datetime, now: datetime) -> int:
    """Note that an older backup was brought back; return how many commands are looked up only."""
    session.add(Restoration(id=new_id(), taken_at=taken_at, restored_at=now))
    doubtful = queries.list_open_commands()
    for row in doubtful:
        row.state, row.next_try_at = CommandState.UNKNOWN, now
        row.first_sent_at = row.first_sent_at or now
    session.flush()
    return len(doubtful)


def end_restoration(*, restoration: Restoration, now: datetime) -> None:
    """Let money go out again: the book and the provider agree."""
    restoration.caught_up_at = now
    session.flush()


_END = (
    sa.update(ProviderCommand)
    .where(
        ProviderCommand.id == sa.bindparam("command"),
        ProviderCommand.state.not_in(ENDED),
    )
    .returning(ProviderCommand)
    .execution_options(synchronize_session=False, populate_existing=True)
)
"""Writes down how a command ended and returns it; nothing where it has ended before."""
_SUCCEED = _END.values(
    state=CommandState.SUCCEEDED,
    provider_id=sa.bindparam("made"),
    answer=sa.bindparam("answer"),
    error=None,
    done_at=sa.bindparam("at"),
)
_REJECT = _END.values(
    state=CommandState.REJECTED, error=sa.bindparam("why"), done_at=sa.bindparam("at")
)


def finish(*, command_id: uuid.UUID, outcome: Outcome, now: datetime) -> ProviderCommand | None:
    """Note what came of a command; return it if this call was the one that ended it."""
    if isinstance(outcome, Done):
        made = {"made": outcome.provider_id, "answer": dict(outcome.answer)}
        return session.scalar(_SUCCEED, {"command": command_id, "at": now, **made})
    if isinstance(outcome, Refused):
        return session.scalar(_REJECT, {"command": command_id, "at": now, "why": outcome.error})
    row = queries.lock_command(command_id)
    if row is not None and row.state not in ENDED:
        row.state, row.error = CommandState.UNKNOWN, outcome.error
        row.next_try_at = now + PATIENCE * row.attempts
    return None


_KEEP_EVENT = (
    postgresql.insert(ProviderEvent.metadata.tables["provider_event"])
    .values(
        id=sa.bindparam("id"),
        type=sa.bindparam("type"),
        created_at=sa.bindparam("created_at"),
        received_at=sa.bindparam("received_at"),
        payload=sa.bindparam("payload"),
        state=EventState.IGNORED,
        attempts=1,
    )
    .on_conflict_do_nothing()
    .returning(ProviderEvent.id)
)


def record_event(*, seen: EventSeen, now: datetime) -> bool:
    """Keep a message, as one that changes nothing; False if it is here already."""
    message = {
        "id": seen.id,
        "type": seen.type,
        "created_at": seen.created_at,
        "received_at": now,
        "payload": seen.payload,
    }
    return session.scalar(_KEEP_EVENT, message) is not None


def mark_event(*, event_id: str, state: EventState, error: str | None = None) -> None:
    """Say what became of a message."""
    session.execute(_MARK_EVENT, {"event": event_id, "state": state.value, "error": error})


_MARK_EVENT = sa.text(
    """
    update provider_event
    set state = :state, error = :error,
        attempts = attempts + case when state = 'parked' then 1 else 0 end
    where id = :event
    """
)


RECORD = """
    insert into payment (id, order_id, currency, amount_minor, charge_id, fee_minor, state,
                         captured_at, created_at)
    values (:id, :order, :currency, :amount, :charge, :fee, :state, :captured_at, :now)
"""
"""SQL: keeps a captured payment, for a statement that does more; it wants what `recorded` says."""
_RECORD = sa.text(RECORD)


def recorded(
    *, seen: PaymentSeen, order_id: uuid.UUID, state: PaymentState, now: datetime
) -> dict[str, object]:
    """Return what `RECORD` wants to know of a captured payment and what became of it."""
    return {
        "id": seen.payment_id,
        "order": order_id,
        "currency": seen.currency,
        "amount": seen.amount_minor,
        "charge": seen.charge_id,
        "fee": seen.fee_minor,
        "state": state.value,
        "captured_at": seen.captured_at or now,
        "now": now,
    }


def record_payment(
    *, seen: PaymentSeen, order_id: uuid.UUID, state: PaymentState, now: datetime
) -> None:
    """Keep a captured payment and what became of it."""
    session.execute(_RECORD, recorded(seen=seen, order_id=order_id, state=state, now=now))
