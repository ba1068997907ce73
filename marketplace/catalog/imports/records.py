"""What an import makes of a product before it reaches the database; everything is checked here."""

import hashlib
import html
import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import nh3

from marketplace.core.i18n import _l
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.text import one_line, plain
from marketplace.core.rich_text import safe_html

LONGEST_TITLE = 300
LONGEST_NAME = 200
LONGEST_SUMMARY = 300
LONGEST_REF = 1_000
LONGEST_BODY = 100_000
LONGEST_ADDRESS = 2_000
LARGEST_STOCK = 1_000_000_000
MOST_VARIANTS = 2_048
HASH_VERSION = 1

NO_TITLE = _l("There is no title.")
LONG_TITLE = _l("The title is longer than 300 characters.")
LONG_BODY = _l("The description is longer than 100,000 characters.")
LONG_NAME = _l("A variant's name or SKU is longer than 200 characters.")
LONG_REF = _l("Its handle or id is too long.")
NO_PRICE = _l("There is no price.")
BAD_PRICE = _l("The price is not an amount of money in this currency.")
NEGATIVE_PRICE = _l("The price is negative.")
ABSURD_PRICE = _l("The price is absurdly high.")
ZERO_PRICE = _l("The price is zero.")
OTHER_CURRENCY = _l("The price is in another currency than the company's; it is not converted.")
BAD_STOCK = _l("The quantity is not a whole number.")
SAME_VARIANTS = _l("Two variants have the same name.")
SAME_SKUS = _l("Two variants have the same SKU.")
MANY_ROWS = _l("There are too many rows of this product.")

_SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY"}


@dataclass(frozen=True)
class Terms:
    """What the file does not say: the company's currency and the rate of VAT in basis points."""

    currency: str
    vat_bp: int = 2200


@dataclass(frozen=True)
class VariantRecord:
    """A variant; `on_hand` is None where the file tells no quantity."""

    sku: str
    title: str
    price_minor: int
    on_hand: int | None
    is_offered: bool = True


@dataclass(frozen=True)
class ProductRecord:
    """A product that can be taken as it is; `shelves` are names a category may have."""

    external_ref: str
    line: int
    title: str
    summary: str
    description_html: str
    shelves: tuple[str, ...]
    is_published: bool
    photo_url: str | None
    variants: tuple[VariantRecord, ...]

    @property
    def digest(self) -> bytes:
        """Return what tells this content from any other, wherever it stands in the file."""
        canonical = replace(self, line=0)
        text = json.dumps([HASH_VERSION, canonical], default=lambda kept: kept.__dict__)
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Key:
    """To which product a row belongs, and other names by which rows may call that product."""

    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """A kind of file: how it is recognised, grouped and understood."""

    name: str
    label: str
    needs: tuple[frozenset[str], ...]
    """Of each set at least one column must be there."""
    columns: Mapping[str, str]
    """What becomes of a column, for the preview."""
    key_of: Callable[[int, Mapping[str, str]], Key]
    product_of: Callable[[Group, Terms], ProductRecord]
    known: frozenset[str] = field(default=frozenset())

    def recognises(self, columns: Sequence[str]) -> bool:
        """Say whether a file with these columns is one of this kind."""
        return all(set(columns) & some for some in self.needs)


def product_record(
    *,
    ref: str,
    line: int,
    title: str,
    variants: Sequence[VariantRecord],
    summary: str = "",
    body: str = "",
    shelves: Sequence[str] = (),
    is_published: bool = True,
    photo_url: str = "",
) -> ProductRecord:
    """Check the parts of a product and put them together.

    :raises Refused: a part is missing, too long, or doubled.
    """
    title = one_line(title)
    if not title:
        raise Refused(line, NO_TITLE, ref)
    if len(title) > LONGEST_TITLE:
        raise Refused(line, LONG_TITLE, title)
    if len(body) > LONGEST_BODY or len(summary) > LONGEST_BODY:
        raise Refused(line, LONG_BODY, title)
    if len(ref.encode()) > LONGEST_REF:
        raise Refused(line, LONG_REF, ref)
    _check_variants(line, variants)
    plain_summary = text_of(summary)
    if len(plain_summary) > LONGEST_SUMMARY:  # nothing of a long one is lost
        body = f"{safe_html(plain(summary))}{safe_html(plain(body))}"
    return ProductRecord(
        external_ref=ref,
        line=line,
        title=title,
        summary=textwrap.shorten(plain_summary, LONGEST_SUMMARY, placeholder=" …"),
        description_html=safe_html(plain(body)),
        shelves=tuple(one_line(shelf) for shelf in shelves if one_line(shelf)),
        is_published=is_published,
        photo_url=web_address(photo_url),
        variants=tuple(variants),
    )


def _check_variants(line: int, variants: Sequence[VariantRecord]) -> None:
    if not variants:
        raise Refused(line, NO_PRICE)
    if len(variants) > MOST_VARIANTS:
        raise Refused(line, MANY_ROWS)
    if any(max(len(one.title), len(one.sku)) > LONGEST_NAME for one in variants):
        raise Refused(line, LONG_NAME)
    for names, reason in (
        ([one.title for one in variants], SAME_VARIANTS),
        ([one.sku for one in variants if one.sku], SAME_SKUS),
    ):
        doubled = next((name for name in names if names.count(name) > 1), None)
        if doubled is not None:
            raise Refused(line, reason, doubled)


def price_of(line: int, text: str, terms: Terms, *, currency: str = "") -> int:
    """Return a price in minor units, VAT as in the file.

    :raises Refused: missing, not an amount, negative, zero, absurd, or in another currency.
    """
    if not text:
        raise Refused(line, NO_PRICE)
    named = re.search(r"[A-Z]{3}", text)
    symbol = next((code for sign, code in _SYMBOLS.items() if sign in text), "")
    stated = currency or (named[0] if named else symbol)
    if stated and stated != terms.currency:
        raise Refused(line, OTHER_CURRENCY, stated)
    if text.lstrip(" €£$").startswith(("-", "−")):
        raise Refused(line, NEGATIVE_PRICE, text)
    if sum(sign.isdigit() for sign in re.split(r"[.,]\d{1,2}\D*$", text)[0]) > 12:
        raise Refused(line, ABSURD_PRICE, text)
    try:
        minor = parse_minor(text, terms.currency)
    except NotAnAmount:
        raise Refused(line, BAD_PRICE, text) from None
    if minor == 0:
        raise Refused(line, ZERO_PRICE)
    return minor


def stock_of(line: int, text: str) -> int | None:
    """Return a quantity; None where there is none. Less than nothing on hand is nothing.

    :raises Refused: it is not a whole number.
    """
    if not text:
        return None
    match = re.fullmatch(r"([-−]?)(\d{1,12})(?:[.,]0+)?", text)
    if not match or int(match[2]) > LARGEST_STOCK:
        raise Refused(line, BAD_STOCK, text)
    return 0 if match[1] else int(match[2])


def text_of(markup: str) -> str:
    """Return HTML as one line of text."""
    return one_line(html.unescape(nh3.clean(markup, tags=set())))


def web_address(text: str) -> str | None:
    """Return an http address, or None."""
    address = text.strip()
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None


def first_of(cells: Mapping[str, str], *names: str) -> str:
    """Return the first of the cells that is not blank."""
    return next((cells[name] for name in names if cells.get(name)), "")
