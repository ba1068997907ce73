"""Sessions: rows that begin at sign-in and end when revoked or old."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User, UserSession
from marketplace.accounts.policies import may_revoke_session
from marketplace.accounts.rules import SESSION_IDLE, hash_secret
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_id, new_token

USER_AGENT_LENGTH = 300


def begin_session(
    *, user: User, user_agent: str, now: datetime, second_factor_at: datetime | None = None
) -> str:
    """Begin a session and return its token, which goes into the browser's cookie."""
    token = new_token()
    session.add(
        UserSession(
            id=new_id(),
            user_id=user.id,
            token_hash=hash_secret(token),
            user_agent=user_agent[:USER_AGENT_LENGTH],
            second_factor_at=second_factor_at,
            created_at=now,
            seen_at=now,
        )
    )
    session.flush()
    return token


def rotate_session(
    *, session_id: uuid.UUID, now: datetime, second_factor_at: datetime | None = None
) -> str:
    """Give a session a new token, because it may do more from now on; return the token."""
    token = new_token()
    changes: dict[str, object] = {"token_hash": hash_secret(token), "seen_at": now}
    if second_factor_at is not None:
        changes["second_factor_at"] = second_factor_at
    session.execute(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.revoked_at.is_(None))
        .values(changes)
    )
    return token


def note_seen(*, session_id: uuid.UUID, now: datetime) -> None:
    """Remember that a session was used."""
    session.execute(sa.update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def revoke_session(*, user: User, session_id: uuid.UUID, now: datetime) -> None:
    """End one of somebody's sessions.

    :raises NotFound: it is not theirs, or there is none.
    """
    found = session.get(UserSession, session_id)
    if found is None or not may_revoke_session(user, found):
        raise NotFound
    found.revoked_at = found.revoked_at or now


def revoke_sessions(*, user_id: uuid.UUID, keep: uuid.UUID | None, now: datetime) -> None:
    """End all of somebody's sessions but one."""
    ended = sa.update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if keep is not None:
        ended = ended.where(UserSession.id != keep)
    session.execute(ended.values(revoked_at=now))


def purge_sessions(*, now: datetime) -> None:
    """Forget sessions that ended long ago."""
    old = now - SESSION_IDLE
    session.execute(
        sa.delete(UserSession).where(
            sa.or_(UserSession.revoked_at < old, UserSession.seen_at < old)
        )
    )
