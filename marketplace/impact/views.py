"""What became of the money: of everything, of a cause, of a goal, of a place."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from flask import Blueprint, current_app

from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import amount_writer, country_name, path, plain_money
from marketplace.impact import queries
from marketplace.impact.queries import Group, GroupTotals, Month
from marketplace.look.charts import Series, bar_chart
from marketplace.outcomes import queries as outcomes
from marketplace.outcomes.queries import PublishedOutcome
from marketplace.projects import queries as projects
from marketplace.projects.models import Cause, Project
from marketplace.projects.queries import Narrowed
from marketplace.projects.rules import SDGS, sdg_name
from marketplace.reconciliation import queries as published

blueprint = Blueprint("impact", __name__)

UPDATES, OUTCOMES = 5, 8
"""So many of the newest are shown."""


@dataclass(frozen=True)
class Page:
    """What a page is about, and how projects and updates are narrowed to it."""

    title: str
    group: Group
    narrowed: Narrowed
    all_projects: str
    """The end of the address of the list of all its projects."""


@blueprint.get("/impact")
@access("public")
def everything() -> tuple[str, int]:
    """Show what became of all the money, and lead to causes, goals and places."""
    hold = published.hold()
    public = published.public_totals(_currency(), hold)
    page = Page(_("What became of the money"), Group(), projects.EVERYTHING, "")
    return render(
        "impact/everything.html",
        **_shown(page, is_held=hold.since is not None, with_outcomes=False),
        public=public,
        causes=projects.list_causes(),
        places=[(code, country_name(code)) for code in projects.list_countries()],
        sdgs=[(number, sdg_name(number)) for number in SDGS],
        language=current_language(),
    )


@blueprint.get("/impact/causes/<slug>")
@access("public")
def of_cause(slug: str) -> tuple[str, int]:
    """Show what became of the money for a cause."""
    found: Cause | None = projects.find_cause(slug)
    if found is None:
        raise NotFound
    group, narrowed = Group(cause=found.id), Narrowed(cause=found.slug)
    name = found.name_in(current_language())
    return _of(Page(name, group, narrowed, f"?cause={found.slug}"))


@blueprint.get("/impact/goals/<int:number>")
@access("public")
def of_goal(number: int) -> tuple[str, int]:
    """Show what became of the money for a Sustainable Development Goal."""
    if number not in SDGS:
        raise NotFound
    title = _("Goal %(number)s: %(name)s", number=number, name=sdg_name(number))
    return _of(Page(title, Group(goal=number), Narrowed(sdg=number), f"?sdg={number}"))


@blueprint.get("/impact/places/<country>")
@access("public")
def of_place(country: str) -> tuple[str, int]:
    """Show what became of the money in a country where there are projects."""
    if country not in projects.list_countries():
        raise NotFound
    group, narrowed = Group(country=country), Narrowed(country=country)
    return _of(Page(country_name(country), group, narrowed, f"?country={country}"))


def _of(page: Page) -> tuple[str, int]:
    is_held = published.hold().since is not None
    return render("impact/group.html", **_shown(page, is_held=is_held, with_outcomes=True))


def _shown(
    page: Page, *, is_held: bool, with_outcomes: bool
) -> dict[str, Any]:  # Any: what the template reads
    """Return what every such page shows; sums stand on none while a difference is looked into."""
    currency = _currency()
    totals = queries.group_totals(page.group, currency)
    rows = queries.list_projects([project_id for project_id, _totals in totals.largest])
    months = [] if is_held else queries.list_months(page.group, currency)
    return {
        "page": page,
        "currency": currency,
        "is_held": is_held,
        "totals": GroupTotals() if is_held else totals,
        "largest": [(rows[one], money) for one, money in totals.largest],
        "updates": projects.list_newest_updates(UPDATES, page.narrowed),
        "measured": _measured(rows) if with_outcomes else [],
        "drawing": _chart(page.title, months, currency) if months else None,
        "months": [
            (
                f"{month.began_on:%Y-%m}",
                [
                    plain_money(minor, currency)
                    for minor in (month.given_minor, month.paid_out_minor)
                ],
            )
            for month in months
        ],
        "counted_at": clock.now(),
        "all_projects": path("/projects") + page.all_projects,
    }


def _measured(rows: Mapping[uuid.UUID, Project]) -> list[tuple[PublishedOutcome, Project, str]]:
    """Return the newest value of each indicator of some projects, and how it is written."""
    found = outcomes.find_published_outcomes(list(rows))  # of an indicator, the newest comes last
    of_each = {one.indicator_id: one for one in found}.values()
    newest = sorted(of_each, key=lambda one: (one.measured_on, one.id), reverse=True)
    return [
        (one, rows[one.project_id], format_decimal(one.value, locale=current_language()))
        for one in newest[:OUTCOMES]
    ]


def _chart(title: str, months: list[Month], currency: str) -> object:
    return bar_chart(
        title=_("Money in by month, after returns: %(what)s", what=title),
        labels=[f"{month.began_on:%m/%y}" for month in months],
        series=[Series("in edge", _("Money in"), [month.given_minor for month in months])],
        write=amount_writer(currency),
    )


def _currency() -> str:
    return str(current_app.config["SETTINGS"].currency)
