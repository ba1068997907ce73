"""Files that nobody means well with, and good ones that carry something along."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image, PngImagePlugin

from tests.browser.hostile.payloads import CALL, ELSEWHERE

SCRIPT = f"<script>{CALL}(1)</script>".encode()
MARK = CALL.encode()
"""What nothing that is given out may have in it."""

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + SCRIPT + b"</svg>"
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE r [
<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&a;</title></item></channel></rss>"""


def png(width: int, height: int) -> bytes:
    """Return a PNG; one that is huge says its size and has nothing behind it."""
    if width * height > 1_000_000:
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in parts
        )
    return _picture("PNG", size=(width, height))


def _picture(kind: str, *, size: tuple[int, int] = (40, 30), **how: object) -> bytes:
    file = BytesIO()
    Image.effect_noise(size, 80).save(file, kind, **how)
    return file.getvalue()


def _archive(name: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "x" * 1_000)
    return file.getvalue()


def pdf(root: bytes = b"", objects: bytes = b"", trailer: bytes = b"") -> bytes:
    """Return a PDF of one empty page, with more in its catalogue, its objects or its trailer."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R" + root + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        + objects
        + b"trailer<</Root 1 0 R"
        + trailer
        + b">>\n%%EOF\n"
    )


def stream(data: bytes, words: bytes = b"/Filter/FlateDecode") -> bytes:
    """Return an object of a PDF that holds data; `words` say what and how."""
    size = str(len(data)).encode()
    return b"9 0 obj<</Length " + size + words + b">>stream\n" + data + b"\nendstream endobj\n"


ACTION = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ROWS = zlib.compress(b"\x00" + b"".join(b"\x01" + bytes([row % 251]) for row in range(400)))

REFUSED = {
    "nothing.png": b"",
    "one-byte.jpg": b"\xff",
    "script.svg": SVG,
    "script.png": SVG,
    "page.jpg": b"<!doctype html><html>" + SCRIPT,
    "page.csv": b"<!doctype html><html>" + SCRIPT,
    "no-picture.gif": b"GIF89a/*" + SCRIPT + b"*/=1;//",
    "cut.png": png(90, 90)[:-300],
    "cut.jpg": _picture("JPEG")[:200],
    "cut.webp": _picture("WEBP")[:40],
    "huge.png": png(60_000, 60_000),
    "wide.png": png(2**31 - 1, 1),
    "packed.webp": _archive("../../etc/passwd"),
    "packed.csv": _archive("[Content_Types].xml"),
    "bitmap.bmp": _picture("BMP"),
    "no-end.pdf": b"%PDF-1.7\n1 0 obj<<>>endobj\n",
    "locked.pdf": pdf(trailer=b"/Encrypt 9 0 R"),
    "acts.pdf": pdf(b"/OpenAction" + ACTION),
    "spelled.pdf": pdf(b"/OpenAction<</S/J#61vaScript/J#53(1)>>"),
    "launches.pdf": pdf(b"/OpenAction<</S/Launch/F(calc.exe)>>"),
    "leaves.pdf": pdf(b"/AA<</O<</S/URI/URI(https://" + ELSEWHERE.encode() + b")>>>>"),
    "carries.pdf": pdf(b"/Names<</EmbeddedFiles 9 0 R>>"),
    "hides.pdf": pdf(objects=stream(zlib.compress(ACTION), b"/Type/ObjStm/Filter/FlateDecode")),
    "hides-twice.pdf": pdf(
        objects=stream(
            zlib.compress(zlib.compress(ACTION)), b"/Type/ObjStm/Filter[/FlateDecode/FlateDecode]"
        )
    ),
    "spells-hex.pdf": pdf(
        objects=stream(ACTION.hex().encode() + b">", b"/Type/ObjStm/Filter/ASCIIHexDecode")
    ),
    "differs.pdf": pdf(
        objects=stream(
            ROWS, b"/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 1>>"
        )
    ),
    "unpacks.pdf": pdf(objects=stream(zlib.compress(bytes(70_000_000)))),
    "nothing.csv": b"",
    "nul.csv": b"da\x00te,pay\x00ee\n1,2\n",
    "entities.xml": ENTITIES,
    "outside.xml": OUTSIDE,
    "deep.json": b"[" * 100_000,
    "program.exe": b"MZ\x90\x00" + bytes(200),
    "../../../etc/cron.d/x.jpg": b"\xff\xd8\xff\xe0 nothing more",
}
"""Whatever these are called, they are no file of ours, and say or do what nobody wants."""


def _told_png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_itxt("Description", SCRIPT.decode())
    said.add_text("Comment", SCRIPT.decode(), zip=True)
    return _picture("PNG", pnginfo=said)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E], exif[0x9286] = SCRIPT.decode(), SCRIPT
    return exif


def _told_jpeg() -> bytes:
    return _picture("JPEG", exif=_exif(), comment=SCRIPT) + SCRIPT


CLEANED = {
    "told.png": _told_png(),
    "told.jpg": _told_jpeg(),
    "both.gif": _picture("GIF", comment=SCRIPT) + b"/*" + SCRIPT + b"*/",
    "told.webp": _picture("WEBP", exif=_exif(), xmp=SCRIPT),
}
"""Real pictures that carry a script along: beside the pixels, or behind the end."""

PAPER = pdf()
PICTURE = _picture("PNG")
TABLE = b"date,payee,purpose,amount,receipt\n2026-10-01,Somebody,Something,12.00,picture.png\n"

NAMES = [
    f'../../..\\nul\x00\x1b[31mred\x07\u2028\u202e"><img src=x onerror={CALL}(1)>.png',
    f"=1+1'\"; X-Evil: 1\r\nX-Evil: 2\r\n\r\n{SCRIPT.decode()}.pdf",
    "x" * 3_000 + ".csv",
    "\x00",
]
"""What nobody calls a file who means well."""
