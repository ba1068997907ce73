"""What projects of the demo world plan and measure, from `plans.json`."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import atomic, session
from marketplace.demo.world import World
from marketplace.outcomes import service as outcomes
from marketplace.outcomes.models import Indicator, Outcome
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish, Value
from marketplace.planning import service as planning
from marketplace.planning.rules import NeedKind
from marketplace.projects import service as projects
from marketplace.projects.models import BudgetLine, ProjectUpdate

Row = Mapping[str, Any]  # Any: JSON


def read() -> Row:
    """Return the file beside this one."""
    text = Path(__file__).with_name("plans.json").read_text(encoding="utf-8")
    loaded: Row = json.loads(text)
    return loaded


def lay_out(world: World) -> None:
    """Measure what the demo's projects said they would."""
    with atomic():
        for slug, row in read().items():
            for said in row["indicators"]:
                _measure(world, slug, said)
            _plan(world, slug, row)
        _fall_silent(world)


def _plan(world: World, slug: str, row: Row) -> None:
    """Write down what a project plans; the days of milestones are counted from now."""
    project, now = session.merge(world.projects[slug]), world.now
    latitude, longitude = row["place"]
    planning.set_goals(
        project=project, targets=row["targets"], latitude=latitude, longitude=longitude
    )
    planning.set_sections(
        project=project,
        wishes=[(None, {"title": title, "body": body}) for title, body in row["sections"]],
    )
    planning.set_milestones(
        project=project,
        wishes=[
            (
                None,
                {"title": title, "due_on": _day(now, due), "reached_on": _day(now, done)}
                | {"update_id": None},
            )
            for title, due, done in row["milestones"]
        ],
        now=now,
    )
    kept = {"until_on": None, "closed_at": None}
    needs = [
        (None, {"kind": NeedKind(kind), "title": title} | kept) for kind, title in row["needs"]
    ]
    planning.set_needs(project=project, wishes=needs, now=now)
    session.execute(
        sa.update(BudgetLine)
        .where(BudgetLine.project_id == project.id, BudgetLine.title.in_(row["minimum"]))
        .values(is_minimum=True)
    )


def _day(now: datetime, days: int | None) -> date | None:
    return None if days is None else (now + timedelta(days=days)).date()


def _fall_silent(world: World) -> None:
    """Let one project be paused, as it told nothing, and mark an update that tells of a setback."""
    project = session.merge(world.projects["women-weavers"])
    projects.remind(project=project, now=world.now - timedelta(days=31))
    projects.pause(project=project, now=world.now)
    session.execute(
        sa.update(ProjectUpdate).where(ProjectUpdate.title.in_(SETBACKS)).values(is_setback=True)
    )


SETBACKS = ("Cement was dearer than we planned", "The outcome we promised is late")


def _measure(world: World, slug: str, said: Row) -> None:
    indicator = outcomes.set_indicator(
        project=world.projects[slug],
        indicator=None,
        wish=IndicatorWish(
            said["title"],
            said["unit"],
            IndicatorKind(said["kind"]),
            said["code"],
            baseline=Decimal(said["baseline"]),
            baseline_on=world.began_at.date(),
            target=Decimal(said["target"]),
            target_on=(world.now + timedelta(days=300)).date(),
        ),
        now=world.began_at,
    )
    author, made = world.owners[slug], []
    for days, value, method in said["values"]:
        made.append(_publish(world, indicator, author, days, (value, method, "")))
    if "correction" in said:
        place, value, why = said["correction"]
        days, _value, method = said["values"][place]
        _publish(world, indicator, author, days, (value, method, why), corrects=made[place])


def _publish(
    world: World,
    indicator: Indicator,
    author: User,
    days: int,
    said: tuple[str, str, str],
    *,
    corrects: Outcome | None = None,
) -> Outcome:
    """Publish a value so many days ago; a correction comes three days later."""
    value, method, note = said
    at = world.now - timedelta(days=days)
    told_at = at + timedelta(days=3) if corrects else at
    made = outcomes.draft(
        indicator=indicator,
        author=author,
        value=Value(Decimal(value), at.date(), method, note),
        corrects=corrects,
        now=told_at,
    )
    outcomes.publish(outcome=made, now=told_at)
    return made
