"""What projects of the demo world plan and measure, from `plans.json`."""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from marketplace.accounts.models import User
from marketplace.core.db import atomic
from marketplace.demo.world import World
from marketplace.outcomes import service as outcomes
from marketplace.outcomes.models import Indicator, Outcome
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish, Value

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
