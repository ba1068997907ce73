"""What we tell others: updates that are new, corrected or gone, and answers."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.federation import queries
from marketplace.federation.models import (
    Delivery,
    DeliveryState,
    OutgoingActivity,
    RemoteActor,
    RemoteFollow,
    RemoteHost,
)
from marketplace.federation.rules import documents, waiting
from marketplace.federation.rules.addresses import Addresses
from marketplace.federation.rules.documents import Document

AT_ONCE = 200
GONE = 410
LONGEST_PROBLEM = 200


def tell_update(*, update_id: uuid.UUID, at: Addresses, now: datetime) -> OutgoingActivity | None:
    """Tell followers elsewhere of an update as it is now, unless that is what they were told.

    What is new is created, what reads otherwise is updated, what is gone is deleted; nobody hears
    of what nobody elsewhere has followed.
    """
    update, last = queries.find_update(update_id), queries.find_last_activity(update_id)
    was_told = last is not None and last.kind != "Delete"
    if update is None:
        if last is None or not was_told:
            return None
        document = documents.delete(at, last.project_id, update_id)
        return _record(last.project_id, document, update_id=update_id, digest="", now=now)
    told = documents.note(at, update.project, update)
    if last is not None and was_told:
        if last.digest == told.digest:
            return None
        document = documents.change(told, now=now)
    elif queries.count_followers(update.project_id):
        document = documents.create(told)
    else:
        return None
    return _record(update.project_id, document, update_id=update_id, digest=told.digest, now=now)


def _record(
    project_id: uuid.UUID, document: Document, *, update_id: uuid.UUID, digest: str, now: datetime
) -> OutgoingActivity:
    activity = _add(project_id, document, now=now)
    activity.update_id, activity.digest = update_id, digest
    session.flush()
    jobs.enqueue("federation_fan_out", activity_id=str(activity.id), after="")
    return activity


def _add(project_id: uuid.UUID, document: Document, *, now: datetime) -> OutgoingActivity:
    activity = OutgoingActivity(
        id=new_id(),
        project_id=project_id,
        kind=str(document["type"]),
        document=documents.standing(document),
        created_at=now,
    )
    session.add(activity)
    session.flush()
    return activity


def fan_out(*, activity_id: uuid.UUID, after: str, now: datetime) -> None:
    """Put an activity on its way to two hundred inboxes, and leave the others to the next job."""
    activity = session.get(OutgoingActivity, activity_id)
    if activity is None:
        return
    found = queries.list_inboxes(activity.project_id, after=after, limit=AT_ONCE, now=now)
    for inbox, host in found:
        _deliver(activity_id, inbox=inbox, host=host, now=now)
    if len(found) == AT_ONCE:
        jobs.enqueue("federation_fan_out", activity_id=str(activity_id), after=found[-1][0])


def send_to(
    actor: RemoteActor, project_id: uuid.UUID, document: Document, *, now: datetime
) -> None:
    """Put something on its way to one person."""
    activity = _add(project_id, document, now=now)
    _deliver(activity.id, inbox=actor.inbox, host=actor.host, now=now)


def _deliver(activity_id: uuid.UUID, *, inbox: str, host: str, now: datetime) -> None:
    added = session.execute(
        postgresql.insert(Delivery)
        .values(
            id=new_id(),
            activity_id=activity_id,
            inbox=inbox,
            host=host,
            state=DeliveryState.WAITING,
            attempts=0,
            problem="",
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Delivery.id)
    ).first()
    if added is not None:
        jobs.enqueue("federation_deliver", delivery_id=str(added[0]))


def note_delivered(*, delivery_id: uuid.UUID, now: datetime) -> None:
    """Note that an inbox took it: its server is there."""
    row = queries.lock_delivery(delivery_id)
    row.state, row.tried_at, row.problem = DeliveryState.DELIVERED, now, ""
    row.attempts += 1
    note_heard(row.host, now=now)


def note_heard(host: str, *, now: datetime) -> None:
    """Note that a server is there, whatever it did not do before."""
    session.execute(
        sa.update(RemoteHost)
        .where(RemoteHost.host == host)
        .values(heard_at=now, failing_since=None, problem="")
    )


def note_failed(
    *, delivery_id: uuid.UUID, problem: str, status: int = 0, is_final: bool = False, now: datetime
) -> None:
    """Note that an inbox did not take it; it is tried again later, less and less often.

    :param status: of HTTP, where there was an answer.
    :param is_final: there is no use in trying again.
    """
    row = queries.lock_delivery(delivery_id)
    row.attempts, row.tried_at, row.problem = row.attempts + 1, now, problem[:LONGEST_PROBLEM]
    if not status or status >= 500:
        session.execute(
            sa.update(RemoteHost)
            .where(RemoteHost.host == row.host)
            .values(
                failing_since=sa.func.coalesce(RemoteHost.failing_since, now),
                problem=problem[:LONGEST_PROBLEM],
            )
        )
    run_at = None if is_final else waiting.next_try(row.attempts, now=now)
    if run_at is None:
        row.state = DeliveryState.FAILED
    else:
        jobs.enqueue("federation_deliver", run_at=run_at, delivery_id=str(row.id))
    if status == GONE:
        gone = sa.select(RemoteActor.id).where(RemoteActor.inbox == row.inbox)
        session.execute(sa.delete(RemoteFollow).where(RemoteFollow.actor_id.in_(gone)))


def retry(*, delivery_id: uuid.UUID) -> str:
    """Try once more to deliver what was given up; return to which server.

    :raises NotFound: there is no such delivery.
    """
    row = queries.lock_delivery(delivery_id)
    if row.state is DeliveryState.FAILED:
        row.state, row.attempts = DeliveryState.WAITING, 0
        session.execute(
            sa.update(RemoteHost).where(RemoteHost.host == row.host).values(failing_since=None)
        )
        jobs.enqueue("federation_deliver", delivery_id=str(row.id))
    return row.host
