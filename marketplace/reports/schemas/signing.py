"""A report for programs with a signature, so that a copy of it can be checked anywhere."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from marketplace.reports.models import Claim, Version
from marketplace.reports.schemas.output import ReportOutput, output_of


class Signs(Protocol):
    """Who signs: the one who signs the public log."""

    @property
    def key(self) -> object:
        """What others need to check the signature."""

    def line(self, body: str) -> str:
        """Return the signature under a text."""


def digest_of(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a document without its signature, in one way of writing (RFC 8785)."""
    bare = {name: value for name, value in document.items() if name != "signature"}
    text = json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def signed_text(digest: str) -> str:
    """Return what is signed: two lines, which can be no checkpoint of the log."""
    return f"causeway report\n{digest}\n"


def signed_output(
    version: Version, claims: Sequence[Claim], *, public_url: str, is_newest: bool, signer: Signs
) -> dict[str, Any]:  # Any: JSON
    """Return a version of a report as JSON, signed."""
    told = output_of(version, claims, public_url=public_url, is_newest=is_newest)
    dumped: dict[str, Any] = ReportOutput().dump(told)  # Any: JSON
    digest = digest_of(dumped)
    line = signer.line(signed_text(digest)).strip()
    return dumped | {"signature": {"sha256": digest, "signed": line, "key": str(signer.key)}}
