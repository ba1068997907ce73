"""Arithmetic of money: integers in minor units, never a float (domain.md, rules 1 and 4)."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from babel.core import Locale
from babel.numbers import format_currency, get_currency_precision

BASIS = 10_000
"""Shares are counted in basis points: 10 000 is the whole."""

LARGEST_MINOR = 10**12
"""Amounts beyond this are a mistake, not a price."""


class NotAnAmount(ValueError):
    """The text is not an amount of money in the currency's own decimals."""


def exponent(currency: str) -> int:
    """Return the number of decimals of an ISO 4217 currency: JPY 0, EUR 2, KWD 3."""
    return get_currency_precision(currency)


def round_half_up(value: Fraction | Decimal | int) -> int:
    """Return the nearest integer, halves away from zero."""
    exact = Fraction(value)
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def share_of(amount_minor: int, share_bp: int) -> int:
    """Return `share_bp` basis points of an amount, rounded once, half up."""
    return round_half_up(Fraction(amount_minor * share_bp, BASIS))


def net_of(gross_minor: int, vat_bp: int) -> int:
    """Return what remains of a price that includes VAT, rounded half up."""
    return round_half_up(Fraction(gross_minor * BASIS, BASIS + vat_bp))


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by the largest remainder; ties go to the part that stands first.

    The parts always add up to the amount. A negative amount is split like its opposite.

    :raises ValueError: no weights, a negative weight, or weights that add up to zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and must add up to more than zero")
    sign, magnitude = (-1, -amount_minor) if amount_minor < 0 else (1, amount_minor)
    parts = [magnitude * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(magnitude * weights[i] % total), i))
    for index in by_remainder[: magnitude - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def parse_minor(text: str, currency: str, *, decimal_comma: bool | None = None) -> int:
    """Return the minor units of an amount as people and shop exports write it.

    Understands "12.30", "12,30", ".5", "1,234.50", "1.234,50", "1 234,50", "€ 12", "12.30 EUR".
    With one separator followed by exactly three digits the text is ambiguous: then
    `decimal_comma` decides, and without it the separator groups thousands.

    :raises NotAnAmount: no number, too many decimals for the currency, negative, or absurdly big.
    """
    cleaned = re.sub(r"[\s  '’]|[A-Za-z]{3}|[€$£¥]", "", text)
    if not re.fullmatch(r"[0-9.,]*[0-9][0-9.,]*", cleaned):
        raise NotAnAmount(text)
    try:
        value = Decimal(_with_decimal_point(cleaned, decimal_comma))
    except InvalidOperation:
        raise NotAnAmount(text) from None
    minor = value.scaleb(exponent(currency))
    if minor != minor.to_integral_value(ROUND_HALF_UP) or minor > LARGEST_MINOR:
        raise NotAnAmount(text)
    return int(minor)


def _with_decimal_point(digits: str, decimal_comma: bool | None) -> str:
    """Tell the decimal separator from the one that groups thousands."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        decimal, group = (",", ".") if comma > point else (".", ",")
        return digits.replace(group, "").replace(decimal, ".")
    separator = "," if comma >= 0 else "."
    parts = digits.split(separator)
    if len(parts) > 2:
        return "".join(parts) if all(len(part) == 3 for part in parts[1:]) else digits
    grouping = len(parts) == 2 and len(parts[1]) == 3 and 0 < len(parts[0]) <= 3
    if grouping and separator == "," and decimal_comma is not True:
        return "".join(parts)
    if grouping and separator == "." and decimal_comma is True:
        return "".join(parts)
    return digits.replace(",", ".")


@lru_cache(maxsize=32)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=16_384)
def format_minor(amount_minor: int, currency: str, locale: str = "en") -> str:
    """Return an amount as people of that language write it, with a true minus sign."""
    value = Decimal(amount_minor).scaleb(-exponent(currency))
    text = format_currency(value, currency, locale=_locale(locale), currency_digits=True)
    return text.replace("-", "−")


def to_decimal_text(amount_minor: int, currency: str) -> str:
    """Return an amount for machines: "12.30", with the currency's own decimals."""
    return f"{Decimal(amount_minor).scaleb(-exponent(currency)):f}"
