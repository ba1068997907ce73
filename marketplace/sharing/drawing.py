"""Pictures and posters by Typst: what people wrote goes in as data, never as markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

import segno
import typst

from marketplace.look.pdf import fonts, make_pdf

MOST_KEPT = 48
"""Pictures that a process keeps; one has about 100 kB."""
PICTURE_SIZE, COUNTER_SIZE = (1200, 630), (360, 96)
HERE = Path(__file__).parent
_SIZE = f'width="{COUNTER_SIZE[0]}" height="{COUNTER_SIZE[1]}" role="img"'.encode()
MARK = (HERE.parent / "static" / "icon.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=MOST_KEPT)
def _drawn(template: str, told: str, kind: Literal["png", "svg"]) -> bytes:
    made: bytes | list[bytes] = typst.compile(
        str(HERE / template),
        format=kind,
        ppi=72.0,
        sys_inputs={"data": told},
        font_paths=list(fonts()),
        ignore_system_fonts=True,
    )
    return bytes(made[0] if isinstance(made, list) else made)


def picture(told: Mapping[str, object]) -> bytes:
    """Return a PNG of 1200 x 630; the same words give the same picture."""
    return _drawn("picture.typ", json.dumps({**told, "mark": MARK}, sort_keys=True), "png")


def counter(told: Mapping[str, object]) -> bytes:
    """Return an SVG of 360 x 96: its letters are outlines, it has no script and loads nothing."""
    made = _drawn("counter.typ", json.dumps({**told, "mark": MARK}, sort_keys=True), "svg")
    width, height = COUNTER_SIZE  # in pixels, not in points
    return made.replace(f'width="{width}pt" height="{height}pt"'.encode(), _SIZE, 1)


def poster(told: Mapping[str, object], *, at: datetime) -> bytes:
    """Return an A4 page as a tagged PDF, with a code that leads to its `address`."""
    code = BytesIO()
    segno.make(str(told["link"]), error="m", micro=False).save(
        code, kind="svg", border=2, dark="#17262B", light="#FDFCFA"
    )
    drawn = {**told, "code": code.getvalue().decode()}
    return make_pdf(drawn, at=at, template=HERE / "poster.typ", archive="a-2a")
