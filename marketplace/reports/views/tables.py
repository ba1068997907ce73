"""The tables and the chart of a report on paper, part by part."""

from collections.abc import Callable

from marketplace.core.i18n import _
from marketplace.core.web.texts import long_date, plain_money
from marketplace.reports import queries
from marketplace.reports.models import Version
from marketplace.reports.rules import INPUTS, By, Figure, Figures, Part
from marketplace.reports.views.chart import paper_chart
from marketplace.reports.views.indexing import inputs_text, target_text
from marketplace.reports.views.telling import claim_text, method_texts, outcomes_of
from marketplace.reports.views.words import amount_of, figure_name, group_name, terms_name

Block = dict[str, object]


def table_of(head: list[str], rows: object, foot: object = ()) -> Block:
    """Return a table as the typesetting knows it."""
    return {"kind": "table", "head": [str(one) for one in head], "rows": rows, "foot": foot}


def text_of(text: str) -> Block:
    """Return a paragraph as the typesetting knows it."""
    return {"kind": "text", "text": text}


def blocks_of(part: Part, version: Version, figures: Figures) -> list[Block]:
    """Return the tables and the chart of a part."""
    makers: dict[Part, Callable[[Version, Figures], list[Block]]] = {
        Part.SELLING: _selling,
        Part.GIVING: _giving,
        Part.PROJECTS: lambda told, taken: [_grouped(told, taken, By.PROJECT, _("Project"))],
        Part.MONTHS: _months,
        Part.GOALS: _goals,
        Part.COUNTRIES: lambda told, taken: [
            _grouped(told, taken, By.COUNTRY, _("Country of the project"))
        ],
        Part.OUTCOMES: _outcomes,
        Part.SIGN_OFF: lambda _told, _taken: [{"kind": "signed"}],
        Part.METHOD: lambda told, _taken: [{"kind": "list", "items": method_texts(told)}],
        **dict.fromkeys(INPUTS, lambda _told, _taken: [text_of(inputs_text())]),
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
    blocks: list[Block] = [table_of(head, rows, [[_("Total"), *total]])]
    each = figures.per_piece()
    if each is not None:
        amount = plain_money(each, currency)
        text = _("We gave %(amount)s for each, on average.", amount=amount)
        blocks.append(text_of(text))
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
    blocks = [table_of(head, sales)]
    if Figure.PROMISED in figures:
        blocks.append(_promised(version, figures))
    blocks += [table_of(head, given, [line(Figure.GIVEN)]), table_of(head, beside)]
    return [*blocks, *_pools(version, figures)]


def _promised(version: Version, figures: Figures) -> Block:
    """Return what each promise asked for, and why what was given is not exactly that."""
    currency, is_whole = version.report.currency, figures.tells(Figure.GIVEN, By.TERMS)

    def written(*amounts: int) -> list[str]:
        return [plain_money(amount, currency) for amount in amounts]

    def last(promised: int, back: int, given: int) -> list[str]:
        return written(-back, given) if is_whole else written(promised)

    terms = figures.terms()
    rows = [
        [
            terms_name(one.of, currency),
            amount_of(Figure.PIECES_SOLD, one.pieces, currency),
            *written(one.base_minor, one.reckoned_minor, one.rounding_minor, one.cap_minor),
            *last(one.promised_minor, one.taken_back_minor, one.given_minor),
        ]
        for one in terms
    ]
    foot = [
        str(_("Total")),
        amount_of(Figure.PIECES_SOLD, figures[Figure.PIECES_SOLD], currency),
        *written(
            figures[Figure.NET_SOLD],
            sum(one.reckoned_minor for one in terms),
            sum(one.rounding_minor for one in terms),
            sum(one.cap_minor for one in terms),
        ),
        *last(figures[Figure.PROMISED], figures[Figure.TAKEN_BACK], figures[Figure.GIVEN]),
    ]
    head = [
        _("Promise"),
        _("Pieces sold"),
        _("Sold, without VAT"),
        _("The promise makes of it"),
        _("Rounded on each line"),
        _("Capped at the price"),
        *([_("Taken back"), _("Given")] if is_whole else [_("Given at the purchases")]),
    ]
    return table_of(head, rows, [foot])


def _goals(version: Version, figures: Figures) -> list[Block]:
    blocks = [_grouped(version, figures, By.GOAL, _("Goal"))]
    if figures.by(By.TARGET):
        blocks += [
            text_of(target_text()),
            _grouped(version, figures, By.TARGET, _("Official target")),
        ]
    return blocks


def _pools(version: Version, figures: Figures) -> list[Block]:
    currency = version.report.currency
    rows = [[one.label, plain_money(one[Figure.POOLS], currency)] for one in figures.by(By.POOL)]
    head = [_("Our matching pools"), _("Added, less what came back")]
    return [table_of(head, rows)] if rows else []


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
    return table_of([name, *(names[column] for column in columns)], rows, [[_("Total"), *total]])


def _outcomes(version: Version, _figures: Figures) -> list[Block]:
    currency = version.report.currency
    facts = list(queries.list_projects(version.id))
    results = outcomes_of(queries.list_claims(version.id), facts)
    if not results:
        none = _("None of the projects that we paid has published a measured value of this period.")
        return [text_of(none)]
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
    return [text_of(claim_text()), table_of(head, rows)]


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
