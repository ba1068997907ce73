"""The web server: a few processes with a few threads each, for one port."""

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config import Settings

PAGES_OF_VISITORS = {
    "_frame.html",
    "_macros",
    "base.html",
    "catalog",
    "checkout",
    "orders",
    "pages",
    "projects",
}

OBJECTS_BEFORE_COLLECTION = 10_000
"""About two pages; Python's own threshold looks six times in each."""

_settings = Settings.from_env(os.environ)

wsgi_app = "wsgi:app"
bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
reuse_port = True
preload_app = True  # the workers share the memory of what was imported before the fork
timeout = 30
graceful_timeout = 10
keepalive = 5
accesslog = None  # the product writes a line of JSON for each request
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"
if Path("/dev/shm").is_dir():  # noqa: S108  # nosec B108 # gunicorn makes an unnamed file there
    worker_tmp_dir = "/dev/shm"  # noqa: S108  # nosec B108

if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # it is set before a reload reads this again
    _counters = _settings.instance_path / "metrics"
    shutil.rmtree(_counters, ignore_errors=True)
    _counters.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_counters)


def when_ready(server: Any) -> None:  # Any: gunicorn's own, which has no types
    """Compile the pages of visitors once for all workers; they share that memory, too.

    From then on the garbage collector keeps from touching, and so copying, what they share, and
    looks seldom: a page leaves little in circles.
    """
    pages = server.app.wsgi().jinja_env
    for name in pages.list_templates():
        if name.split("/")[0] in PAGES_OF_VISITORS:
            pages.get_template(name)
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)


def post_fork(_server: object, _worker: object) -> None:
    """Forget the parent's connections: a worker opens its own."""
    from marketplace.core import db  # noqa: PLC0415  # the settings above must come first

    engine = db.session.get_bind()
    db.session.remove()
    engine.engine.dispose(close=False)


def child_exit(_server: object, worker: object) -> None:
    """Let the metrics forget the gauges of a worker that is gone."""
    from prometheus_client import multiprocess  # noqa: PLC0415  # reads the folder set above

    forget: Callable[[object], None] = multiprocess.mark_process_dead
    forget(getattr(worker, "pid", 0))
