"""Signing up, signing in, and what people may change about themselves."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import queries
from marketplace.accounts.models import User
from marketplace.accounts.rules import PASSWORD_LENGTHS, is_weak
from marketplace.accounts.service import audit, passwords, sessions
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id


class WrongCredentials(Invalid):
    """The address and the password do not belong together, or the account may not be used.

    One answer for all: it must not tell strangers who has an account here.
    """

    message = _l("This e-mail address and password do not match an account.")


class LinkUsed(Conflict):
    """A link from a letter has done its work, or things have changed since."""

    message = _l("This link was used already, or something has changed since it was sent.")


def ask_sign_up(*, email: str, name: str, locale: str, now: datetime) -> None:
    """Have a letter sent: how to finish, or to who has an account, that they have one."""
    jobs.enqueue("sign_up_mail", email=email, name=name, locale=locale, asked_at=now.isoformat())


def ask_reset(*, email: str, now: datetime) -> None:
    """Have a letter sent to whoever has an account with this address."""
    jobs.enqueue("reset_mail", email=email, asked_at=now.isoformat())


def admit(
    *,
    email: str,
    name: str,
    password: str,
    now: datetime,
    locale: str = "en",
    is_operator: bool = False,
) -> User:
    """Make an account for somebody whose address is known to be theirs.

    :raises Invalid: the password is weak.
    :raises LinkUsed: there is an account with this address.
    """
    refuse_weak(password, email=email, name=name)
    made: User | None = session.scalar(
        postgresql.insert(User)
        .values(
            id=new_id(),
            email=email.lower(),
            name=name,
            password_hash=passwords.hash_password(password),
            locale=locale,
            is_operator=is_operator,
            is_public_supporter=False,
            email_confirmed_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User)
    )
    if made is None:
        raise LinkUsed
    jobs.enqueue("claim_orders", email=made.email, user_id=str(made.id))
    return made


def authenticate(*, email: str, password: str) -> User:
    """Return the person with this address and password, in the same time whatever is wrong.

    :raises WrongCredentials: no such account, wrong password, blocked, address not confirmed.
    """
    user = queries.find_user(email)
    right = passwords.is_password(password, user.password_hash if user else None)
    if user is None or not right or not user.is_active or user.email_confirmed_at is None:
        raise WrongCredentials
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return user


def require_password(user: User, password: str) -> None:
    """Make sure that who asks for a serious change knows the password.

    :raises Invalid: it is wrong.
    """
    if not passwords.is_password(password, user.password_hash):
        raise Invalid(fields={"current_password": _l("This is not your password.")})


def refuse_weak(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is too short, too long or among the first to be tried.

    :raises Invalid: with the field `password`.
    """
    shortest, longest = PASSWORD_LENGTHS
    if len(password) < shortest:
        raise Invalid(fields={"password": _l("Use at least 12 characters.")})
    if len(password) > longest:
        raise Invalid(fields={"password": _l("Use at most 128 characters.")})
    if is_weak(password, email=email, name=name):
        message = _l("This is one of the first passwords somebody would try. Choose another.")
        raise Invalid(fields={"password": message})


def reset_password(*, user: User, password: str, now: datetime) -> None:
    """Set a new password for who followed the link in a letter; sign out everywhere.

    :raises Invalid: the password is weak.
    """
    refuse_weak(password, email=user.email, name=user.name)
    user.password_hash = passwords.hash_password(password)
    user.email_confirmed_at = user.email_confirmed_at or now
    sessions.revoke_sessions(user_id=user.id, keep=None, now=now)
    tell_of_change(user, what="password", now=now)


def change_password(
    *, user_id: uuid.UUID, current: str, password: str, keep: uuid.UUID, now: datetime
) -> None:
    """Change a password and end all sessions but `keep`.

    :raises Invalid: the current password is wrong, or the new one is weak.
    """
    user = queries.lock_user(user_id)
    require_password(user, current)
    refuse_weak(password, email=user.email, name=user.name)
    user.password_hash = passwords.hash_password(password)
    sessions.revoke_sessions(user_id=user.id, keep=keep, now=now)
    tell_of_change(user, what="password", now=now)


def ask_email_change(*, user_id: uuid.UUID, current: str, email: str, now: datetime) -> None:
    """Have a letter with a link sent to the new address; until it is followed nothing changes.

    :raises Invalid: the password is wrong.
    """
    user = queries.get_user(user_id)
    require_password(user, current)
    jobs.enqueue("new_email_mail", user_id=str(user_id), email=email, asked_at=now.isoformat())


def change_email(*, user: User, email: str, now: datetime) -> None:
    """Take over a new address that is proved; tell the old one.

    :raises LinkUsed: somebody else has it by now.
    """
    known = queries.find_user(email)
    if known is not None and known.id != user.id:
        raise LinkUsed
    tell_of_change(user, what="email", now=now)
    user.email = email.lower()
    user.email_confirmed_at = now
    session.flush()
    jobs.enqueue("claim_orders", email=user.email, user_id=str(user.id))


def change_profile(
    *, user_id: uuid.UUID, name: str, locale: str, is_public_supporter: bool
) -> None:
    """Change how somebody is called and addressed, and whether their name may be shown."""
    session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(name=name, locale=locale, is_public_supporter=is_public_supporter)
    )


def block(*, user_id: uuid.UUID, actor: User, reason: str, now: datetime) -> None:
    """Close an account to whoever has it, at once."""
    user = queries.lock_user(user_id)
    user.blocked_at = user.blocked_at or now
    sessions.revoke_sessions(user_id=user_id, keep=None, now=now)
    audit.record(
        actor=actor, action="block", subject_kind="user", subject_id=user_id, reason=reason, now=now
    )


def unblock(*, user_id: uuid.UUID, actor: User, reason: str, now: datetime) -> None:
    """Open a blocked account again."""
    queries.lock_user(user_id).blocked_at = None
    audit.record(
        actor=actor,
        action="unblock",
        subject_kind="user",
        subject_id=user_id,
        reason=reason,
        now=now,
    )


def tell_of_change(user: User, *, what: str, now: datetime) -> None:
    """Have a letter sent to the address that somebody has now, in case it was not them."""
    jobs.enqueue(
        "account_changed_mail",
        email=user.email,
        name=user.name,
        locale=user.locale,
        what=what,
        asked_at=now.isoformat(),
    )
