"""What happens to each place that names a person, when the person asks to be forgotten."""

import enum

GONE_NAME = "\N{EM DASH}"
"""Stands where a name stood; it says the same in every language."""
GONE_DOMAIN = "erased.invalid"
"""No letter is ever sent there (RFC 2606)."""


class Fate(enum.StrEnum):
    """What becomes of a row that belongs to somebody who is forgotten."""

    GOES = "goes"
    STAYS = "stays"
    """It tells of something that happened; of who did it only a row without a name is left."""


FATES = {
    "api_token.user_id": Fate.GOES,
    "basket.user_id": Fate.GOES,
    "company_member.user_id": Fate.GOES,
    "follow.user_id": Fate.GOES,
    "preference.user_id": Fate.GOES,
    "project_owner.user_id": Fate.GOES,
    "recovery_code.user_id": Fate.GOES,
    "user_session.user_id": Fate.GOES,
}
"""By table and column; a column that is not named here stays."""

SECRET = ("hash", "secret", "token", "checkout_key")
"""Columns whose names hold one of these are never handed out: they open doors."""


def is_secret(column: str) -> bool:
    """Say whether a column must not be handed out, not even to whom it belongs."""
    return any(part in column for part in SECRET)


def gone_address(user_id: object) -> str:
    """Return the address of an account that is no more; it is still unlike any other."""
    return f"{user_id}@{GONE_DOMAIN}"
