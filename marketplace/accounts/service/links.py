"""Links in letters: each is bound to how things were, so that it works once."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.accounts import queries
from marketplace.accounts.models import User
from marketplace.accounts.rules import fits_seal, read_link, sign_link
from marketplace.accounts.service.people import LinkUsed

SIGN_UP_LIFETIME = timedelta(days=3)
RESET_LIFETIME = timedelta(hours=2)
NEW_EMAIL_LIFETIME = timedelta(days=1)
SECOND_STEP_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Links:
    """Makes and reads links, with the installation's secret key."""

    secret_key: str

    def for_sign_up(self, *, email: str, name: str, locale: str, now: datetime) -> str:
        """Return the token with which who reads mail at `email` can make an account."""
        values = {"email": email, "name": name, "locale": locale}
        return self._sign("sign-up", values, state="", now=now, lifetime=SIGN_UP_LIFETIME)

    def read_sign_up(self, token: str, *, now: datetime) -> dict[str, str]:
        """Return whose account is to be made.

        :raises LinkUsed: forged, too old, or there is an account by now.
        """
        read = read_link("sign-up", token, secret_key=self.secret_key, now=now)
        if read is None or queries.find_user(read[0]["email"]) is not None:
            raise LinkUsed
        return read[0]

    def for_reset(self, user: User, *, now: datetime) -> str:
        """Return the token with which somebody can set a new password."""
        return self._for_user("reset", user, {}, now=now, lifetime=RESET_LIFETIME)

    def read_reset(self, token: str, *, now: datetime) -> User:
        """Return whose password is to be set, locked.

        :raises LinkUsed: forged, too old, used, or the account is blocked.
        """
        return self._read_user("reset", token, now=now)[0]

    def for_new_email(self, user: User, email: str, *, now: datetime) -> str:
        """Return the token that proves that somebody reads mail at a new address."""
        return self._for_user(
            "new-email", user, {"email": email}, now=now, lifetime=NEW_EMAIL_LIFETIME
        )

    def read_new_email(self, token: str, *, now: datetime) -> tuple[User, str]:
        """Return whose address is to be changed, locked, and the new one.

        :raises LinkUsed: forged, too old, used, or the account is blocked.
        """
        user, values = self._read_user("new-email", token, now=now)
        return user, values["email"]

    def for_second_step(self, user: User, *, stays: bool, now: datetime) -> str:
        """Return what shows that the password was right and the code is still to come."""
        values = {"stays": "yes" if stays else ""}
        return self._for_user("second-step", user, values, now=now, lifetime=SECOND_STEP_LIFETIME)

    def read_second_step(self, token: str, *, now: datetime) -> tuple[User, bool]:
        """Return who has still to enter a code, locked, and whether they want to stay.

        :raises LinkUsed: forged or too old, or the password has changed.
        """
        user, values = self._read_user("second-step", token, now=now)
        return user, bool(values["stays"])

    def _for_user(
        self,
        purpose: str,
        user: User,
        values: dict[str, str],
        *,
        now: datetime,
        lifetime: timedelta,
    ) -> str:
        whole = {"user": str(user.id), **values}
        return self._sign(purpose, whole, state=_state(user), now=now, lifetime=lifetime)

    def _read_user(self, purpose: str, token: str, *, now: datetime) -> tuple[User, dict[str, str]]:
        read = read_link(purpose, token, secret_key=self.secret_key, now=now)
        if read is None:
            raise LinkUsed
        values, seal = read
        user = queries.lock_user(uuid.UUID(values["user"]))
        as_then = fits_seal(purpose, seal, state=_state(user), secret_key=self.secret_key)
        if not as_then or not user.is_active:
            raise LinkUsed
        return user, values

    def _sign(
        self,
        purpose: str,
        values: dict[str, str],
        *,
        state: str,
        now: datetime,
        lifetime: timedelta,
    ) -> str:
        return sign_link(
            purpose, values, state=state, secret_key=self.secret_key, now=now, lifetime=lifetime
        )


def _state(user: User) -> str:
    """Return what changes when a link has done its work, or when another one did."""
    return f"{user.email}|{user.password_hash}"
