"""What people call the figures, the parts and the groups of a report."""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_skeleton

from marketplace.core.i18n import _, _l
from marketplace.core.web import texts
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import percent, plain_money
from marketplace.planning.rules import target_name
from marketplace.projects.rules import SDGS, sdg_name
from marketplace.reports.rules import COUNTS, Annex, By, Figure, Part, Place

FIGURES: Mapping[Figure, object] = {
    Figure.SALES: _l("Sales, VAT included"),
    Figure.RETURNED: _l("Given back to shoppers"),
    Figure.KEPT: _l("Sales that stayed"),
    Figure.VAT: _l("VAT on what stayed sold"),
    Figure.NET_SALES: _l("Net sales: what stayed sold, without VAT"),
    Figure.NET_SOLD: _l("Sold, without VAT, before returns"),
    Figure.NET_RETURNED: _l("Given back, without VAT"),
    Figure.PIECES_SOLD: _l("Pieces sold"),
    Figure.PIECES: _l("Pieces that stayed sold"),
    Figure.ORDERS: _l("Orders"),
    Figure.PROMISED: _l("Given at the purchases"),
    Figure.TAKEN_BACK: _l("Taken back with returned goods"),
    Figure.GIVEN: _l("Given to projects"),
    Figure.PENDING: _l("Given, pending: goods can still be returned"),
    Figure.CONFIRMED: _l("Given, confirmed"),
    Figure.PAID: _l("Paid out to the projects"),
    Figure.TOP_UP: _l("Shoppers’ own donations, not counted as ours"),
    Figure.MATCH: _l("Matched by sponsors, not counted as ours"),
    Figure.POOLS: _l("Added by our matching pools, beside what our sales gave"),
}

ANNEXES: Mapping[Annex, object] = {
    Annex.HEAD: _l("The head of the report"),
    Annex.RESTATED: _l("What was restated, and why"),
    Annex.QUESTIONS: _l("Questions from readers"),
}

PARTS: Mapping[Part, object] = {
    Part.OPENING: _l("In our own words"),
    Part.SELLING: _l("What we sell"),
    Part.GIVING: _l("What we give, and how"),
    Part.TIME: _l("Hours that our people gave"),
    Part.IN_KIND: _l("Goods and services that we gave"),
    Part.MANAGEMENT: _l("What running it cost us"),
    Part.PROJECTS: _l("By project"),
    Part.MONTHS: _l("By month"),
    Part.GOALS: _l("By Sustainable Development Goal and target"),
    Part.COUNTRIES: _l("By country"),
    Part.OUTCOMES: _l("What came of it"),
    Part.BADLY: _l("What went badly"),
    Part.METHOD: _l("How we counted"),
    Part.SIGN_OFF: _l("Signed by"),
}


def figure_name(figure: str) -> str:
    """Return what people call a figure."""
    return str(FIGURES[Figure(figure)])


def place_name(place: Place) -> str:
    """Return what a part of a report, or what it has beside them, is called."""
    return str(PARTS[place] if isinstance(place, Part) else ANNEXES[place])


def target_title(number: str) -> str:
    """Return an official target with what it asks for: "6.1 Drinking water for all"."""
    if not number:
        return str(_("No target named"))
    return f"{number} {target_name(number, current_language())}".strip()


def country_name(code: str) -> str:
    """Return a country's name in the page's language; no country is told as such."""
    if not code:
        return str(_("No country named"))
    return texts.country_name(code)


def month_name(month: str) -> str:
    """Return "March 2026" for 2026-03, in the page's language."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=current_language())


def terms_name(of: str, currency: str) -> str:
    """Return a promise in few words: "8% of the price without VAT"."""
    kind, _colon, value = of.partition(":")
    if kind == "bp":
        return str(_("%(share)s of the price without VAT", share=percent(int(value))))
    return str(_("%(amount)s for each piece", amount=plain_money(int(value or 0), currency)))


def group_name(by: str, of: str, label: str, currency: str) -> str:
    """Return what people call a project, month, goal, target, country, product or promise."""
    match by:
        case By.MONTH:
            return month_name(of)
        case By.GOAL if of.isdecimal() and int(of) in SDGS:
            return f"{of} {sdg_name(int(of))}"
        case By.COUNTRY:
            return country_name(of)
        case By.TARGET:
            return target_title(of)
        case By.TERMS:
            return terms_name(of, currency)
    return label or of


def amount_of(figure: str, amount: int, currency: str) -> str:
    """Return an amount of a figure as people read it: money, or a number."""
    return (
        f"{amount:,}".replace(",", _thousands())
        if figure in COUNTS
        else plain_money(amount, currency)
    )


def _thousands() -> str:
    return {"fr": "\N{NARROW NO-BREAK SPACE}", "it": "."}.get(current_language(), ",")
