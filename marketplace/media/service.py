"""Photos are checked, encoded anew and stored; nothing is written before it is checked."""

import re
import uuid
from datetime import datetime, timedelta
from typing import IO

from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.media import queries, rules, storage
from marketplace.media.models import Photo

FOLDER = "photos"
LONGEST_ALT = 500
ORPHANED_AFTER = timedelta(days=1)
"""Files without a row are older than any transaction by then."""

SWEPT_AT_ONCE = 500
_NAME = re.compile(rf"{FOLDER}/([0-9a-f]{{32}})-([0-9]+)\.webp")


def file_name(key: str, width: int) -> str:
    """Return the storage name of a photo in one width."""
    return f"{FOLDER}/{key}-{width}.webp"


def store_photo(*, upload: IO[bytes], alt: str, user_id: uuid.UUID | None, now: datetime) -> Photo:
    """Check a picture, encode it anew in our widths, store the files and add the row.

    If the transaction is undone the files stay behind; `sweep_orphans` takes them away.

    :raises rules.NotAPhoto: it is no picture, or too large.
    """
    if len(alt) > LONGEST_ALT:
        raise Invalid(fields={"alt": _l("Describe the picture in at most 500 characters.")})
    prepared = rules.prepare(upload)
    photo_id = new_id()
    photo = Photo(
        id=photo_id,
        key=photo_id.hex,
        sha256=prepared.sha256,
        width=prepared.width,
        height=prepared.height,
        widths=sorted(prepared.files),
        alt=alt.strip(),
        uploaded_by_id=user_id,
        created_at=now,
    )
    for width, data in prepared.files.items():
        storage.put(file_name(photo.key, width), data)
    session.add(photo)
    session.flush()
    return photo


def sweep_orphans(*, now: datetime) -> int:
    """Delete stored photos that no row knows, older than a day; return how many files."""
    old = [
        (match[1], stored.name)
        for stored in storage.list_stored(FOLDER)
        if stored.modified_at < now - ORPHANED_AFTER and (match := _NAME.search(stored.name))
    ]
    swept = 0
    for start in range(0, len(old), SWEPT_AT_ONCE):
        some = old[start : start + SWEPT_AT_ONCE]
        known = queries.list_known_keys([key for key, _name in some])
        names = [name for key, name in some if key not in known]
        storage.delete(names)
        swept += len(names)
    return swept
