"""What a row of a project's own table of spendings says, and when two rows are the same."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.numbers import list_currencies

from marketplace.core.days import read_day
from marketplace.core.i18n import _l
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.core.paging import decode_cursor
from marketplace.core.reading.report import Refused
from marketplace.projects.rules import in_own_currency

MOST_ROWS = 2_000
LARGEST_RATE = Decimal(10) ** 9

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "day", "spent on", "jour", "data", "giorno"),
    "amount": ("amount", "montant", "importo"),
    "currency": ("currency", "devise", "monnaie", "valuta"),
    "rate": ("rate", "taux", "cambio", "tasso"),
    "rate date": ("rate date", "rate on", "date du taux", "data del cambio"),
    "rate source": ("rate source", "source du taux", "fonte del cambio"),
    "paid to": ("paid to", "payee", "supplier", "payé à", "fournisseur", "pagato a", "fornitore"),
    "for": ("for", "purpose", "description", "pour", "objet", "per", "causale"),
    "budget line": ("budget line", "line", "ligne de budget", "ligne", "voce", "voce di bilancio"),
    "receipt": ("receipt", "file", "justificatif", "reçu", "ricevuta"),
    "reference": ("reference", "number", "no", "id", "référence", "numéro", "riferimento"),
}
"""Our columns, and how people call them; the first name of each is the template's."""

KNOWN = {name: ours for ours, names in COLUMNS.items() for name in names}
NEEDED = ("date", "amount", "paid to", "for")
LONGEST = {"paid to": 200, "for": 300, "rate source": 200, "reference": 200}

_RATE = re.compile(r"[0-9]{1,9}([.,][0-9]{1,6})?")


@dataclass(frozen=True)
class DraftRow:
    """A row that could be understood; `amount_minor` in `currency`."""

    amount_minor: int
    currency: str
    rate: Decimal | None
    rate_on: date | None
    rate_source: str
    spent_on: date
    payee: str
    purpose: str
    budget_line: str
    """A title, as written."""
    receipt: str
    """The name of a file that came along."""
    reference: str

    @property
    def content_hash(self) -> bytes:
        """Return what changes when the row says something else."""
        said = (
            *(self.amount_minor, self.currency, self.rate, self.rate_on, self.rate_source),
            *(self.spent_on, self.payee, self.purpose, self.budget_line.casefold()),
        )
        return hashlib.sha256(repr(tuple(map(str, said))).encode()).digest()

    def import_key(self, place: int) -> bytes:
        """Return what tells the row from all others: its reference, or what it says.

        `place` counts equal rows without a reference: two coffees of one day are two rows.
        """
        if self.reference:
            return hashlib.sha256(f"reference {self.reference}".encode()).digest()
        return hashlib.sha256(self.content_hash + str(place).encode()).digest()


def parse_rate(text: str) -> Decimal | None:
    """Return a rate of exchange, or None where the text is none."""
    if not _RATE.fullmatch(text.strip()):
        return None
    try:
        rate = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return rate if 0 < rate <= LARGEST_RATE else None


def is_currency(code: str) -> bool:
    """Say whether three letters name a currency."""
    return code in list_currencies()


def read_row(line: int, cells: Mapping[str, str], own: str, today: date) -> DraftRow:
    """Read one row of a table, its columns under our own names; `own` is the project's currency.

    :raises Refused: with the line, what is wrong, and what was found.
    """
    _check_texts(line, cells)
    day = read_day(cells["date"])
    if day is None:
        raise Refused(line, _l("Write the day like 2026-03-12."), cells["date"])
    if day > today:
        raise Refused(line, _l("This day has not come yet."), cells["date"])
    currency = cells.get("currency", own).upper()
    if not is_currency(currency):
        raise Refused(line, _l("There is no such currency."), currency)
    amount = _amount(line, cells["amount"], currency)
    rate, rate_on = _rate(line, cells, is_foreign=currency != own, day=day, today=today)
    if rate is not None and in_own_currency(amount, currency, own, rate) == 0:
        raise Refused(line, _l("At this rate nothing is left of the amount."), cells["amount"])
    return DraftRow(
        *(amount, currency, rate, rate_on),
        cells.get("rate source", "") if rate is not None else "",
        *(day, cells["paid to"], cells["for"]),
        *(cells.get(name, "") for name in ("budget line", "receipt", "reference")),
    )


def _check_texts(line: int, cells: Mapping[str, str]) -> None:
    for name in NEEDED:
        if not cells.get(name):
            raise Refused(line, _l("A column that every row needs is empty."), name)
    for name, most in LONGEST.items():
        if len(cells.get(name, "")) > most:
            raise Refused(line, _l("This text is too long."), cells[name])


def _amount(line: int, text: str, currency: str) -> int:
    try:
        amount = parse_minor(text, currency)
    except NotAnAmount:
        raise Refused(line, _l("Write an amount like 686.00."), text) from None
    if amount <= 0:
        raise Refused(line, _l("The amount has to be more than nothing."), text)
    return amount


def _rate(
    line: int, cells: Mapping[str, str], *, is_foreign: bool, day: date, today: date
) -> tuple[Decimal | None, date | None]:
    if not is_foreign:
        return None, None
    rate = parse_rate(cells.get("rate", ""))
    if rate is None:
        raise Refused(
            line, _l("Another currency needs a rate, like 150.00."), cells.get("rate", "")
        )
    on = read_day(cells["rate date"]) if cells.get("rate date") else day
    if on is None or on > today:
        raise Refused(line, _l("Write the day like 2026-03-12."), cells["rate date"])
    return rate, on


def place(cursor: str | None) -> tuple[date, uuid.UUID] | None:
    """Return where a page of receipts begins; at the beginning if the cursor was tampered with."""
    key = decode_cursor(cursor, 2)
    try:
        return (date.fromisoformat(str(key[0])), uuid.UUID(str(key[1]))) if key else None
    except ValueError:
        return None
