"""What people here decide: comments, blocks, complaints."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.federation import queries
from marketplace.federation.models import (
    AnswerNotice,
    CommentState,
    Delivery,
    DeliveryState,
    FederationBlock,
    RemoteActor,
    RemoteFollow,
    RemoteHost,
    UpdateComment,
)
from marketplace.federation.rules.addresses import read_block, read_handle
from marketplace.federation.rules.decisions import Decision
from marketplace.federation.service.telling import retry

LONGEST_REASON = 500


def decide(
    *,
    comment_id: uuid.UUID,
    project_id: uuid.UUID | None,
    how: Decision,
    by: User,
    now: datetime,
) -> UpdateComment:
    """Show a comment or keep it from being shown, also one of which it was decided otherwise.

    :param project_id: of whom owns it; None for an operator, whose decision is written down.
    :raises NotFound: there is none, or it is another project's.
    """
    comment = queries.lock_comment(comment_id, project_id=project_id)
    comment.state = CommentState.SHOWN if how is Decision.SHOW else CommentState.REFUSED
    comment.decided_by_id, comment.decided_at = by.id, now
    if project_id is None:
        accounts.record(
            actor=by,
            action=f"comment.{how}",
            subject_kind="project",
            subject_id=comment.project_id,
            reason=comment.uri,
            now=now,
        )
    session.flush()
    return comment


def block(*, target: str, reason: str, by: User, now: datetime) -> FederationBlock:
    """Have nothing to do with a server or a person any more: follows end, comments go.

    :raises Invalid: that is neither a server nor somebody's address, or no reason is given.
    """
    named = read_block(target)
    handle = read_handle(target)
    if named is None and handle is not None:
        known = queries.find_actor_by_handle(*handle)
        named = known.uri if known is not None else None
    if named is None:
        message = _l("Write a server like social.example, or somebody’s whole address there.")
        raise Invalid(fields={"target": message})
    if not reason:
        raise Invalid(fields={"reason": _l("Say why: it goes into the audit log.")})
    found = session.scalar(sa.select(FederationBlock).where(FederationBlock.target == named))
    if found is not None:
        return found
    row = FederationBlock(
        id=new_id(), target=named, reason=reason[:LONGEST_REASON], by_id=by.id, created_at=now
    )
    session.add(row)
    _cut_off(named)
    _record(row, by, "block", reason, now)
    session.flush()
    return row


def _cut_off(target: str) -> None:
    """End what a server or a person has here."""
    who: sa.ColumnElement[bool] = RemoteActor.uri == target
    hosts: sa.ColumnElement[bool] = sa.false()
    if not target.startswith(("https://", "http://")):
        below = f"%.{target}"
        who = sa.or_(RemoteActor.host == target, RemoteActor.host.like(below))
        hosts = sa.or_(RemoteHost.host == target, RemoteHost.host.like(below))
    ids = sa.select(RemoteActor.id).where(who)
    session.execute(sa.delete(RemoteFollow).where(RemoteFollow.actor_id.in_(ids)))
    session.execute(sa.delete(UpdateComment).where(UpdateComment.actor_id.in_(ids)))
    names = sa.select(RemoteHost.host).where(hosts)
    session.execute(
        sa.update(Delivery)
        .where(Delivery.host.in_(names), Delivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.FAILED, problem="blocked")
    )


def unblock(*, block_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let a server or a person come back; they have to follow again.

    :raises NotFound: there is no such block.
    """
    row = session.get(FederationBlock, block_id, with_for_update=True)
    if row is None:
        raise NotFound
    _record(row, by, "unblock", row.reason, now)
    session.delete(row)
    session.flush()


def retry_delivery(*, delivery_id: uuid.UUID, by: User, now: datetime) -> None:
    """Have something delivered that was given up.

    :raises NotFound: there is no such delivery.
    """
    host = retry(delivery_id=delivery_id)
    accounts.record(
        actor=by,
        action="federation.retry",
        subject_kind="federation",
        subject_id=host,
        now=now,
    )
    session.flush()


def close_report(*, report_id: uuid.UUID, reason: str, by: User, now: datetime) -> None:
    """Note what came of a complaint.

    :raises Invalid: nothing is said.
    :raises NotFound: there is none that is open.
    """
    if not reason:
        raise Invalid(_l("Say why: it goes into the audit log."))
    report = queries.lock_report(report_id)
    report.closed_at, report.closed_by_id = now, by.id
    accounts.record(
        actor=by,
        action="federation.report_closed",
        subject_kind="federation",
        subject_id=report.host,
        reason=reason[:LONGEST_REASON],
        now=now,
    )
    session.flush()


def _record(row: FederationBlock, by: User, what: str, reason: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"federation.{what}",
        subject_kind="federation",
        subject_id=row.target,
        reason=reason[:LONGEST_REASON],
        now=now,
    )


def note_told(*, project_id: uuid.UUID, now: datetime) -> None:
    """Note that a project's people are told now that answers wait."""
    session.execute(
        postgresql.insert(AnswerNotice)
        .values(project_id=project_id, told_at=now)
        .on_conflict_do_update(index_elements=[AnswerNotice.project_id], set_={"told_at": now})
    )
