"""The second factor: a code that an app on the phone makes from a secret and the time."""

import uuid
from datetime import datetime

import pyotp

from marketplace.accounts import queries
from marketplace.accounts.models import User
from marketplace.accounts.policies import may_drop_second_factor
from marketplace.accounts.rules import totp_step
from marketplace.accounts.service import audit, people, recovery
from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.core.i18n import _l

ISSUER = "Causeway"


class WrongCode(Invalid):
    """The code is wrong, too old, or was used before."""

    message = _l("This code is not right. Wait for the next one and enter that.")

    def __init__(self) -> None:
        super().__init__(fields={"code": self.message})


def propose_secret(*, user_id: uuid.UUID) -> str:
    """Return the secret to be put into the app, made once until it is confirmed.

    :raises Conflict: a second factor is in use.
    """
    user = queries.lock_user(user_id)
    if user.totp_confirmed_at is not None:
        raise Conflict
    if user.totp_secret is None:
        user.totp_secret = pyotp.random_base32()
    return user.totp_secret


def otpauth_uri(user: User, secret: str) -> str:
    """Return what the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def enrol(*, user_id: uuid.UUID, current: str, code: str, now: datetime) -> list[str]:
    """Put a second factor in use, once it has shown a right code; return the recovery codes.

    :raises Invalid: the password or the code is wrong.
    """
    user = queries.lock_user(user_id)
    people.require_password(user, current)
    if user.totp_confirmed_at is not None:
        raise Conflict
    if not _is_code(user, code, now):
        raise WrongCode
    user.totp_confirmed_at = now
    people.tell_of_change(user, what="second_factor_on", now=now)
    return recovery.issue_codes(user_id=user_id, now=now)


def prove(*, user_id: uuid.UUID, code: str, now: datetime) -> User:
    """Take a code of the app, or a recovery code, from somebody who has a second factor; once.

    :raises WrongCode: it is wrong, or was used.
    """
    user = queries.lock_user(user_id)
    if user.totp_confirmed_at is None:
        raise WrongCode
    _use_code(user, code, now)
    return user


def renew_codes(*, user_id: uuid.UUID, current: str, code: str, now: datetime) -> list[str]:
    """Return new recovery codes in place of the old ones.

    :raises Invalid: the password or the code is wrong, or there is no second factor.
    """
    user = queries.lock_user(user_id)
    people.require_password(user, current)
    if user.totp_confirmed_at is None:
        raise WrongCode
    _use_code(user, code, now)
    people.tell_of_change(user, what="recovery_codes", now=now)
    return recovery.issue_codes(user_id=user_id, now=now)


def drop(*, user_id: uuid.UUID, current: str, code: str, now: datetime) -> None:
    """Go without a second factor again.

    :raises Forbidden: operators need one.
    :raises Invalid: the password or the code is wrong.
    """
    user = queries.lock_user(user_id)
    if not may_drop_second_factor(user):
        raise Forbidden(_l("Whoever runs the marketplace needs a second factor."))
    people.require_password(user, current)
    _use_code(user, code, now)
    _clear(user)
    people.tell_of_change(user, what="second_factor_off", now=now)


def take_away(*, user_id: uuid.UUID, actor: User | None, reason: str, now: datetime) -> None:
    """Free somebody from a second factor that was lost with the phone; they set up a new one."""
    user = queries.lock_user(user_id)
    _clear(user)
    people.tell_of_change(user, what="second_factor_off", now=now)
    audit.record(
        actor=actor,
        action="take_away_second_factor",
        subject_kind="user",
        subject_id=user_id,
        reason=reason,
        now=now,
    )


def _use_code(user: User, code: str, now: datetime) -> None:
    """Take a code of the app or a recovery code.

    :raises WrongCode: it is neither, or was used.
    """
    if not _is_code(user, code, now) and not recovery.use_code(user=user, text=code, now=now):
        raise WrongCode


def _is_code(user: User, code: str, now: datetime) -> bool:
    """Say whether the app shows this code, and remember that it was used."""
    if user.totp_secret is None:
        return False
    step = totp_step(user.totp_secret, code, now=now, last_step=user.totp_last_step)
    if step is not None:
        user.totp_last_step = step
    return step is not None


def _clear(user: User) -> None:
    """Forget the secret, but not the last step: a code seen before stays used."""
    user.totp_secret = None
    user.totp_confirmed_at = None
    recovery.forget_codes(user_id=user.id)
