"""A report as PDF/A-3 and PDF/UA, by Typst: what people wrote goes in as data, never as markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import fontpkg
import typst

TEMPLATE = Path(__file__).with_name("report.typ")
FAMILIES = ("Newsreader", "Instrument Sans")


def make_pdf(told: Mapping[str, object], *, at: datetime, template: Path = TEMPLATE) -> bytes:
    """Return the document; the same words and the same moment give the same bytes.

    The standards refuse letters that our fonts do not have (a name in Chinese): then it is a plain
    PDF with empty boxes in their place, which is better than none.
    """
    data = json.dumps(told)
    try:
        return _compiled(data, at, template, ["a-3a", "ua-1"])
    except typst.TypstError:
        return _compiled(data, at, template, [])


def _compiled(
    data: str, at: datetime, template: Path, standards: list[Literal["a-3a", "ua-1"]]
) -> bytes:
    return bytes(
        typst.compile(
            str(template),
            sys_inputs={"data": data},
            font_paths=sorted({str(Path(fontpkg.path(name)).parent) for name in FAMILIES}),
            ignore_system_fonts=True,
            pdf_standards=standards,  # type: ignore[arg-type]  # some of those it names
            timestamp=at.replace(microsecond=0),
        )
    )
