"""What the PDF of a report says, in the page's language: data, never markup."""

from collections.abc import Callable

from flask import current_app

from marketplace.core.i18n import _
from marketplace.core.rich_text import markdown_blocks
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import long_date, plain_money
from marketplace.look.art import art_url, draw
from marketplace.reports import queries
from marketplace.reports.models import Version
from marketplace.reports.policies import is_suspended
from marketplace.reports.rules import By, Figure, Figures, Part
from marketplace.reports.views.chart import paper_chart
from marketplace.reports.views.public import SUSPENDED, own_address, restated
from marketplace.reports.views.telling import (
    as_of_text,
    claim_text,
    method_texts,
    outcomes_of,
    period_text,
    scope_text,
)
from marketplace.reports.views.words import PARTS, amount_of, figure_name, group_name, terms_name

Block = dict[str, object]


def document_of(version: Version, *, is_newest: bool, attached: str) -> dict[str, object]:
    """Return what `report.typ` prints, and the data that goes with it."""
    company, figures = version.report.company, Figures.from_json(version.figures)
    currency = version.report.currency
    stands = queries.list_versions(version.report_id, before=version.number)
    address = own_address(version, is_newest=is_newest)
    given = plain_money(figures[Figure.GIVEN], currency)
    return {
        "lang": current_language(),
        "company": company.name,
        "place": ", ".join(part for part in (company.name, company.city) if part),
        "title": version.title,
        "period": period_text(version),
        "lead": _("We gave %(amount)s to projects that our customers chose.", amount=given),
        "scope": scope_text(version),
        "cloth": _cloth(company.palette, company.name),
        "notice": str(SUSPENDED) if is_suspended(company) else "",
        "superseded": _superseded(version, stands[0].number),
        "restated": _restated(version, restated(version, stands, figures)),
        "parts": [
            {
                "title": str(PARTS[section.part]),
                "words": markdown_blocks(section.text),
                "blocks": _blocks(section.part, version, figures),
            }
            for section in sorted(version.sections, key=lambda one: one.position)
            if section.is_shown and (section.part is not Part.OPENING or section.text.strip())
        ],
        "signatures": _signatures(version),
        "edition": _(
            "Version %(number)s, published on %(day)s.",
            number=version.number,
            day=long_date(version.published_at),
        ),
        "as_of": as_of_text(version),
        "address": f"{current_app.config['PUBLIC_URL']}{address}",
        "check": _("Every figure opens down to its entries at"),
        "signed_by": _("Signed by"),
        "attached": attached,
        "attached_name": f"{version.report.slug}-{version.number}.json",
        "attached_about": _("The figures of this report for programs"),
    }


def _cloth(palette: str, name: str) -> str:
    """Return the company's cloth as the site draws it."""
    address = art_url("cloth", palette, name).removesuffix(".svg").split("/")
    return draw(address[2], tuple(address[3:])) or ""


def _superseded(version: Version, newest: int) -> str:
    if version.number == newest:
        return ""
    return str(_("This version was restated: version %(number)s is the newest.", number=newest))


def _restated(version: Version, rows: list[tuple[str, str, str, str]]) -> Block | None:
    if version.number == 1:
        return None
    return {
        "title": _("What was restated, and why"),
        "reason": version.reason,
        "table": _table([_("Figure"), _("Was"), _("Is"), _("Difference")], rows) if rows else None,
    }


def _signatures(version: Version) -> list[dict[str, str]]:
    found = []
    if version.published_by:
        when = long_date(version.published_at)
        found.append({"name": version.published_by.name, "role": _joined(version.signed_as, when)})
    if version.reviewed_by:
        when = str(_("reviewed on %(day)s", day=long_date(version.reviewed_at)))
        found.append({"name": version.reviewed_by.name, "role": _joined(version.reviewed_as, when)})
    else:
        found.append({"name": "", "role": str(_("Not reviewed by a second person."))})
    return found


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _table(head: list[str], rows: object, foot: object = ()) -> Block:
    return {"kind": "table", "head": [str(one) for one in head], "rows": rows, "foot": foot}


def _blocks(part: Part, version: Version, figures: Figures) -> list[Block]:
    """Return the tables and the chart of a part."""
    makers: dict[Part, Callable[[Version, Figures], list[Block]]] = {
        Part.SELLING: _selling,
        Part.GIVING: _giving,
        Part.PROJECTS: lambda told, taken: [_grouped(told, taken, By.PROJECT, _("Project"))],
        Part.MONTHS: _months,
        Part.GOALS: lambda told, taken: [_grouped(told, taken, By.GOAL, _("Goal"))],
        Part.COUNTRIES: lambda told, taken: [
            _grouped(told, taken, By.COUNTRY, _("Country of the project"))
        ],
        Part.OUTCOMES: _outcomes,
        Part.METHOD: lambda told, _taken: [{"kind": "list", "items": method_texts(told)}],
    }
    return makers[part](version, figures) if part in makers else []


