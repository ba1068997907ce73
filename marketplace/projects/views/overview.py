"""What the first page of a project draws and adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from markupsafe import Markup

from marketplace.core.addresses import public_url
from marketplace.core.i18n import _
from marketplace.core.rich_text import render_markdown
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import amount_writer, plain_money
from marketplace.look.charts import Mark, Series, stepped_chart
from marketplace.outcomes import queries as outcomes
from marketplace.outcomes.queries import PublishedOutcome
from marketplace.outcomes.rules import present_value, progress_bp
from marketplace.planning.queries import Plan, Step
from marketplace.planning.rules import target_name
from marketplace.projects.models import Project

MOST_INDICATORS = 6
Months = Sequence[tuple[date, int, int, int]]
"""Month, and what came in, was paid out and was spent in it."""


@dataclass(frozen=True)
class Changed:
    """What an indicator says in one line of a table."""

    title: str
    unit: str
    present: Decimal
    target: Decimal | None
    progress_bp: int | None
    measured_on: date
    is_reviewed: bool


def changed(found: Sequence[PublishedOutcome]) -> list[Changed]:
    """Return where the first indicators of a project stand; `found` by indicator and day."""
    measured = outcomes.measured(found)
    newest = {one.indicator_id: one for one in found}
    told = []
    for indicator_id, one in list(newest.items())[:MOST_INDICATORS]:
        values = measured[indicator_id]
        present = present_value(one.kind, one.baseline, values)
        way = progress_bp(one.kind, one.baseline, one.target, values)
        told.append(
            Changed(
                *(one.title, one.unit, present or Decimal(0), one.target, way),
                *(one.measured_on, one.reviews > 0),
            )
        )
    return told


def chart(project: Project, plan: Plan) -> tuple[Markup, list[tuple[str, int, int, int]]] | None:
    """Draw what had come, was paid out and was spent by each month; None where nothing came."""
    months = plan.months
    if not any(given for _month, given, _paid, _spent in months):
        return None
    whole = _without_gaps(months)
    labels = [f"{row[0]:%m/%y}" for row in whole]
    given = list(accumulate(row[1] for row in whole))
    paid = list(accumulate(row[2] for row in whole))
    spent = list(accumulate(row[3] for row in whole))
    drawing = stepped_chart(
        title=_("The money of %(project)s, month by month", project=project.title),
        labels=labels,
        series=[
            Series("in", _("Money in"), [max(minor, 0) for minor in given]),
            Series("paid", _("Paid out"), paid),
            Series("spent", _("Spent, with receipts"), list(map(min, spent, paid))),
        ],
        write=amount_writer(project.currency),
        goal=project.goal_minor,
        goal_text=_("Goal %(goal)s", goal=plain_money(project.goal_minor, project.currency)),
        marks=_marks(plan.milestones, whole),
    )
    rows = zip((f"{row[0]:%Y-%m}" for row in whole), given, paid, spent, strict=True)
    return drawing, list(rows)


def _without_gaps(months: Months) -> Months:
    """Return every month from the first to the last, those without movement too."""
    moved = {row[0]: row for row in months}
    found, month, last = [], months[0][0], months[-1][0]
    while month <= last:
        found.append(moved.get(month, (month, 0, 0, 0)))
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found


def _marks(milestones: Sequence[Step], months: Months) -> list[Mark]:
    """Return reached milestones as numbered stones in their months."""
    places = {row[0]: place for place, row in enumerate(months)}
    reached = [one.reached_on.replace(day=1) for one in milestones if one.reached_on]
    numbered = enumerate(reached, 1)
    return [Mark(places[month], str(number)) for number, month in numbered if month in places]


def story(project: Project, plan: Plan) -> list[tuple[str, Markup]]:
    """Return a story in its parts, the first without a heading; Markdown becomes HTML."""
    parts = [("", project.story), *plan.sections]
    return [(title, render_markdown(body)) for title, body in parts if body.strip()]


def targets(project: Project) -> list[tuple[str, str]]:
    """Return the UN's targets that a project names, each with what it asks for."""
    language = current_language()
    return [(number, target_name(number, language)) for number in project.sdg_targets]


def structured(found: Project) -> dict[str, object]:
    """Return what search engines read: schema.org's Organization behind the project."""
    return {
        "@context": "https://schema.org",
        "@type": "Project",
        "name": found.title,
        "description": found.summary,
        "url": public_url(f"/projects/{found.slug}"),
        "parentOrganization": {"@type": "Organization", "name": found.organisation},
    }
