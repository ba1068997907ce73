"""Which letters a file is written in, and text without what no text has."""

import codecs
import re
from pathlib import Path

PART = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control characters, NUL, halves of surrogate pairs and the two noncharacters of the first plane.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SIGNS = re.compile("[\x80-\uffff]{2,}")


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: by its mark, by its NULs, UTF-8, else Windows-1252."""
    with path.open("rb") as file:
        start = file.read(PART)
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        if b"\x00" in start[:200]:
            even, odd = start[0:200:2].count(0), start[1:200:2].count(0)
            if max(even, odd) > 60:
                return "utf-16-le" if odd > even else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while start:
                decoder.decode(start)
                start = file.read(PART)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def without_controls(text: str) -> str:
    """Return text without control characters (but ends of lines) and what else is no text."""
    return _UNWANTED.sub("", text)


def plain(text: str) -> str:
    """Return the same without blanks around it."""
    return without_controls(text).strip()


def one_line(text: str) -> str:
    """Return text on one line."""
    return " ".join(plain(text).split())


def repaired(text: str) -> str:
    """Return text whose UTF-8 was once read as Windows-1252 as it was meant; else as it is.

    Only what can be turned back without any loss is: "Â£100" becomes "£100", "«é»" stays.
    """
    return _SIGNS.sub(lambda match: _turned_back(match[0]), text)


def _turned_back(signs: str) -> str:
    try:
        return b"".join(_byte(sign) for sign in signs).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return signs


def _byte(sign: str) -> bytes:
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")
