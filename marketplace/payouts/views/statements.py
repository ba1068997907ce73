"""Single payouts and what they are made of; a month of money as page, PDF and CSV."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Response as File

from marketplace.core import clock
from marketplace.core.cells import csv_cell
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.money import to_decimal_text
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import long_date, plain_money
from marketplace.ledger import queries as ledger
from marketplace.look.pdf import make_pdf
from marketplace.payouts import queries
from marketplace.payouts.models import PayeeKind
from marketplace.payouts.rules import Statement, month_after
from marketplace.payouts.views import words
from marketplace.payouts.views.desk import Page, on_both_desks, own_payee
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind

TEMPLATE = Path(__file__).parents[1] / "statement.typ"


@on_both_desks("/payouts/<int:number>")
@access("member")
def payout(kind: TeamKind, slug: str, number: int) -> Page:
    """Show a payout: where it stands, what it is made of, and its entries in the book."""
    team = own_payee(kind, slug)
    found = queries.get_payout(team.id, number)
    parts = queries.list_made_of(found.id)
    return render(
        "payouts/payout.html",
        team=team,
        payout=found,
        parts=parts,
        parts_minor=sum(part.amount_minor for part in parts),
        book=ledger.list_book_of_order(found.id),
    )


def _statement(kind: TeamKind, slug: str, month: str) -> tuple[Team, Statement]:
    """Return a month that has begun and of which there is something to say.

    :raises NotFound: there is none.
    """
    team = own_payee(kind, slug)
    currency, _country = queries.get_home(PayeeKind(kind), team.id)
    began = queries.when_it_began(team.id, currency)
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise NotFound from None
    if began is None or not began.replace(day=1) <= first <= clock.now().date():
        raise NotFound
    return team, queries.statement_of(team.id, currency, first)


@on_both_desks("/statements/<month>")
@access("member")
def statement(kind: TeamKind, slug: str, month: str) -> Page:
    """Show a month: what there was, what came and went, what is left."""
    team, found = _statement(kind, slug, month)
    return render(
        "payouts/statement.html",
        team=team,
        statement=found,
        month=words.month_name(found.month),
        is_over=month_after(found.month) <= clock.now().date(),
        kinds=words.of_kinds(),
        sources=words.of_sources(),
    )


@on_both_desks("/statements/<month>.csv")
@access("member")
def statement_csv(kind: TeamKind, slug: str, month: str) -> Page:
    """Serve every entry of a month to spreadsheets; no cell can be taken for a formula."""
    team, found = _statement(kind, slug, month)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["at", "what", "source", "about", "company", "amount", "balance", "currency"])
    balance = found.opening_minor
    writer.writerow(_row(found, ["", "opening balance", "", "", ""], 0, balance))
    for at, what, source, about, company, minor in queries.walk_entries(
        team.id, found.currency, found.month
    ):
        balance += minor
        cells = [f"{at:%Y-%m-%dT%H:%M:%SZ}", what, source or "", about or "", company or ""]
        writer.writerow(_row(found, cells, minor, balance))
    writer.writerow(_row(found, ["", "closing balance", "", "", ""], 0, balance))
    return _file(file.getvalue(), "text/csv; charset=utf-8", _name(team, found, "csv"))


def _row(found: Statement, cells: Iterable[str], minor: int, balance: int) -> list[str]:
    """Return a line of the table; its amounts have a point and the currency's decimals."""
    return [
        *(csv_cell(str(cell)) for cell in cells),
        to_decimal_text(minor, found.currency),
        to_decimal_text(balance, found.currency),
        found.currency,
    ]


@on_both_desks("/statements/<month>.pdf")
@access("member")
def statement_pdf(kind: TeamKind, slug: str, month: str) -> Page:
    """Serve a month as a document for paper and archives."""
    team, found = _statement(kind, slug, month)
    now = clock.now()
    end = datetime.combine(month_after(found.month), datetime.min.time(), UTC)
    document = make_pdf(_document(team, found), at=min(end, now), template=TEMPLATE)
    return _file(document, "application/pdf", _name(team, found, "pdf"))


def _document(team: Team, found: Statement) -> dict[str, object]:
    """Return what the PDF says, in the page's language."""

    def amount(minor: int) -> str:
        return plain_money(minor, found.currency)

    kinds, sources = words.of_kinds(), words.of_sources()
    return {
        "lang": current_language(),
        "title": _("Statement of %(month)s", month=words.month_name(found.month)),
        "payee": team.name,
        "period": _(
            "%(start)s to %(end)s", start=long_date(found.month), end=long_date(found.ends_on)
        ),
        "sums": [
            [_("Opening balance"), amount(found.opening_minor)],
            [_("Confirmed, less what was taken back"), amount(found.entries_minor)],
            [_("Paid out, less what came back"), amount(-found.paid_out_minor)],
            [_("Closing balance"), amount(found.closing_minor)],
        ],
        "rows": [
            [
                long_date(row.on_day),
                ", ".join(
                    one for one in (kinds.get(row.kind, row.kind), sources.get(row.source)) if one
                ),
                amount(row.amount_minor),
            ]
            for row in found.rows
        ],
        "words": {
            "day": _("Day"),
            "what": _("What"),
            "amount": _("Amount"),
            "days": _("Day by day"),
            "nothing": _("Nothing moved in this month."),
            "note": _(
                "Days are those of UTC. Confirmed money only: what buyers can still return is not "
                "in it. The CSV has every single entry."
            ),
        },
    }


def _name(team: Team, found: Statement, suffix: str) -> str:
    return f"{team.slug}-{found.month:%Y-%m}.{suffix}"


def _file(body: str | bytes, kind: str, name: str) -> File:
    answer = File(body, content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
