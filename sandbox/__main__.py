"""Serve the sandbox over HTTP: `python -m sandbox --port 4242`, with the DSN in SANDBOX_DSN."""

import argparse
import logging
import os
import signal
import sys
import threading
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.app import ProductionRefused, create_app, deliver_pending, let_time_pass, store_of
from sandbox.webhooks import Courier


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are in the journal, not on the terminal."""

    def connection_dropped(
        self,
        error: BaseException,  # noqa: ARG002  # the base class passes them
        environ: dict[str, object] | None = None,  # noqa: ARG002
    ) -> None:
        """A reply that chaos dropped also ends the connection."""
        self.close_connection = True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    environ = os.environ.get
    parser.add_argument("--dsn", default=environ("SANDBOX_DSN"))
    parser.add_argument("--host", default=environ("SANDBOX_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(environ("SANDBOX_PORT", "4242")))
    parser.add_argument("--public-url", default=environ("SANDBOX_PUBLIC_URL"))
    parser.add_argument("--webhook-url", default=environ("SANDBOX_WEBHOOK_URL"))
    parser.add_argument(
        "--webhook-secret", default=environ("SANDBOX_WEBHOOK_SECRET", "whsec_sandbox")
    )
    parser.add_argument(
        "--webhook-events",
        default=environ("SANDBOX_WEBHOOK_EVENTS", ""),
        help="the types to send, with commas between; all without it",
    )
    parser.add_argument(
        "--production", action="store_true", default=environ("SANDBOX_PRODUCTION") == "1"
    )
    return parser.parse_args()


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(levelname)s %(message)s")
    given = _arguments()
    if not given.dsn:
        print("sandbox: set SANDBOX_DSN or give --dsn", file=sys.stderr)
        return 2
    try:
        app = create_app(
            given.dsn,
            public_url=given.public_url or f"http://{given.host}:{given.port}",
            webhook_url=given.webhook_url,
            webhook_secret=given.webhook_secret,
            webhook_events=tuple(filter(None, given.webhook_events.split(","))),
            production=given.production,
        )
    except ProductionRefused as refusal:
        print(f"sandbox: {refusal}", file=sys.stderr)
        return 2
    courier = Courier(lambda: let_time_pass(app) + deliver_pending(app))
    store_of(app).after_events = courier.wake
    server = make_server(given.host, given.port, app, threaded=True, request_handler=_QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded subclass

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    courier.start()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        courier.stop()
        store_of(app).close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
