"""Reads of photos."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.media.models import Document, Photo


def get_photo(photo_id: uuid.UUID) -> Photo:
    """Return a photo.

    :raises NotFound: there is none.
    """
    photo = session.get(Photo, photo_id)
    if photo is None:
        raise NotFound
    return photo


def list_known_keys(keys: Sequence[str]) -> set[str]:
    """Return which of the keys belong to a photo or a paper."""
    known = sa.union_all(
        sa.select(Photo.key).where(Photo.key.in_(keys)),
        sa.select(Document.key).where(Document.key.in_(keys)),
    )
    return set(session.scalars(known))
