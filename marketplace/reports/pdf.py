"""A report as PDF/A-3 and PDF/UA, by Typst: what people wrote goes in as data, never as markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import fontpkg
import typst

TEMPLATE = Path(__file__).with_name("report.typ")
FAMILIES = ("Newsreader", "Instrument Sans")


def make_pdf(told: Mapping[str, object], *, at: datetime, template: Path = TEMPLATE) -> bytes:
    """Return the document; the same words and the same moment give the same bytes."""
    return bytes(
        typst.compile(
            str(template),
            sys_inputs={"data": json.dumps(told)},
            font_paths=sorted({str(Path(fontpkg.path(name)).parent) for name in FAMILIES}),
            ignore_system_fonts=True,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=at.replace(microsecond=0),
        )
    )
