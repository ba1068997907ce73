"""What comes in addresses and forms: texts without what no text has, numbers that rows can have."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

from marketplace.core.reading.text import one_line, without_controls

LARGEST_NUMBER = 2**63 - 1

Given = Iterable[tuple[str, Any]]  # Any: text, or a file


class PlainTexts(ImmutableMultiDict[str, Any]):
    """Names and texts without control characters; the names of files are on one line.

    PostgreSQL stores no NUL, XML and feeds know none of them, and in a log or a terminal they act.
    """

    def __init__(self, given: Given | None = None) -> None:
        super().__init__(
            [(name, _plain(one)) for name, one in given]
            if given is not None and not isinstance(given, dict)
            else given
        )


def _plain(given: Any) -> Any:  # Any: text, or a file
    if isinstance(given, FileStorage) and given.filename:
        given.filename = one_line(given.filename)
    return without_controls(given) if isinstance(given, str) else given


class PlainRequest(Request):
    """A request whose texts are plain."""

    parameter_storage_class = PlainTexts


class RowNumber(IntegerConverter):
    """A number in a path, no larger than PostgreSQL's largest."""

    def __init__(self, rules: Map, **options: Any) -> None:  # Any: werkzeug's own
        super().__init__(rules, **{"max": LARGEST_NUMBER, **options})


def init_app(app: Flask) -> None:
    """Let every view read plain texts; it comes before any route."""
    app.request_class = PlainRequest
    app.url_map.converters["int"] = RowNumber
