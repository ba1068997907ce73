"""What a picture or a paper must be, and what is made of it. Pure: bytes in, bytes out."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps

from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l

WIDTHS = (320, 640, 1280)
"""Widths in pixels of what is stored; a smaller picture keeps its own."""

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
LARGEST_FILE = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2560
QUALITY = 80


class NotAPhoto(Invalid):
    """The upload is no picture that we can show."""

    message = _l("This is not a picture we can read. Send a JPEG, PNG, WebP, AVIF or GIF.")


@dataclass(frozen=True)
class Prepared:
    """A picture ready to be stored: WebP by width, and the size of the widest in pixels."""

    sha256: bytes
    width: int
    height: int
    files: dict[int, bytes]


def widths_for(width: int) -> list[int]:
    """Return the widths to store for a picture so wide, the widest last."""
    widest = min(width, WIDTHS[-1])
    return [*(known for known in WIDTHS if known < widest), widest]


def prepare(upload: IO[bytes]) -> Prepared:
    """Decode an upload, turn it upright, and encode it anew without anything but its pixels.

    Of an animation the first picture is taken.

    :raises NotAPhoto: another kind of file, broken, truncated, too large, or a bomb.
    """
    data = upload.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise NotAPhoto(_l("The picture is larger than 10 MB. Send a smaller one."))
    picture = _decode(data)
    files = {width: _encode(picture, width) for width in widths_for(picture.width)}
    widest = max(files)
    height = max(1, round(picture.height * widest / picture.width))
    return Prepared(hashlib.sha256(data).digest(), widest, height, files)


def as_jpeg(webp: bytes) -> bytes:
    """Return one of our own pictures as a JPEG, which every mail program shows, on white."""
    with Image.open(io.BytesIO(webp), formats=("WEBP",)) as opened:
        picture = opened.convert("RGBA")
    page = Image.new("RGB", picture.size, "white")
    page.paste(picture, mask=picture.getchannel("A"))
    target = io.BytesIO()
    page.save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return target.getvalue()


def _decode(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NotAPhoto(_l("The picture has more than 40 million pixels."))
            opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(opened)
            has_alpha = upright.has_transparency_data
            plain = upright.convert("RGBA" if has_alpha else "RGB")
    except NotAPhoto:
        raise
    except Exception as error:  # decoders raise anything on hostile input
        raise NotAPhoto from error
    plain.info.clear()
    return plain


def _encode(picture: Image.Image, width: int) -> bytes:
    height = max(1, round(picture.height * width / picture.width))
    scaled = picture.resize((width, height), Image.Resampling.LANCZOS)
    scaled.info.clear()
    target = io.BytesIO()
    scaled.save(target, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return target.getvalue()


PAPER_BEGINS = b"%PDF-"
MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes that the streams of a paper may unpack to, so that a small file cannot fill the memory."""

UNPACKED_AT_ONCE = 64 * 1024
_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_ACTS = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoToR|GoToE|XFA|AA)"
    rb"(?![A-Za-z0-9])"
)
_HOLDS_OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])|/First\s+\d+(?!\d|\s+\d+\s+R)")
_PACKED = re.compile(rb"/(?:FlateDecode|Fl)(?![A-Za-z0-9])")
_PACKED_OTHERWISE = re.compile(
    rb"/(?:ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL|Crypt|Predictor)"
    rb"(?![A-Za-z0-9])|/(?:Filter|DecodeParms)\s*\[?\s*\d"
)
_LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


class NotAPaper(Invalid):
    """The upload is no PDF that we can show to everybody."""

    message = _l("This is not a PDF we can read. Send a PDF, or a photo of the paper.")


def check_paper(upload: IO[bytes]) -> bytes:
    """Return a PDF's bytes, if it only shows something.

    Whatever runs, opens or sends something is looked for in the plain parts and in the packed ones
    (ISO 32000-2, 7.3.5 names may be written with #).

    :raises NotAPaper: another kind of file, broken, too large, locked, or one that acts.
    """
    data = upload.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise NotAPaper(_l("The PDF is larger than 10 MB. Send a smaller one."))
    if not data.startswith(PAPER_BEGINS) or b"%%EOF" not in data[-2048:]:
        raise NotAPaper
    if _LOCKED.search(data):
        raise NotAPaper(_l("This PDF is locked with a password. Send one that is not."))
    for part in _readable(data):
        if _ACTS.search(_spelled(part)):
            raise NotAPaper(
                _l("This PDF runs or opens something. Print it to a new PDF and send that.")
            )
    return data


def _spelled(part: bytes) -> bytes:
    """Return a part of a PDF whose names are written without #."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)


def _readable(data: bytes) -> Iterator[bytes]:
    """Yield what stands in a PDF: as it is, and unpacked.

    :raises NotAPaper: it unpacks to too much, takes too long to, or hides objects from us.
    """
    yield data
    room, place = MOST_UNPACKED, 0
    view = memoryview(data)
    while start := _STREAM.search(data, place):
        words = _spelled(data[place : start.start()])
        part, place = _unpacked(view, start.end(), room)
        if _is_hidden(words, part):
            raise NotAPaper(
                _l("We cannot look into this PDF. Print it to a new PDF and send that.")
            )
        room -= len(part) + place - start.end()
        if room <= 0:
            raise NotAPaper(_l("This PDF unpacks to too much. Send a smaller one."))
        if part:
            yield part


def _is_hidden(words: bytes, part: bytes) -> bool:
    """Tell whether objects are packed in a way in which we do not unpack, by what is said of them.

    Pictures and fonts may be packed in any way: nothing in them acts.
    """
    packed = len(_PACKED.findall(words))
    return bool(_HOLDS_OBJECTS.search(words)) and (
        packed > 1 or (packed == 1 and not part) or bool(_PACKED_OTHERWISE.search(words))
    )


def _unpacked(view: memoryview, start: int, most: int) -> tuple[bytes, int]:
    """Return what a stream holds as far as it can be unpacked, and where it ended."""
    unpacker, found, place = zlib.decompressobj(), bytearray(), start
    while place < len(view) and not unpacker.eof and len(found) < most:
        piece = view[place : place + UNPACKED_AT_ONCE]
        try:
            found += unpacker.decompress(piece, most - len(found))
        except zlib.error:  # packed in another way, or not at all: then it stands in the plain part
            break
        place += len(piece) - len(unpacker.unused_data)
    return bytes(found), place
