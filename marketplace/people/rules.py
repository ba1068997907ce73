"""How long an invitation holds, and the link in its letter. Pure."""

import enum
import uuid
from datetime import datetime, timedelta

from marketplace.accounts.rules import fits_seal, read_link, sign_link

INVITATION_LIFETIME = timedelta(days=7)
PURPOSE = "invitation"
TITLE_LENGTH = 80


class TeamKind(enum.StrEnum):
    """What people can work for; its value names it in the records of what was done."""

    COMPANY = "company"
    PROJECT = "project"


def invitation_token(invitation_id: uuid.UUID, *, invited_at: datetime, secret_key: str) -> str:
    """Return what stands in the link; the next letter of the same invitation ends this one."""
    return sign_link(
        PURPOSE,
        {"invitation": str(invitation_id)},
        state=invited_at.isoformat(),
        secret_key=secret_key,
        now=invited_at,
        lifetime=INVITATION_LIFETIME,
    )


def read_invitation_token(
    token: str, *, secret_key: str, now: datetime
) -> tuple[uuid.UUID, str] | None:
    """Return which invitation a link is of, and its seal; None where it is forged or too old."""
    read = read_link(PURPOSE, token, secret_key=secret_key, now=now)
    return (uuid.UUID(read[0]["invitation"]), read[1]) if read is not None else None


def is_latest_letter(seal: str, *, invited_at: datetime, secret_key: str) -> bool:
    """Say whether a link stands in the last letter that was sent for its invitation."""
    return fits_seal(PURPOSE, seal, state=invited_at.isoformat(), secret_key=secret_key)
