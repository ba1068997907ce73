"""Where files lie: a folder or an S3 bucket, by MEDIA_URL. Names are made by us."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, MemoryStore, S3Store

Store = LocalStore | S3Store | MemoryStore


class NotConfigured(RuntimeError):
    """Nobody said yet where files lie."""


@dataclass(frozen=True)
class Stored:
    """A file that lies in the storage; `size` in bytes."""

    name: str
    size: int
    modified_at: datetime


_stores: dict[str, Store] = {}


def configure(url: str) -> None:
    """Choose the storage of this process.

    `file:FOLDER`, or `s3://bucket/prefix?endpoint=...&region=...`; the keys of S3 come from
    `s3://key:secret@bucket` or from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    """
    _stores["used"] = _open(url)


def _open(url: str) -> Store:
    if url.startswith("file:"):
        folder = Path(unquote(url.removeprefix("file:").removeprefix("//")))
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(folder.absolute())
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    config = {
        "endpoint": options.get("endpoint"),
        "region": options.get("region"),
        "access_key_id": unquote(parts.username) if parts.username else None,
        "secret_access_key": unquote(parts.password) if parts.password else None,
    }
    is_plain = (options.get("endpoint") or "").startswith("http://")
    return S3Store(
        parts.hostname or "",
        prefix=parts.path.strip("/") or None,
        config={name: value for name, value in config.items() if value},  # type: ignore[arg-type]  # the names are the driver's own
        client_options={"allow_http": is_plain, "timeout": "30s"},
    )


def _store() -> Store:
    try:
        return _stores["used"]
    except KeyError:
        raise NotConfigured from None


def put(name: str, data: bytes | IO[bytes]) -> None:
    """Store a file, replacing one of the same name. A file object is read in parts."""
    obstore.put(_store(), name, data)


def find(name: str) -> bytes | None:
    """Return a file's bytes, or None if there is no such file."""
    try:
        return bytes(obstore.get(_store(), name).bytes())
    except (NotFoundError, FileNotFoundError):
        return None


def copy_to(name: str, target: IO[bytes]) -> bool:
    """Write a file to `target` in parts; return whether there is one."""
    try:
        parts = obstore.get(_store(), name).stream(min_chunk_size=1024 * 1024)
    except (NotFoundError, FileNotFoundError):
        return False
    target.writelines(bytes(part) for part in parts)
    return True


def stream(name: str) -> Iterator[bytes] | None:
    """Return a file's bytes in parts, or None if there is no such file."""
    try:
        found = obstore.get(_store(), name)
    except (NotFoundError, FileNotFoundError):
        return None
    return (bytes(part) for part in found.stream(min_chunk_size=256 * 1024))


def delete(names: Sequence[str]) -> None:
    """Delete files; one that is not there is no mistake."""
    for name in names:
        try:
            obstore.delete(_store(), name)
        except (NotFoundError, FileNotFoundError):
            continue


def list_stored(prefix: str) -> Iterator[Stored]:
    """Yield what lies under a prefix."""
    for page in obstore.list(_store(), prefix):
        for entry in page:
            yield Stored(entry["path"], entry["size"], entry["last_modified"])
