"""How a list of companies goes on."""

import uuid
from collections.abc import Sequence
from datetime import datetime


def place_of(key: Sequence[object] | None) -> tuple[str, uuid.UUID] | None:
    """Return a decoded cursor of the list of companies; None where it was tampered with."""
    if key is None or len(key) != 2 or not all(isinstance(part, str) for part in key):
        return None
    try:
        name = str(key[0]).replace("\x00", "")
        name.encode()  # half a character is no name
        return name, uuid.UUID(str(key[1]))
    except ValueError:
        return None


def moment_of(key: Sequence[object] | None) -> tuple[datetime, uuid.UUID] | None:
    """Return a decoded cursor of a list by moment; None where it was tampered with."""
    if key is None or len(key) != 2 or not all(isinstance(part, str) for part in key):
        return None
    try:
        moment, identifier = datetime.fromisoformat(str(key[0])), uuid.UUID(str(key[1]))
    except ValueError:
        return None
    return (moment, identifier) if moment.tzinfo else None
