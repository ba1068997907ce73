"""Where the built files are, by the name they are known under."""

import json
import os
from functools import lru_cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def build_dir() -> Path:
    """Return the folder that holds what `marketplace.look.build` made."""
    return Path(os.environ.get("ASSETS_PATH") or CHECKOUT / "build" / "static")


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    file = build_dir() / "manifest.json"
    if not file.exists():
        return {}
    return dict(json.loads(file.read_text(encoding="utf-8")))


def asset_url(name: str) -> str:
    """Return the address of a built file, with its content's hash in it."""
    return f"/static/{_manifest().get(name, name)}"
