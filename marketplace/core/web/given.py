"""What comes in addresses and forms, without the signs that no text has."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict

from marketplace.core.reading.text import without_controls

Given = Iterable[tuple[str, Any]]  # Any: text, or a file


class PlainTexts(ImmutableMultiDict[str, Any]):
    """Names and texts without control characters.

    PostgreSQL stores no NUL, XML and feeds know none of them, and in a log or a terminal they act.
    """

    def __init__(self, given: Given | None = None) -> None:
        super().__init__(
            [(name, without_controls(one) if isinstance(one, str) else one) for name, one in given]
            if given is not None and not isinstance(given, dict)
            else given
        )


class PlainRequest(Request):
    """A request whose texts are plain."""

    parameter_storage_class = PlainTexts


def init_app(app: Flask) -> None:
    """Let every view read plain texts."""
    app.request_class = PlainRequest
