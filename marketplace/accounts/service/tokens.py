"""Keys for programs: shown once, of which only the hash is kept."""

import uuid
from datetime import datetime, timedelta

from marketplace.accounts.models import ApiToken, User
from marketplace.accounts.rules import SCOPES, TOKEN_PREFIX, hash_secret
from marketplace.core.db import session
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id, new_token

USED_EVERY = timedelta(hours=1)


def issue_token(*, user: User, name: str, scopes: list[str], now: datetime) -> tuple[ApiToken, str]:
    """Make a key and return it with its secret, `cw_<id>_<secret>`, which is kept nowhere.

    :raises Invalid: a scope is unknown, or there is none.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Invalid(fields={"scopes": _l("Choose what the key may do.")})
    token_id = new_id()
    secret = f"{TOKEN_PREFIX}{token_id.hex[-12:]}_{new_token()}"
    token = ApiToken(
        id=token_id,
        user_id=user.id,
        name=name,
        secret_hash=hash_secret(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
    )
    session.add(token)
    session.flush()
    return token, secret


def note_used(*, token: ApiToken, now: datetime) -> None:
    """Remember, at most once an hour, that a key is in use."""
    if token.used_at is None or now - token.used_at > USED_EVERY:
        token.used_at = now


def revoke_token(*, user: User, token_id: uuid.UUID, now: datetime) -> None:
    """End one of somebody's keys.

    :raises NotFound: it is not theirs, or there is none.
    """
    token = session.get(ApiToken, token_id)
    if token is None or token.user_id != user.id:
        raise NotFound
    token.revoked_at = token.revoked_at or now