def _selling(version: Version, figures: Figures) -> list[Block]:
    if Figure.PIECES not in figures:
        return []
    currency = version.report.currency
    columns = (Figure.PIECES, Figure.NET_SALES, Figure.GIVEN)
    products = figures.by(By.PRODUCT)
    rows = [
        [one.label or one.of, *(amount_of(column, one[column], currency) for column in columns)]
        for one in products
    ]
    rest = {column: figures[column] - sum(one[column] for one in products) for column in columns}
    if any(rest.values()):
        amounts = [amount_of(column, rest[column], currency) for column in columns]
        rows.append([str(_("All other products")), *amounts])
    total = [amount_of(column, figures[column], currency) for column in columns]
    head = [_("Product"), _("Pieces"), _("Net sales"), _("Given")]
    blocks: list[Block] = [_table(head, rows, [[_("Total"), *total]])]
    each = figures.per_piece()
    if each is not None:
        amount = plain_money(each, currency)
        text = _("We gave %(amount)s for each, on average.", amount=amount)
        blocks.append({"kind": "text", "text": text})
    return blocks


def _giving(version: Version, figures: Figures) -> list[Block]:
    currency = version.report.currency

    def line(figure: Figure, sign: int = 1) -> list[str]:
        return [figure_name(figure), plain_money(sign * figures[figure], currency)]

    head = [_("What"), _("Amount")]
    sales = [line(Figure.SALES), line(Figure.RETURNED, -1), line(Figure.KEPT)]
    if Figure.NET_SALES in figures:
        sales += [line(Figure.VAT, -1), line(Figure.NET_SALES)]
    given = [line(Figure.PENDING), line(Figure.CONFIRMED)]
    if Figure.PAID in figures:
        paid = plain_money(figures[Figure.PAID], currency)
        given.append([str(_("of that, paid out to the projects")), paid])
    beside = [line(Figure.TOP_UP)]
    if figures[Figure.MATCH]:
        beside.append(line(Figure.MATCH))
    if figures[Figure.POOLS]:
        beside.append(line(Figure.POOLS))
    blocks = [_table(head, sales)]
    if Figure.PROMISED in figures:
        blocks.append(_promised(version, figures))
    return [*blocks, _table(head, given, [line(Figure.GIVEN)]), _table(head, beside)]


def _promised(version: Version, figures: Figures) -> Block:
    currency = version.report.currency
    rows = [
        [
            terms_name(one.of, currency),
            amount_of(Figure.PIECES_SOLD, one.pieces, currency),
            plain_money(one.base_minor, currency),
            plain_money(one.reckoned_minor, currency),
            plain_money(one.rounding_minor, currency),
            plain_money(one.promised_minor, currency),
        ]
        for one in figures.terms()
    ]
    blank = [""] * 4
    back = plain_money(-figures[Figure.TAKEN_BACK], currency)
    foot = [
        [figure_name(Figure.PROMISED), *blank, plain_money(figures[Figure.PROMISED], currency)],
        [figure_name(Figure.TAKEN_BACK), *blank, back],
        [figure_name(Figure.GIVEN), *blank, plain_money(figures[Figure.GIVEN], currency)],
    ]
    head = [
        _("Promise"),
        _("Pieces sold"),
        _("Sold, without VAT"),
        _("The promise makes of it"),
        _("Rounded on each line"),
        _("Given at the purchases"),
    ]
    return _table(head, rows, foot)


def _grouped(version: Version, figures: Figures, by: By, name: str) -> Block:
    currency = version.report.currency
    is_split = Figure.PAID in figures
    columns = [Figure.PENDING, Figure.CONFIRMED, Figure.PAID] if is_split else []
    columns.append(Figure.GIVEN)
    names = {
        Figure.PENDING: _("Pending"),
        Figure.CONFIRMED: _("Confirmed"),
        Figure.PAID: _("of that, paid out"),
        Figure.GIVEN: _("Given"),
    }
    rows = [
        [
            group_name(by, one.of, one.label, currency),
            *(plain_money(one[column], currency) for column in columns),
        ]
        for one in figures.by(by)
    ]
    total = [plain_money(figures[column], currency) for column in columns]
    return _table([name, *(names[column] for column in columns)], rows, [[_("Total"), *total]])


def _outcomes(version: Version, _figures: Figures) -> list[Block]:
    currency = version.report.currency
    facts = list(queries.list_projects(version.id))
    results = outcomes_of(queries.list_claims(version.id), facts)
    if not results:
        none = _("None of the projects that we paid has published a measured value of this period.")
        return [{"kind": "text", "text": none}]
    rows = [
        [
            f"{one.title} ({one.project}), {long_date(one.measured_on)}. {one.method}",
            one.whole,
            plain_money(one.paid_minor, currency),
            plain_money(one.cost_minor, currency),
            one.share,
            one.part,
        ]
        for one in results
    ]
    head = [
        _("What was measured"),
        _("The whole project"),
        _("We paid"),
        _("It costs"),
        _("Our share"),
        _("Our part of it"),
    ]
    return [{"kind": "text", "text": claim_text()}, _table(head, rows)]


def _months(version: Version, figures: Figures) -> list[Block]:
    months = figures.by(By.MONTH)
    if not months:
        return []
    company = version.report.company.name
    alt = _("What %(company)s gave, by month", company=company)
    drawing = paper_chart(months, version.report.currency)
    return [
        {"kind": "chart", "svg": drawing, "alt": alt},
        _grouped(version, figures, By.MONTH, _("Month")),
    ]
