"""Witnesses: others who put their signature under a checkpoint that they saw."""

from collections.abc import Iterable
from datetime import datetime

from marketplace.core.db import session
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.proofs.models import Cosignature, SignedCheckpoint
from marketplace.proofs.verify import COSIGNED, Checkpoint, Key, Wrong


def cosign(*, size: int, line: str, witnesses: Iterable[Key], now: datetime) -> str:
    """Keep a witness's line under a checkpoint; return the witness's name.

    :raises NotFound: there is no checkpoint of that size.
    :raises Invalid: the line is no cosignature of a witness that we know.
    """
    found = session.get(SignedCheckpoint, size)
    if found is None:
        raise NotFound
    from_whom = _witness_of(found.note + line, witnesses)
    known = session.get(Cosignature, (size, from_whom))
    if known is None:
        session.add(Cosignature(size=size, witness=from_whom, line=line, signed_at=now))
        session.flush()
    return from_whom


def _witness_of(note: str, witnesses: Iterable[Key]) -> str:
    refusal = Invalid(_l("This is no cosignature of a witness that we know."))
    try:
        checkpoint = Checkpoint.read(note)
        name = checkpoint.signatures[-1][0]
        key = next(one for one in witnesses if one.name == name and one.kind == COSIGNED)
        checkpoint.check(key)
    except (Wrong, StopIteration):
        raise refusal from None
    return name
