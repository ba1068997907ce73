"""People and servers elsewhere: what is kept of them, and when it is forgotten."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.federation.models import (
    Delivery,
    DeliveryState,
    IncomingActivity,
    OutgoingActivity,
    RemoteActor,
    RemoteFollow,
    RemoteHost,
    UpdateComment,
)
from marketplace.federation.rules.addresses import host_of
from marketplace.federation.rules.reading import Person
from marketplace.federation.rules.waiting import KEEP_DELIVERIES

LEFT_UNREAD = timedelta(days=2)


def keep_actor(*, person: Person, now: datetime) -> RemoteActor:
    """Remember somebody as their server describes them now."""
    host = host_of(person.uri)
    session.execute(
        postgresql.insert(RemoteHost)
        .values(host=host, first_seen_at=now, problem="")
        .on_conflict_do_nothing()
    )
    said = {
        "handle": person.handle,
        "name": person.name,
        "url": person.url,
        "inbox": person.inbox,
        "shared_inbox": person.shared_inbox,
        "keys": dict(person.keys),
        "fetched_at": now,
    }
    return session.scalars(
        postgresql.insert(RemoteActor)
        .values(id=new_id(), uri=person.uri, host=host, **said)
        .on_conflict_do_update(index_elements=[RemoteActor.uri], set_=said)
        .returning(RemoteActor),
        execution_options={"populate_existing": True},
    ).one()


def forget_actor(*, actor: RemoteActor) -> None:
    """Forget somebody who is gone, with all that they said here."""
    session.execute(sa.delete(RemoteActor).where(RemoteActor.id == actor.id))


def purge(*, now: datetime) -> None:
    """Forget what was delivered, people of whom nothing is left, and what nobody could read."""
    long_ago = now - KEEP_DELIVERIES
    session.execute(
        sa.delete(Delivery).where(
            Delivery.state != DeliveryState.WAITING, Delivery.created_at < long_ago
        )
    )
    session.execute(
        sa.delete(OutgoingActivity).where(
            OutgoingActivity.update_id.is_(None),
            OutgoingActivity.created_at < long_ago,
            ~sa.exists().where(Delivery.activity_id == OutgoingActivity.id),
        )
    )
    session.execute(
        sa.delete(RemoteActor).where(
            RemoteActor.fetched_at < long_ago,
            ~sa.exists().where(RemoteFollow.actor_id == RemoteActor.id),
            ~sa.exists().where(UpdateComment.actor_id == RemoteActor.id),
        )
    )
    session.execute(
        sa.delete(IncomingActivity).where(IncomingActivity.received_at < now - LEFT_UNREAD)
    )
