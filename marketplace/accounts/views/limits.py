"""How often strangers may try: counted before the work, in a transaction of its own."""

from datetime import datetime

from flask import current_app, request

from marketplace.accounts import service
from marketplace.accounts.rules import hash_address, keyed_hash
from marketplace.core.db import atomic

MINUTES = 60
HOUR = 60 * MINUTES
DAY = 24 * HOUR


def try_sign_in(email: str, *, now: datetime) -> str:
    """Count a try to sign in; return the key to forgive if it was right.

    Few tries from one address at one account, so that nobody can lock another out; more at one
    account and from one address altogether.

    :raises TooMany: with the seconds to wait.
    """
    who, where = _who(email), _where(now)
    _count(f"sign-in|{where}", 200, 10 * MINUTES, now)
    _count(f"sign-in|{who}", 100, HOUR, now)
    both = f"sign-in|{who}|{where}"
    _count(both, 6, 10 * MINUTES, now)
    return both


def try_letter(kind: str, email: str, *, now: datetime) -> None:
    """Count a letter that a stranger has sent to an address.

    :raises TooMany: with the seconds to wait.
    """
    _count(f"{kind}|{_where(now)}", 30, HOUR, now)
    _count(f"{kind}|{_who(email)}", 5, HOUR, now)


def try_code(user_id: object, *, now: datetime) -> None:
    """Count a try of a second factor: a million codes, of which three are right at a time.

    :raises TooMany: with the seconds to wait.
    """
    _count(f"code|{user_id}|day", 50, DAY, now)
    _count(f"code|{user_id}", 6, 5 * MINUTES, now)


def try_password(user_id: object, *, now: datetime) -> None:
    """Count a try of the password by who is signed in already.

    :raises TooMany: with the seconds to wait.
    """
    _count(f"password|{user_id}", 10, 10 * MINUTES, now)


def try_as_stranger(kind: str, most: int, *, now: datetime, seconds: int = 10 * MINUTES) -> None:
    """Count something that anybody may send, by where it comes from.

    :raises TooMany: with the seconds to wait.
    """
    _count(f"{kind}|{_where(now)}", most, seconds, now)


def try_post(kind: str, user_id: object, *, most: int = 10, now: datetime) -> None:
    """Count something that somebody signed in puts before everybody; `most` an hour.

    :raises TooMany: with the seconds to wait.
    """
    _count(f"{kind}|{user_id}", most, HOUR, now)


def _count(key: str, limit: int, seconds: int, now: datetime) -> None:
    with atomic():
        service.allow(key=key, limit=limit, window_seconds=seconds, now=now)


def _who(email: str) -> str:
    return keyed_hash(email.strip().lower(), secret_key=str(current_app.secret_key))


def _where(now: datetime) -> str:
    """Return this visitor's network address, unreadable, and another one tomorrow."""
    return hash_address(
        request.remote_addr or "", day=now.date(), secret_key=str(current_app.secret_key)
    )
