"""Photos are checked, encoded anew and stored, papers are checked; nothing is written before."""

import hashlib
import re
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import chain
from typing import IO

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.following.rules.pictures import LETTER_WIDTH
from marketplace.media import queries, rules, storage
from marketplace.media.models import Document, Photo

FOLDER = "photos"
PAPERS = "papers"
PRIVATE = "private"
"""What lies here is never given out by its name."""
LONGEST_ALT = 500
ORPHANED_AFTER = timedelta(days=1)
"""Files without a row are older than any transaction by then."""

SWEPT_AT_ONCE = 500
_NAME = re.compile(
    rf"(?:{FOLDER}/([0-9a-f]{{32}})-[0-9]+\.(?:webp|jpg)|(?:{PAPERS}|{PRIVATE})/([0-9a-f]{{32}})\.(?:pdf|webp))"
)


def file_name(key: str, width: int) -> str:
    """Return the storage name of a photo in one width."""
    return f"{FOLDER}/{key}-{width}.webp"


def letter_name(key: str, width: int) -> str:
    """Return the storage name of a photo as letters show it."""
    return f"{FOLDER}/{key}-{width}.jpg"


def find_for_letter(key: str, width: int) -> bytes | None:
    """Return a photo as a JPEG in one of its widths, made when it is first asked for.

    Photos that were there before letters had pictures have one, too, and those that no letter
    tells of take no room. None if there is no such photo, or it is too wide for a letter.
    """
    if width > LETTER_WIDTH:
        return None
    made = storage.find(letter_name(key, width))
    if made is not None:
        return made
    stored = storage.find(file_name(key, width))
    if stored is None:
        return None
    made = rules.as_jpeg(stored)
    storage.put(letter_name(key, width), made)
    return made


def paper_name(key: str) -> str:
    """Return the storage name of a paper."""
    return f"{PAPERS}/{key}.pdf"


def private_name(document: Document) -> str:
    """Return the storage name of a paper that is not for everybody."""
    return f"{PRIVATE}/{document.key}.{document.suffix}"


def store_private(*, upload: IO[bytes], user_id: uuid.UUID, now: datetime) -> Document:
    """Store a paper that only some may read: a PDF is checked, a picture is encoded anew.

    :raises Invalid: it is neither.
    """
    start = upload.read(len(rules.PAPER_BEGINS))
    upload.seek(0)
    if start == rules.PAPER_BEGINS:
        data, suffix = rules.check_paper(upload), "pdf"
    else:
        files = rules.prepare(upload).files
        data, suffix = files[max(files)], "webp"
    document_id = new_id()
    document = Document(
        id=document_id,
        key=document_id.hex,
        sha256=hashlib.sha256(data).digest(),
        size=len(data),
        is_private=True,
        suffix=suffix,
        uploaded_by_id=user_id,
        created_at=now,
    )
    storage.put(private_name(document), data)
    session.add(document)
    session.flush()
    return document


def forget(document: Document) -> None:
    """Let go of a paper that nothing names any more; `sweep_orphans` takes its file away."""
    session.delete(document)
    session.flush()


def store_document(*, upload: IO[bytes], user_id: uuid.UUID | None, now: datetime) -> Document:
    """Check a PDF, store it as it is and add the row.

    It cannot be encoded anew, so whatever could act when it is opened is refused.

    :raises rules.NotAPaper: it is no PDF, too large, locked, or does something.
    """
    data = rules.check_paper(upload)
    document_id = new_id()
    document = Document(
        id=document_id,
        key=document_id.hex,
        sha256=hashlib.sha256(data).digest(),
        size=len(data),
        uploaded_by_id=user_id,
        created_at=now,
    )
    storage.put(paper_name(document.key), data)
    session.add(document)
    session.flush()
    return document


def store_evidence(
    *, upload: IO[bytes], alt: str, user_id: uuid.UUID | None, now: datetime
) -> Photo | Document:
    """Store a receipt or another proof: a picture is encoded anew, a PDF is checked.

    :raises Invalid: it is neither.
    """
    start = upload.read(len(rules.PAPER_BEGINS))
    upload.seek(0)
    if start == rules.PAPER_BEGINS:
        return store_document(upload=upload, user_id=user_id, now=now)
    return store_photo(upload=upload, alt=alt, user_id=user_id, now=now)


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


def withhold(*, photo_ids: Collection[uuid.UUID], now: datetime) -> None:
    """Show photos to nobody any more, as far as nothing else shows them; their files stay."""
    session.execute(
        sa.update(Photo)
        .where(Photo.id.in_(queries.list_unused(photo_ids)), Photo.withheld_at.is_(None))
        .values(withheld_at=now)
    )


def sweep_orphans(*, now: datetime) -> int:
    """Delete stored files that no row knows, older than a day; return how many files."""
    old = [
        (match[1] or match[2], stored.name)
        for stored in chain.from_iterable(map(storage.list_stored, (FOLDER, PAPERS, PRIVATE)))
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
