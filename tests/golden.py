"""Golden files: what the product says of itself, kept in git and compared."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / "tests" / "golden"


def compare(path: str | Path, text: str) -> None:
    """Assert that a file (in tests/golden, if relative) has this text; `make golden` writes it."""
    file = FOLDER / path
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    known = file.read_text(encoding="utf-8") if file.exists() else ""
    assert text == known, (
        f"{file.relative_to(CHECKOUT)} is out of date: run 'make golden' and read the difference"
    )
