"""What was checked of many companies or projects, for programs: no names of those who checked."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.people.rules import TeamKind
from marketplace.verification.rules import Level, Step


@dataclass(frozen=True)
class PassedCheck:
    """The last check of a step, which passed."""

    step: Step
    what: str
    checked_on: date
    list_on: date | None
    """Of which day the sanctions list was."""


@dataclass(frozen=True)
class Standing:
    """What was decided last, on what it stands, and until when it holds."""

    level: Level
    decided_on: date
    valid_until: date
    checks: Sequence[PassedCheck]

    def has_lapsed(self, today: date) -> bool:
        """Say whether what was checked is too old."""
        return self.valid_until < today


_STANDING = """
    select about, level, decided_on, valid_until, coalesce(made.checks, '[]')
    from (
        select distinct on ({kind}_id) {kind}_id as about, level, valid_until,
            (decided_at at time zone 'UTC')::date as decided_on
        from verification where {kind}_id = any(:ids)
        order by {kind}_id, decided_at desc, id desc
    ) latest left join lateral (
        select json_agg(json_build_object('step', step, 'what', what, 'on', checked_on,
            'list_on', list_on) order by step) filter (where result = 'passed') as checks
        from (
            select distinct on (step) step, what, checked_on, list_on, result
            from verification_check where {kind}_id = latest.about
            order by step, made_at desc, id desc
        ) last
    ) made on true
"""
_STANDING_OF = {kind: sa.text(_STANDING.format(kind=kind)) for kind in TeamKind}


def list_standing(kind: TeamKind, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Standing]:
    """Return what was decided about those of some companies or projects that were checked.

    One statement. A company or project that was opened before there were checks is not among them.
    """
    rows = session.execute(_STANDING_OF[kind], {"ids": list(ids)})
    return {
        about: Standing(Level(level), decided_on, until, [_check(one) for one in checks])
        for about, level, decided_on, until, checks in rows
    }


def _check(told: Mapping[str, str | None]) -> PassedCheck:
    list_on = told["list_on"]
    return PassedCheck(
        Step(str(told["step"])),
        str(told["what"]),
        date.fromisoformat(str(told["on"])),
        date.fromisoformat(list_on) if list_on else None,
    )
