"""Which project can be chosen, and how it is named in addresses."""

import enum
import re
import uuid

from itsdangerous import BadSignature, URLSafeSerializer

MOST_PHOTOS = 6
"""An update shows at most so many photos."""


class Sort(enum.StrEnum):
    """Orders of the list of projects."""

    NEWEST = "newest"
    GOAL = "goal"


PUBLIC_STATES = ("open", "full", "closed", "suspended")
"""States in which everybody may read a project's page; a proposed one is read by its owners."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    """Return a text without the characters that XML 1.0 (section 2.2) does not allow."""
    return _NOT_IN_XML.sub("", text)


def unfollow_token(secret: str, *, user_id: uuid.UUID, project_id: uuid.UUID) -> str:
    """Return what stands in the foot of a letter; it does not expire, as the letter does not."""
    return str(_signer(secret).dumps([str(user_id), str(project_id)]))


def read_unfollow_token(secret: str, token: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Return whose letters about which project are meant, or None for a forged token."""
    try:
        user_id, project_id = _signer(secret).loads(token)
        return uuid.UUID(user_id), uuid.UUID(project_id)
    except (BadSignature, ValueError):
        return None


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="unfollow")
