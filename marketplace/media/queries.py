"""Reads of photos."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from marketplace.core.db import Base, session
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


def list_withheld() -> frozenset[str]:
    """Return the keys of the photos that are not shown any more."""
    return frozenset(session.scalars(sa.select(Photo.key).where(Photo.withheld_at.is_not(None))))


def list_unused(photo_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return those of some photos that nothing shows, whatever feature would."""
    uses = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column is Photo.__table__.c.id for key in column.foreign_keys)
    ]
    query = sa.select(Photo.id).where(
        Photo.id.in_(photo_ids), *(~sa.exists().where(column == Photo.id) for column in uses)
    )
    return list(session.scalars(query))
