"""Documents as PDF/A and PDF/UA, by Typst: what people wrote goes in as data, never as markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import fontpkg
import typst

FAMILIES = ("Newsreader", "Instrument Sans")


Archive = Literal["a-2a", "a-3a"]
"""The standard for archives; only the third part of it lets data be attached."""


@lru_cache(maxsize=1)
def fonts() -> tuple[str, ...]:
    """Return the folders of the fonts that we write with."""
    return tuple(sorted({str(Path(fontpkg.path(name)).parent) for name in FAMILIES}))


def make_pdf(
    told: Mapping[str, object], *, at: datetime, template: Path, archive: Archive = "a-3a"
) -> bytes:
    """Return the document; the same words and the same moment give the same bytes.

    The standards refuse letters that our fonts do not have (a name in Chinese): then it is a plain
    PDF with empty boxes in their place, which is better than none.
    """
    data = json.dumps(told)
    try:
        return _compiled(data, at, template, [archive, "ua-1"])
    except typst.TypstError:
        return _compiled(data, at, template, [])


def _compiled(
    data: str, at: datetime, template: Path, standards: list[Archive | Literal["ua-1"]]
) -> bytes:
    return bytes(
        typst.compile(
            str(template),
            sys_inputs={"data": data},
            font_paths=list(fonts()),
            ignore_system_fonts=True,
            pdf_standards=standards,  # type: ignore[arg-type]  # some of those it names
            timestamp=at.replace(microsecond=0),
        )
    )
