"""What the PDFs say: data for Typst, in the language of the paper."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import g
from flask_babel import force_locale

from marketplace.core.i18n import _
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import country_name, long_date, percent, plain_money
from marketplace.look.pdf import make_pdf
from marketplace.papers.models import GiftReceipt, Invoice
from marketplace.papers.rules import InvoiceKind, Item, RecipientKind, Why, by_rate

TEMPLATE = Path(__file__).parents[1] / "paper.typ"


def kind_name(kind: RecipientKind) -> str:
    """Return what a recipient is, in words."""
    return {
        RecipientKind.CHARITY: _("Charity"),
        RecipientKind.ASSOCIATION: _("Association"),
        RecipientKind.FOUNDATION: _("Foundation"),
        RecipientKind.PUBLIC_BODY: _("Public body"),
    }[kind]


def why_name(why: Why | None) -> str:
    """Return why a gift receipt does not hold any more, in words."""
    if why is None:
        return ""
    return {
        Why.REFUNDED: _("the gift, or a part of it, was given back"),
        Why.REROUTED: _("the gift went to another project"),
    }[why]


def gift_pdf(receipt: GiftReceipt) -> bytes:
    """Return a gift receipt; the same receipt gives the same bytes."""
    with _speaking(receipt.locale):
        told = _gift(receipt)
    return make_pdf(told, at=receipt.cancelled_at or receipt.issued_at, template=TEMPLATE)


def _gift(receipt: GiftReceipt) -> dict[str, object]:
    recipient = receipt.recipient
    lines = [recipient.name, *recipient.address.splitlines(), country_name(recipient.country)]
    facts = [
        [_("Amount given"), plain_money(receipt.amount_minor, receipt.currency)],
        [_("Day of the gift"), long_date(receipt.given_on)],
        [_("Given for"), receipt.project.title],
        [_("Kind of recipient"), kind_name(recipient.kind)],
        [
            _("Registered as"),
            f"{recipient.registration_number} ({country_name(recipient.country)})",
        ],
    ]
    return {
        **_frame(_("Gift receipt"), receipt.number, receipt.issued_at),
        "stamp": _(
            "Cancelled on %(day)s: %(why)s.",
            day=long_date(receipt.cancelled_at),
            why=why_name(receipt.cancelled_why),
        )
        if receipt.cancelled_at
        else "",
        "from": [_("Recipient"), *lines],
        "to": [
            _("Giver"),
            receipt.name,
            receipt.street,
            f"{receipt.postal_code} {receipt.city}",
            country_name(receipt.country),
        ],
        "facts": facts,
        "rows": [],
        "sums": [],
        "notes": [
            _(
                "This is a voluntary gift of money. The giver received nothing in return. It was "
                "paid electronically, apart from the price of the goods in the same order."
            ),
            _(
                "Written by Causeway on behalf of the recipient, whose registration was checked "
                "on %(day)s. Whether and how far the gift can be deducted is decided by the tax "
                "law that holds for the giver.",
                day=long_date(recipient.checked_at),
            ),
        ],
    }


def year_pdf(year: int, receipts: Sequence[GiftReceipt], name: str, at: datetime) -> bytes:
    """Return the summary of a person's gift receipts for a year, in the page's language."""
    live = [one for one in receipts if one.cancelled_at is None]
    sums: dict[str, int] = {}
    for one in live:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
    told = {
        **_frame(_("Your gifts in %(year)s", year=year), "", at),
        "stamp": "",
        "from": [_("Giver"), name],
        "to": [],
        "facts": [],
        "head": [_("Day"), _("Receipt and recipient"), _("Amount")],
        "wide": 1,
        "rows": [
            [
                long_date(one.given_on),
                f"{one.number}, {one.recipient.name}, {one.recipient.registration_number}",
                plain_money(one.amount_minor, one.currency),
            ]
            for one in live
        ],
        "sums": [[_("Total"), plain_money(minor, code)] for code, minor in sums.items()],
        "notes": [
            _(
                "This is a list of gift receipts, not a receipt itself. Cancelled receipts are "
                "not in it. What companies gave out of their prices is theirs and not in it either."
            )
        ],
    }
    return make_pdf(told, at=at, template=TEMPLATE)


def invoice_pdf(invoice: Invoice, corrected: Invoice | None) -> bytes:
    """Return an invoice, or a credit note for `corrected`; in the language of the order."""
    with _speaking(invoice.told["locale"]):
        told = _invoice(invoice, corrected)
    return make_pdf(told, at=invoice.issued_at, template=TEMPLATE)


def _invoice(invoice: Invoice, corrected: Invoice | None) -> dict[str, object]:
    told, currency = invoice.told, invoice.currency
    items = [Item(**item) for item in told["items"]]
    is_credit = invoice.kind is InvoiceKind.CREDIT_NOTE

    def amount(minor: int) -> str:
        return plain_money(minor, currency)

    return {
        **_frame(
            _("Credit note") if is_credit else _("Invoice"), invoice.number, invoice.issued_at
        ),
        "stamp": "",
        "from": [_("Seller"), *_seller(told["seller"])],
        "to": [_("Buyer"), *_party(told["buyer"])],
        "facts": _invoice_facts(told, corrected),
        "head": [_("What"), _("VAT"), _("Price with VAT")],
        "rows": [
            [
                f"{item.quantity} × {item.title or _('Delivery')}",
                percent(item.vat_bp),
                amount(item.gross_minor),
            ]
            for item in items
        ],
        "sums": [
            *_vat_rows(items, currency),
            [
                _("Given back, VAT included") if is_credit else _("Total, VAT included"),
                amount(invoice.gross_minor),
            ],
        ],
        "notes": [
            _("Given back to the payment that the goods were bought with.")
            if is_credit
            else _("Paid in full. Sold by the seller above; Causeway took the payment for it."),
            _(
                "A gift of the buyer’s own is outside VAT and not part of this paper. What the "
                "seller gives to projects comes out of its price and does not change it."
            ),
        ],
    }


def _seller(seller: dict[str, Any]) -> list[str]:  # Any: JSON
    more = (
        [_("VAT number: %(number)s", number=seller["vat_number"])] if seller["vat_number"] else []
    )
    more += [seller["registration"]] if seller["registration"] else []
    return [*_party(seller), *more]


def _party(who: dict[str, Any]) -> list[str]:  # Any: JSON
    return [who["name"], *who["address"].splitlines(), country_name(who["country"])]


def _invoice_facts(told: dict[str, Any], corrected: Invoice | None) -> list[list[str]]:  # Any: JSON
    facts = [[_("Order"), told["order"]], [_("Paid on"), _day(told["paid_on"])]]
    if corrected is None and told["sent_on"]:
        facts.append([_("Sent on"), _day(told["sent_on"])])
    if corrected is not None:
        facts.append([_("Corrects invoice"), corrected.number])
        facts.append([_("Reason"), told["reason"]])
    return facts


def _vat_rows(items: Sequence[Item], currency: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for rate, (net, vat) in by_rate(items).items():
        rows.append([_("Without VAT, at %(rate)s", rate=percent(rate)), plain_money(net, currency)])
        rows.append([_("VAT, %(rate)s", rate=percent(rate)), plain_money(vat, currency)])
    return rows


def _day(text: str) -> str:
    return long_date(date.fromisoformat(text))


def _frame(title: str, number: str, at: datetime) -> dict[str, object]:
    return {
        "lang": current_language(),
        "title": title,
        "number": number,
        "written": _("Written on %(day)s", day=long_date(at)),
        "head": [],
        "wide": 0,
    }


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    """Speak the language of a paper, whoever reads it."""
    before = g.get("language")
    with force_locale(language):
        g.language = language
        try:
            yield
        finally:
            g.language = before
