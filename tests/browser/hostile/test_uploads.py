"""Files that would do harm are refused where they are given, and nothing of them stays."""

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image

from marketplace.media.models import Document, Photo
from tests.browser.hostile import steps
from tests.browser.hostile.forms import Reader
from tests.browser.hostile.market import plain
from tests.browser.hostile.payloads import CALL
from tests.field import DATA, field_files, needs_field_data

SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{CALL}(1)</script></svg>'.encode()
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&a;</title></item></channel></rss>"""


def _png(width: int, height: int, *, cut: int = 0) -> bytes:
    """Return a small PNG; a huge one says its size and has nothing behind it."""
    if width * height > 10_000:
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in parts
        )
    file = BytesIO()
    Image.effect_noise((width, height), 80).save(file, "PNG")
    return file.getvalue()[: -cut or None]


def _zip() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    return file.getvalue()


PDF = (
    b"%%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/%s>>>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%%%EOF"
)

PICTURES = {
    "nothing.png": b"",
    "script.svg": SVG,
    "script.png": SVG,
    "page.jpg": f"<html><script>{CALL}(2)</script>".encode(),
    "both.gif": f"GIF89a/*<script>*/=1;{CALL}(3)//</script>".encode(),
    "cut.png": _png(90, 90, cut=300),
    "huge.png": _png(60_000, 60_000),
    "packed.webp": _zip(),
    "acts.pdf": PDF % b"JavaScript/JS(app.alert(1))",
    "opens.pdf": PDF % b"Launch/F(calc.exe)",
    "locked.pdf": b"%PDF-1.7\ntrailer<</Encrypt 2 0 R>>\n%%EOF",
    "../../../etc/cron.d/x\r\nX-Evil: 1.jpg": b"\xff\xd8\xff\xe0 nothing more",
}
TABLES = {
    "nothing.csv": b"",
    "picture.csv": _png(9, 9),
    "packed.csv": _zip(),
    "bomb.xml": BOMB,
    "outside.xml": OUTSIDE,
    "nul.csv": b"date\x00,payee\n1,2\n",
    "page.csv": b"<html><body>no table</body></html>",
    "deep.json": b"[" * 100_000,
}
WORDS = "Plain words about it"


@pytest.fixture(scope="module")
def fields(market):
    """Return every field for files: who may use it, the page, the form and the field."""
    from tests.browser.hostile.crawl import walk

    found = {}
    for (who, path), answer in walk(market, steps.starts_of(market), samples=1).items():
        if answer.mimetype != "text/html":
            continue
        for form in Reader(answer.text).forms:
            for control in form.controls:
                if control.kind == "file" and "disabled" not in control.attributes:
                    place = (market.rule_of(form.action or path), control.name)
                    found.setdefault(place, (who, form.action or path, form, control))
    return found


def _stored(market) -> tuple[int, ...]:
    return tuple(
        market.db.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in (Photo, Document)
    )


def _give(market, field, name: str, content: bytes) -> list[str]:
    who, action, form, control = field
    before = _stored(market)
    data = plain(form, WORDS)
    data[control.name] = [(BytesIO(content), name)]
    answer = market.post(who, action, data=data)
    what = f"{name!r} at {control.name} of {action}"
    problems = list(market.broken)
    market.broken.clear()
    if answer.status_code != 422:
        problems.append(f"{what} was answered {answer.status_code}")
    elif not Reader(answer.text).wrong:
        problems.append(f"{what}: nothing says what is wrong")
    elif any(one.kind == "textarea" for one in form.texts) and WORDS not in answer.text:
        problems.append(f"{what}: what was written is lost")
    if _stored(market) != before:
        problems.append(f"{what} was stored")
    return problems


def _is_for_tables(control) -> bool:
    return "csv" in control.attributes.get("accept", "") or control.name == "file"


class TestHostileFile:
    def test_has_every_field_to_be_tried_at(self, fields):
        names = {name for _rule, name in fields}
        assert names >= {"photos", "photo", "receipt", "receipts", "files", "file"}

    def test_is_refused_with_a_message_and_nothing_is_stored(self, market, fields):
        found = []
        for field in fields.values():
            files = TABLES if _is_for_tables(field[3]) else PICTURES
            for name, content in files.items():
                if content or field[3].is_needed:
                    found += _give(market, field, name, content)
        assert found == []

    @pytest.mark.field
    @needs_field_data
    def test_of_others_is_refused_or_made_anew(self, market, fields):
        bad = [
            path
            for path in (*field_files("4-input/upload"), *field_files("4-input/images"))
            if not _is_picture(path)
        ]
        found = []
        for field in fields.values():
            given = field_files("4-input/xml") if _is_for_tables(field[3]) else bad
            for path in given:
                if path.name != "simple.xml":
                    found += _give(market, field, path.name, path.read_bytes())
        assert DATA.is_dir()
        assert found == []


def _is_picture(path) -> bool:
    from marketplace.media.rules import NotAPhoto, prepare

    with path.open("rb") as upload:
        try:
            prepare(upload)
        except NotAPhoto:
            return False
    return True
