"""What a picture must be, and what is made of it. Pure: bytes in, bytes out."""

import hashlib
import io
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
