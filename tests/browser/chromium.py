"""Find a Chromium or Chrome on this machine; on Debian, as root, install one."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
MISSING = (
    "The browser tests need Chromium or Chrome: install one (Debian: apt-get install chromium) "
    "or set CHROMIUM to its path."
)


class NoBrowser(Exception):
    """There is none, and we can't install one; the text says how to get it."""


def find() -> str | None:
    """Return the path of a browser, if there is one."""
    given = os.environ.get("CHROMIUM")
    found = [given] if given else [*map(shutil.which, NAMES), *APPLICATIONS]
    cache = Path.home() / ".cache" / "ms-playwright"
    found += map(str, sorted(cache.glob("chromium-*/chrome-linux/chrome")))
    return next((path for path in found if path and os.access(path, os.X_OK)), None)


def find_or_install() -> str:
    """Return the path of a browser.

    :raises NoBrowser: there is none and it can't be installed.
    """
    with (Path(tempfile.gettempdir()) / f"causeway-chromium-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes that run side by side
        path = find()
        if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
            environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
            for command in (["apt-get", "update"], install):
                subprocess.run(command, check=False, env=environ, capture_output=True)
            path = find()
    if path is None:
        raise NoBrowser(MISSING)
    return path
