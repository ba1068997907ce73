"""Reads about people."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import ApiToken, AuditEntry, RecoveryCode, User, UserSession
from marketplace.accounts.rules import SESSION_IDLE, TOKEN_PREFIX, hash_secret
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of

ENTRIES_SHOWN = 100
ACTIONS_ON_PAGE = 50


def find_user(email: str) -> User | None:
    """Return the person with an address, however its letters are written."""
    return session.scalar(sa.select(User).where(User.email == email.lower()))


def list_operators() -> Sequence[User]:
    """Return the operators who may sign in."""
    return session.scalars(
        sa.select(User).where(User.is_operator, User.blocked_at.is_(None)).order_by(User.id)
    ).all()


def get_user(user_id: uuid.UUID) -> User:
    """Return a person.

    :raises NotFound: there is none.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def lock_user(user_id: uuid.UUID) -> User:
    """Return a person as they are now, kept from changing until the transaction ends.

    :raises NotFound: there is none.
    """
    statement = sa.select(User).where(User.id == user_id).with_for_update(of=User)
    user = session.scalar(statement, execution_options={"populate_existing": True})
    if user is None:
        raise NotFound
    return user


def find_session(token: str, now: datetime) -> UserSession | None:
    """Return a live session with its person, in one statement."""
    return session.scalar(
        sa.select(UserSession).where(
            UserSession.token_hash == hash_secret(token),
            UserSession.revoked_at.is_(None),
            UserSession.seen_at > now - SESSION_IDLE,
        )
    )


def list_sessions(user_id: uuid.UUID, now: datetime) -> Sequence[UserSession]:
    """Return where somebody is signed in, the last used first."""
    return session.scalars(
        sa.select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.seen_at > now - SESSION_IDLE,
        )
        .order_by(UserSession.seen_at.desc(), UserSession.id)
        .limit(ENTRIES_SHOWN)
    ).all()


def count_recovery_codes(user_id: uuid.UUID) -> int:
    """Return how many recovery codes somebody has left."""
    left = sa.select(sa.func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def list_recovery_hashes(user_id: uuid.UUID) -> set[bytes]:
    """Return the hashes of somebody's recovery codes, of used ones too."""
    rows = session.scalars(sa.select(RecoveryCode.code_hash).where(RecoveryCode.user_id == user_id))
    return set(rows)


def find_token(secret: str) -> ApiToken | None:
    """Return a live API token with its person; None also where the person is blocked."""
    if not secret.startswith(TOKEN_PREFIX):
        return None
    token = session.scalar(
        sa.select(ApiToken).where(
            ApiToken.secret_hash == hash_secret(secret), ApiToken.revoked_at.is_(None)
        )
    )
    return token if token is not None and token.user.is_active else None


def list_tokens(user_id: uuid.UUID) -> Sequence[ApiToken]:
    """Return somebody's live API tokens, the newest first."""
    return session.scalars(
        sa.select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.created_at.desc(), ApiToken.id)
        .limit(ENTRIES_SHOWN)
    ).all()


def list_audit(subject_kind: str, subject_id: object) -> Sequence[AuditEntry]:
    """Return what was done to something, the latest first."""
    return session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == str(subject_id))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(ENTRIES_SHOWN)
    ).all()


def list_actions(
    *,
    who: str = "",
    action: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: tuple[datetime, uuid.UUID] | None = None,
) -> Page[AuditEntry]:
    """Return a page of the audit log, the latest first.

    :param who: somebody's address; "-" means the system itself
    :param action: a word of the log
    :param subject: a kind of thing, or a kind and an id with a space between
    :param before: the moment and id of the last entry that was seen
    """
    query = sa.select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    query = query.where(*_done(who, action, subject))
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    if before is not None:
        query = query.where(sa.tuple_(AuditEntry.at, AuditEntry.id) < before)
    rows = session.scalars(query.limit(ACTIONS_ON_PAGE + 1)).all()
    return page_of(rows, ACTIONS_ON_PAGE, lambda entry: (entry.at.isoformat(), entry.id))


def _done(who: str, action: str, subject: str) -> Iterator[sa.ColumnElement[bool]]:
    if who == "-":
        yield AuditEntry.actor_id.is_(None)
    elif who:
        actor = sa.select(User.id).where(User.email == who.lower()).scalar_subquery()
        yield AuditEntry.actor_id == actor
    if action:
        yield AuditEntry.action == action
    kind, _, subject_id = subject.partition(" ")
    if kind:
        yield AuditEntry.subject_kind == kind
    if subject_id:
        yield AuditEntry.subject_id == subject_id.strip()
