"""The words of the hosted pages in three languages, and money as their readers write it."""

import json
from decimal import Decimal
from pathlib import Path

from babel.numbers import format_currency

from sandbox.shapes import names

TEXTS: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "words.json").read_text(encoding="utf-8")
)
LOCALES = tuple(TEXTS)
_NO_DECIMALS = names("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf")
_THREE_DECIMALS = names("bhd jod kwd omr tnd")


def money(amount: int, currency: str, locale: str) -> str:
    """An amount in minor units, as the locale writes it."""
    decimals = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    return format_currency(Decimal(amount).scaleb(-decimals), currency.upper(), locale=locale)
