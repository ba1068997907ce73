"""Two reports of a company side by side."""

from flask import request

from marketplace.core.i18n import _
from marketplace.core.web import access, render
from marketplace.reports import queries
from marketplace.reports.rules import Figure, Figures
from marketplace.reports.views.public import blueprint
from marketplace.reports.views.telling import period_text
from marketplace.reports.views.words import amount_of, figure_name


@blueprint.get("/companies/<slug>/reports/<report_slug>/compare")
@access("public")
def compare(slug: str, report_slug: str) -> tuple[str, int]:
    """Show the figures of a report beside those of another period."""
    found = queries.get_published(slug, report_slug)
    cards = queries.list_published(found.report.company_id)
    others = [card for card in cards if card.slug != report_slug]
    wanted = request.args.get("with", "")
    chosen = next((card for card in others if card.slug == wanted), others[0] if others else None)
    other = queries.get_published(slug, chosen.slug) if chosen else None
    return render(
        "reports/compare.html",
        version=found,
        report=found.report,
        company=found.report.company,
        period=period_text(found),
        others=others,
        others_tabs=[(card.title, f"?with={card.slug}", card is chosen) for card in others],
        other=other,
        other_period=period_text(other) if other else "",
        rows=_rows(
            Figures.from_json(found.figures),
            Figures.from_json(other.figures),
            found.report.currency,
        )
        if other
        else [],
    )


def _rows(mine: Figures, theirs: Figures, currency: str) -> list[tuple[str, str, str, str]]:
    """Return the figures that both tell: name, the other's, this one's, the difference."""
    rows = []
    for figure in Figure:
        if figure not in mine or figure not in theirs:
            continue
        old, new = theirs[figure], mine[figure]
        written = [amount_of(figure, amount, currency) for amount in (old, new, new - old)]
        sign = "+" if new > old else ""
        rows.append((figure_name(figure), written[0], written[1], f"{sign}{written[2]}"))
    return [*rows, *_each(mine, theirs, currency)]


def _each(mine: Figures, theirs: Figures, currency: str) -> list[tuple[str, str, str, str]]:
    new, old = mine.per_piece(), theirs.per_piece()
    if new is None or old is None:
        return []
    amounts = [amount_of(Figure.GIVEN, amount, currency) for amount in (old, new, new - old)]
    return [
        (
            str(_("Given for each piece")),
            amounts[0],
            amounts[1],
            f"{'+' if new > old else ''}{amounts[2]}",
        )
    ]
