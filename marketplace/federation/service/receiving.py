"""What others tell us, once it is sure who they are."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import RateWindow
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, TooMany
from marketplace.core.ids import new_id
from marketplace.core.rich_text import safe_html
from marketplace.federation import queries
from marketplace.federation.models import (
    CommentState,
    IncomingActivity,
    RemoteActor,
    RemoteFollow,
    RemoteReport,
    UpdateComment,
)
from marketplace.federation.rules import documents, reading
from marketplace.federation.rules.addresses import Addresses, host_of
from marketplace.federation.rules.reading import Activity, NotUnderstood, Post
from marketplace.federation.rules.signatures import CLOCKS_DIFFER, STAYS_FRESH, Request
from marketplace.federation.service.people import forget_actor
from marketplace.federation.service.telling import note_heard, send_to

STAYS_DELETED = timedelta(days=30)
MOST_REPORTED = 20
LONGEST_COMMENT = 5_000
"""Letters of a comment that is shown here; the whole stands where it was written."""


class SeenBefore(Conflict):
    """The very same signed request came before: somebody plays it back."""


def keep_for_later(*, request: Request, body: bytes, now: datetime) -> IncomingActivity:
    """Keep what is signed with a key that we have to ask for first."""
    row = IncomingActivity(
        id=new_id(),
        method=request.method,
        path=request.path,
        headers=dict(request.headers),
        body=body,
        attempts=0,
        received_at=now,
    )
    session.add(row)
    session.flush()
    jobs.enqueue("federation_receive", incoming_id=str(row.id))
    return row


def apply(
    *, activity: Activity, actor: RemoteActor, signature: bytes, at: Addresses, now: datetime
) -> None:
    """Do what an activity asks for; what we do not know does nothing.

    :raises SeenBefore: this signature was used before.
    :raises NotUnderstood: it contradicts itself, or comes from somebody else than it is about.
    """
    try:
        accounts.allow(
            key=f"signed|{sha256(signature).hexdigest()}",
            limit=1,
            window_seconds=int((STAYS_FRESH + CLOCKS_DIFFER).total_seconds()),
            now=now,
        )
    except TooMany:
        raise SeenBefore from None
    note_heard(actor.host, now=now)
    do = _DOES.get(activity.kind)
    if do is not None:
        do(activity, actor, at, now)


def _follow(activity: Activity, actor: RemoteActor, at: Addresses, now: datetime) -> None:
    project_id = at.project_id_of(activity.object_id)
    if project_id is None or queries.find_project(project_id) is None:
        return
    session.execute(
        postgresql.insert(RemoteFollow)
        .values(project_id=project_id, actor_id=actor.id, follow_uri=activity.id, created_at=now)
        .on_conflict_do_update(
            index_elements=[RemoteFollow.project_id, RemoteFollow.actor_id],
            set_={"follow_uri": activity.id},
        )
    )
    answer = documents.accept(
        at,
        project_id,
        follow_uri=activity.id,
        actor=actor.uri,
        key=sha256(activity.id.encode()).hexdigest()[:16],
    )
    send_to(actor, project_id, answer, now=now)


def _undo(activity: Activity, actor: RemoteActor, at: Addresses, _now: datetime) -> None:
    thing = activity.thing
    if thing and "Follow" not in reading.kinds_of(thing):
        return
    if reading.id_of(thing.get("actor", actor.uri)) != actor.uri:
        raise NotUnderstood("another's follow")
    project_id = at.project_id_of(reading.id_of(thing.get("object")))
    which = sa.or_(
        RemoteFollow.follow_uri == activity.object_id, RemoteFollow.project_id == project_id
    )
    session.execute(sa.delete(RemoteFollow).where(RemoteFollow.actor_id == actor.id, which))


def _create(activity: Activity, actor: RemoteActor, at: Addresses, now: datetime) -> None:
    post = reading.read_post(activity.thing, by=actor.uri)
    update_id = _answered(post, at)
    gone = session.get(RateWindow, _deleted(post.uri))
    if not post.is_public or update_id is None or (gone is not None and gone.expires_at > now):
        return
    update = queries.find_update(update_id)
    if update is None:
        return
    session.execute(
        postgresql.insert(UpdateComment)
        .values(
            id=new_id(),
            update_id=update.id,
            project_id=update.project_id,
            actor_id=actor.id,
            uri=post.uri,
            url=post.url,
            html=clean(post.html),
            state=CommentState.WAITING,
            published_at=min(post.published_at or now, now),
            received_at=now,
        )
        .on_conflict_do_nothing()
    )


def clean(html: str) -> str:
    """Return what somebody wrote elsewhere as it can be shown here; its end may be missing."""
    cleaned = safe_html(html)
    return cleaned if len(cleaned) <= LONGEST_COMMENT else safe_html(cleaned[:LONGEST_COMMENT])


def _answered(post: Post, at: Addresses) -> uuid.UUID | None:
    """Return the update that a post answers to, or that the comment it answers to is on."""
    ours = at.update_id_of(post.in_reply_to)
    if ours is not None or not post.in_reply_to:
        return ours
    return session.scalar(
        sa.select(UpdateComment.update_id).where(UpdateComment.uri == post.in_reply_to)
    )


def _deleted(uri: str) -> str:
    return f"deleted|{sha256(uri.encode()).hexdigest()}"


def _update(activity: Activity, actor: RemoteActor, _at: Addresses, now: datetime) -> None:
    if activity.object_id == actor.uri:
        jobs.enqueue("federation_refresh", uri=actor.uri)
        return
    post = reading.read_post(activity.thing, by=actor.uri)
    comment = session.scalar(
        sa.select(UpdateComment)
        .where(UpdateComment.uri == post.uri, UpdateComment.actor_id == actor.id)
        .with_for_update()
    )
    html = clean(post.html)
    if comment is not None and not post.is_public:
        session.delete(comment)
    elif comment is not None and comment.html != html:
        # What was agreed to is not what stands there now.
        comment.html, comment.received_at = html, now
        comment.state, comment.decided_at = CommentState.WAITING, None
    session.flush()


def _delete(activity: Activity, actor: RemoteActor, _at: Addresses, now: datetime) -> None:
    if activity.object_id == actor.uri:
        forget_actor(actor=actor)
        return
    session.execute(
        sa.delete(UpdateComment).where(
            UpdateComment.uri == activity.object_id, UpdateComment.actor_id == actor.id
        )
    )
    if host_of(activity.object_id) == actor.host:
        over = STAYS_DELETED.total_seconds()
        accounts.allow(
            key=_deleted(activity.object_id), limit=1_000_000, window_seconds=int(over), now=now
        )


def _flag(activity: Activity, actor: RemoteActor, at: Addresses, now: datetime) -> None:
    named = activity.whole.get("object")
    ids = [reading.id_of(part) for part in (named if isinstance(named, list) else [named])]
    ours = [uri for uri in dict.fromkeys(ids) if at.is_ours(uri)][:MOST_REPORTED]
    text = activity.whole.get("content")
    if not ours:
        return
    session.execute(
        postgresql.insert(RemoteReport)
        .values(
            id=new_id(),
            host=actor.host,
            uri=activity.id,
            about=ours,
            text=text[:LONGEST_COMMENT] if isinstance(text, str) else "",
            received_at=now,
        )
        .on_conflict_do_nothing()
    )


_DOES: dict[str, Callable[[Activity, RemoteActor, Addresses, datetime], None]] = {
    "Follow": _follow,
    "Undo": _undo,
    "Create": _create,
    "Update": _update,
    "Delete": _delete,
    "Flag": _flag,
}
