"""What is told of purchases: projects, months, outcomes, and how a year is drawn."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from markupsafe import Markup

from marketplace.community.queries import MonthPart, Standing
from marketplace.community.rules import share_bp
from marketplace.core.i18n import _
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import number, plain_money
from marketplace.ledger.rules import Source
from marketplace.look.charts import Series, bar_chart
from marketplace.outcomes import queries as outcomes
from marketplace.reconciliation import queries as published

MOST_MONTHS = 24
MOST_OUTCOMES = 12


@dataclass(frozen=True)
class Measured:
    """The newest value of an indicator of a project that was helped: the whole project's."""

    title: str
    value: str
    measured_on: date
    project_slug: str
    project: str


def measured(
    standing: Standing, since: date | None = None, until: date | None = None
) -> list[Measured]:
    """Return what the projects measured, the newest first: one statement, none for no project."""
    projects = {part.id: part for part in standing.projects}
    if not projects:
        return []
    found = outcomes.find_published_outcomes(list(projects), since, until)
    of_each = {one.indicator_id: one for one in found}.values()  # the newest comes last
    newest = sorted(of_each, key=lambda one: (one.measured_on, one.id), reverse=True)
    return [
        Measured(
            one.title,
            f"{number(one.value)} {one.unit}",
            one.measured_on,
            projects[one.project_id].slug,
            projects[one.project_id].title,
        )
        for one in newest[:MOST_OUTCOMES]
    ]


def shares(standing: Standing) -> dict[uuid.UUID, int]:
    """Return what part of all that was given to each project this is, in basis points."""
    ids: Collection[uuid.UUID] = [part.id for part in standing.projects]
    if not ids:
        return {}
    totals = published.project_totals(ids).totals
    return {
        part.id: share_bp(part.given_minor, totals[part.id].given_minor)
        for part in standing.projects
    }


@dataclass(frozen=True)
class MonthChart:
    """A drawing with its figures as a table."""

    drawing: Markup
    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


def month_chart(
    months: Sequence[MonthPart], currency: str, *, shows_amounts: bool = True
) -> MonthChart | None:
    """Return the newest months with all between them; without amounts, how many projects got some.

    The bars are companies' money only; own gifts and sponsors' money stand beside it in the table.
    """
    if not months:
        return None
    every = _every_month(months)[-MOST_MONTHS:]
    labels = [f"{month.began_on:%m/%y}" for month in every]
    names = [format_date(month.began_on, "LLLL y", locale=current_language()) for month in every]
    if not shows_amounts:
        counted = [month.projects for month in every]
        caption = _("Projects that got something, by the month of the purchase.")
        drawing = bar_chart(
            title=caption,
            labels=labels,
            series=[Series("in edge", _("Projects"), counted)],
            write=str,
        )
        rows = [(name, [str(one)]) for name, one in zip(names, counted, strict=True)]
        return MonthChart(drawing, caption, [_("Month"), _("Projects")], rows)
    caption = _(
        "What companies gave out of their prices, by the month of the purchase, after returns."
    )
    drawing = bar_chart(
        title=caption,
        labels=labels,
        series=[
            Series("in edge", _("From companies"), [one.minor(Source.PLEDGE) for one in every])
        ],
        write=lambda minor: plain_money(minor, currency),
    )
    columns = [_("Month"), _("From companies"), _("Own gifts"), _("Added by sponsors")]
    order = (Source.PLEDGE, Source.TOP_UP, Source.MATCH)
    rows = [
        (name, [plain_money(month.minor(source), currency) for source in order])
        for name, month in zip(names, every, strict=True)
    ]
    return MonthChart(drawing, caption, columns, rows)


def _every_month(months: Sequence[MonthPart]) -> list[MonthPart]:
    """Return the months with the empty ones between them."""
    known = {month.began_on: month for month in months}
    at, last, found = min(known), max(known), []
    while at <= last:
        found.append(known.get(at) or MonthPart(at, 0, {}))
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return found
