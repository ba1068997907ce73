"""Real files from elsewhere, which lie beside the checkout and are never committed."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_field_data = pytest.mark.skipif(not DATA.is_dir(), reason="the field data is not here")


def field_files(folder: str, pattern: str = "*") -> list[Path]:
    """Return the field files of a folder and those below it; none where there is no data."""
    return sorted(path for path in (DATA / folder).rglob(pattern) if path.is_file())
