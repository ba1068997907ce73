"""Calls the sandbox in process from the unmodified `stripe` SDK: no port, no network."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from types import TracebackType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import stripe
from requests.structures import CaseInsensitiveDict

ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
)


class WSGITransport(stripe.HTTPClient):
    """An HTTP client of the SDK that hands each request to a WSGI application.

    A connection that the application breaks (chaos) becomes `stripe.APIConnectionError`.
    """

    name = "sandbox"

    def __init__(self, app: Any) -> None:  # any WSGI application; wsgiref's types are stubs only
        super().__init__()
        self._app = app

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # the SDK passes text, bytes or nothing
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request; returns body, status and headers."""
        body = post_data.encode() if isinstance(post_data, str) else (post_data or b"")
        environ = _environ(method, url, dict(headers or {}), body)
        status = 0
        answer: CaseInsensitiveDict[str] = CaseInsensitiveDict()

        def start_response(
            line: str, fields: list[tuple[str, str]], _exc_info: ExcInfo | None = None
        ) -> object:
            nonlocal status
            status = int(line.split(" ", 1)[0])
            answer.update(fields)
            return lambda _data: None

        try:
            chunks: Iterable[bytes] = self._app(environ, start_response)
            text = b"".join(chunks).decode()
        except ConnectionError as error:
            broken = stripe.APIConnectionError("The connection to the sandbox broke.")  # type: ignore[no-untyped-call]  # the SDK's own gap
            broken.should_retry = True
            raise broken from error
        return text, status, answer

    def _sleep_time_seconds(self, num_retries: int) -> float:  # noqa: ARG002  # the SDK passes it
        """Between retries there is nothing to wait for in process."""
        return 0.0

    def close(self) -> None:
        """Nothing is open."""


def _environ(method: str, url: str, headers: dict[str, str], body: bytes) -> dict[str, object]:
    parts = urlsplit(url)
    environ: dict[str, object] = {
        "REQUEST_METHOD": method.upper(),
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "sandbox",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme or "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = str(value)
    return environ
