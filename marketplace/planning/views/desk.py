"""The desk's pages of the plan: story, milestones, goals and place, money from elsewhere, needs."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from flask import Blueprint, flash
from marshmallow import Schema
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.days import read_day
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.planning import queries, service
from marketplace.planning.models import Milestone, Need, StorySection
from marketplace.planning.rules import TARGETS, NeedKind, target_name, targets_in, unknown_targets
from marketplace.planning.schemas import (
    GoalsInput,
    MilestonesInput,
    NeedsInput,
    SectionsInput,
)
from marketplace.planning.service import Wish
from marketplace.projects import queries as projects
from marketplace.projects.models import Project
from marketplace.projects.views.desk import own

blueprint = Blueprint("planning_desk", __name__)

Page = tuple[str, int] | Response
Cells = Mapping[str, str]
"""A line of a form: what stands in each of its columns."""

SPARE_LINES = 2


@dataclass(frozen=True)
class Part:
    """A part of the plan: its form, its table, how lines are shown and read and kept."""

    schema: type[Schema]
    table: type[queries.Row]
    columns: Sequence[str]
    show: Callable[[queries.Row, str], Cells]
    read: Callable[[Cells, str, datetime], Mapping[str, object]]
    keep: Callable[[Project, Sequence[Wish], datetime], None]


def _optional_day(text: str, field: str) -> object:
    day = read_day(text) if text.strip() else None
    if text.strip() and day is None:
        raise Invalid(fields={field: _("Write the day like 2026-03-12.")})
    return day


def _title(cells: Cells) -> str:
    if not cells["titles"].strip():
        raise Invalid(fields={"titles": _("Say what each line is.")})
    return cells["titles"].strip()


def _read_section(cells: Cells, _currency: str, _now: datetime) -> Mapping[str, object]:
    return {"title": _title(cells), "body": cells["bodies"].strip()}


def _read_milestone(cells: Cells, _currency: str, _now: datetime) -> Mapping[str, object]:
    try:
        update = uuid.UUID(cells["updates"]) if cells["updates"] else None
    except ValueError:
        raise Invalid(fields={"updates": _("Choose an update of this project.")}) from None
    return {
        "title": _title(cells),
        "due_on": _optional_day(cells["due"], "due"),
        "reached_on": _optional_day(cells["reached"], "reached"),
        "update_id": update,
    }


def _read_need(cells: Cells, _currency: str, now: datetime) -> Mapping[str, object]:
    if cells["kinds"] not in list(NeedKind):
        raise Invalid(fields={"kinds": _("Choose one of what is offered.")})
    return {
        "title": _title(cells),
        "kind": NeedKind(cells["kinds"]),
        "until_on": _optional_day(cells["until"], "until"),
        "closed_at": now if cells["states"] == "closed" else None,
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)


PARTS = {
    "sections": Part(
        SectionsInput,
        StorySection,
        ("titles", "bodies"),
        lambda row, _currency: {"titles": row.title, "bodies": row.body},
        _read_section,
        lambda project, wishes, _now: service.set_sections(project=project, wishes=wishes),
    ),
    "milestones": Part(
        MilestonesInput,
        Milestone,
        ("titles", "due", "reached", "updates"),
        lambda row, _currency: {
            "titles": row.title,
            "due": _text(row.due_on),
            "reached": _text(row.reached_on),
            "updates": _text(row.update_id),
        },
        _read_milestone,
        lambda project, wishes, now: service.set_milestones(
            project=project, wishes=wishes, now=now
        ),
    ),
    "needs": Part(
        NeedsInput,
        Need,
        ("titles", "kinds", "until", "states"),
        lambda row, _currency: {
            "titles": row.title,
            "kinds": row.kind.value,
            "until": _text(row.until_on),
            "states": "closed" if row.closed_at else "open",
        },
        _read_need,
        lambda project, wishes, now: service.set_needs(project=project, wishes=wishes, now=now),
    ),
}


@blueprint.get("/project-desk/<slug>/plan")
@access("member")
def plan(slug: str) -> Page:
    """Show goals and place, and the way to the other parts of the plan."""
    return _plan_page(own(slug), Form(), 200)


def _plan_page(project: Project, form: Form, status: int) -> tuple[str, int]:
    language = current_language()
    return render(
        "planning/desk/plan.html",
        status,
        project=project,
        targets=[(number, target_name(number, language)) for number in TARGETS],
        chosen=[(number, target_name(number, language)) for number in project.sdg_targets],
        form=form,
    )


@blueprint.post("/project-desk/<slug>/plan")
@access("member")
def set_goals(slug: str) -> Page:
    """Name targets of the United Nations, and a place on the map."""
    project = own(slug)
    form = load_form(GoalsInput())
    if form.ok:
        try:
            with atomic():
                project = own(slug)
                service.set_goals(project=project, **_goals(form))
        except Invalid as error:
            form.refuse(error.fields)
        else:
            flash(_("Saved."))
            return redirect_to("planning_desk.plan", slug=slug)
    return _plan_page(own(slug), form, 422)


def _goals(form: Form) -> dict[str, Any]:  # Any: what the service takes
    said = form.data
    wrong = {}
    if unknown := unknown_targets(said["targets"]):
        wrong["targets"] = _("There is no target %(number)s.", number=unknown[0])
    latitude, longitude = _degrees(said["latitude"], 90), _degrees(said["longitude"], 180)
    if (said["latitude"] and latitude is None) or (said["longitude"] and longitude is None):
        wrong["latitude"] = _("Write degrees like -0.53 and 34.46.")
    elif (latitude is None) != (longitude is None):
        wrong["latitude"] = _("A place needs both of its numbers.")
    if wrong:
        raise Invalid(fields=wrong)
    return {
        "targets": targets_in(said["targets"]),
        "latitude": latitude,
        "longitude": longitude,
    }


def _degrees(text: str, most: int) -> float | None:
    try:
        degrees = float(text.replace(",", "."))
    except ValueError:
        return None
    return degrees if abs(degrees) <= most else None


@blueprint.get("/project-desk/<slug>/plan/<name>")
@access("member")
def part(slug: str, name: str) -> Page:
    """Show a part of the plan as a form."""
    project, about = own(slug), _part(name)
    rows = [
        {"ids": str(row.id), **about.show(row, project.currency)}
        for row in queries.list_rows(about.table, project.id)
    ]
    return _part_page(project, name, rows, Form(), 200)


@blueprint.post("/project-desk/<slug>/plan/<name>")
@access("member")
def set_part(slug: str, name: str) -> Page:
    """Change a part of the plan; on a mistake the form comes back as it was."""
    project, about = own(slug), _part(name)
    form = load_form(about.schema())
    rows = _rows(form, about)
    if form.ok:
        try:
            with atomic():
                project, now = own(slug), clock.now()
                wishes = [
                    (_row_id(cells), about.read(cells, project.currency, now)) for cells in rows
                ]
                about.keep(project, wishes, now)
        except Invalid as error:
            form.refuse(error.fields)
        else:
            flash(_("Saved."))
            return redirect_to("planning_desk.part", slug=slug, name=name)
    return _part_page(own(slug), name, rows, form, 422)


def _part(name: str) -> Part:
    if name not in PARTS:
        raise NotFound
    return PARTS[name]


def _rows(form: Form, about: Part) -> list[Cells]:
    """Return the lines of a form that say something."""
    names = ("ids", *about.columns)
    columns = [form.values.get(name, []) for name in names]
    lines = [dict(zip(names, cells, strict=True)) for cells in zip_longest(*columns, fillvalue="")]
    return [cells for cells in lines if any(cells[name].strip() for name in WRITTEN & set(names))]


WRITTEN = {"titles", "bodies"}
"""Columns that people write into: a line in which all of these are empty is none."""


def _row_id(cells: Cells) -> uuid.UUID | None:
    try:
        return uuid.UUID(cells["ids"]) if cells["ids"] else None
    except ValueError:
        raise Invalid(fields={"titles": _("Reload the page and try again.")}) from None


def _part_page(
    project: Project, name: str, rows: Sequence[Cells], form: Form, status: int
) -> tuple[str, int]:
    empty = dict.fromkeys(("ids", *PARTS[name].columns), "")
    updates = projects.list_updates(project.id).rows if name == "milestones" else ()
    return render(
        "planning/desk/part.html",
        status,
        project=project,
        name=name,
        rows=[*rows, *[empty] * SPARE_LINES],
        kinds=list(NeedKind),
        updates=[(str(update.id), update.title) for update in updates],
        answers=queries.list_answers(project.id) if name == "needs" else (),
        form=form,
    )
