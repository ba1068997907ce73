"""Reads of plans: in one statement for pages, row by row for the desk."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.planning.models import Need, NeedAnswer
from marketplace.projects.models import SPENDING_COUNTS
from marketplace.projects.queries.money import MONTHS

MOST_ANSWERS = 200


@dataclass(frozen=True)
class Step:
    """A milestone: its title, its days, and the update that shows it."""

    title: str
    due_on: date | None
    reached_on: date | None
    update_id: str | None

    def is_late(self, today: date) -> bool:
        """Say whether its day has gone by."""
        return self.reached_on is None and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class PlannedLine:
    """A line of the budget."""

    title: str
    amount_minor: int
    is_minimum: bool


@dataclass(frozen=True)
class Plan:
    """All that a page tells of what a project plans."""

    sections: Sequence[tuple[str, str]] = ()
    """Heading and Markdown."""
    milestones: Sequence[Step] = ()
    funding: Sequence[tuple[str, int]] = ()
    """From elsewhere: funder and minor units, as `reports` keeps them."""
    needs: Sequence[tuple[str, str, str, date | None]] = ()
    """Id, kind, title and last day of what is still needed."""
    setbacks: Sequence[tuple[str, str, datetime]] = ()
    """Updates that tell of what went wrong: id, title, moment."""
    budget: Sequence[tuple[PlannedLine, int]] = ()
    """Lines, and what was spent of each."""
    months: Sequence[tuple[date, int, int, int]] = ()
    """As `projects.queries.list_months` returns them."""
    followers: int = 0


_PARTS = f"""
    select
    (select coalesce(jsonb_agg(jsonb_build_array(title, body) order by position, id), '[]')
        from story_section where project_id = :project),
    (select coalesce(jsonb_agg(jsonb_build_array(title, due_on, reached_on, update_id)
            order by coalesce(reached_on, due_on), position, id), '[]')
        from milestone where project_id = :project),
    (select coalesce(jsonb_agg(jsonb_build_array(funder, amount_minor)
            order by declared_at, id), '[]')
        from funding_elsewhere where project_id = :project),
    (select coalesce(jsonb_agg(jsonb_build_array(id, kind, title, until_on)
            order by position, id), '[]')
        from need where project_id = :project and closed_at is null
            and (until_on is null or until_on >= :today)),
    (select coalesce(jsonb_agg(jsonb_build_array(id, title, published_at)
            order by published_at desc), '[]')
        from (select id, title, published_at from project_update
            where project_id = :project and is_setback
            order by published_at desc limit 5) setback),
    (select coalesce(jsonb_agg(jsonb_build_array(title, amount_minor, is_minimum, (
                select coalesce(sum(spending.amount_minor), 0) from spending
                where spending.project_id = :project
                    and spending.budget_line_id = line.id and {SPENDING_COUNTS}
            )) order by position, id), '[]')
        from budget_line line where project_id = :project),
    (select count(*) from follow where project_id = :project)
"""  # noqa: S608  # our own constant
_PLAN = sa.text(_PARTS)
_PLAN_AND_MONTHS = sa.text(
    f"""{_PARTS}, (
        select coalesce(
            jsonb_agg(jsonb_build_array(month, given, paid, spent) order by month), '[]')
        from ({MONTHS}) counted (month, given, paid, spent)
    )"""  # noqa: S608  # our own constants
)


def get_plan(project_id: uuid.UUID, *, today: date, with_months: bool = False) -> Plan:
    """Return what a project plans, in one statement, if wanted with its money by month."""
    query = _PLAN_AND_MONTHS if with_months else _PLAN
    row = session.execute(query, {"project": project_id, "today": today}).one()
    sections, milestones, funding, needs, setbacks, budget, followers, *months = row
    return Plan(
        [(title, body) for title, body in sections],
        [Step(title, _day(due), _day(done), update) for title, due, done, update in milestones],
        [(funder, minor) for funder, minor in funding],
        [(need, kind, title, _day(until)) for need, kind, title, until in needs],
        [(update, title, datetime.fromisoformat(at)) for update, title, at in setbacks],
        [(PlannedLine(*line), spent) for *line, spent in budget],
        [(date.fromisoformat(month), *moved) for rows in months for month, *moved in rows],
        followers,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


Row = Any  # Any: of story_section, milestone or need


def list_rows(table: type[Row], project_id: uuid.UUID) -> Sequence[Row]:
    """Return a project's rows of one part of its plan, as the desk shows them."""
    return session.scalars(
        sa.select(table).where(table.project_id == project_id).order_by(table.position, table.id)
    ).all()


def lock_rows(table: type[Row], project_id: uuid.UUID) -> dict[uuid.UUID, Row]:
    """Return the same by id, held until the commit."""
    rows = session.scalars(
        sa.select(table).where(table.project_id == project_id).order_by(table.id).with_for_update()
    )
    return {row.id: row for row in rows}


def get_need(need_id: uuid.UUID) -> Need:
    """Return a need with its project.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(Need).where(Need.id == need_id).options(joinedload(Need.project))
    )
    if found is None:
        raise NotFound
    return found


def find_answer(need_id: uuid.UUID, user_id: uuid.UUID) -> NeedAnswer | None:
    """Return what somebody answered."""
    return session.scalar(
        sa.select(NeedAnswer).where(NeedAnswer.need_id == need_id, NeedAnswer.user_id == user_id)
    )


def get_answer(answer_id: uuid.UUID) -> NeedAnswer:
    """Return an answer with who gave it and to what.

    :raises NotFound: there is none, or it was taken back.
    """
    found = session.scalar(
        sa.select(NeedAnswer)
        .where(NeedAnswer.id == answer_id)
        .options(joinedload(NeedAnswer.need).joinedload(Need.project), joinedload(NeedAnswer.user))
    )
    if found is None:
        raise NotFound
    return found


def list_answers(project_id: uuid.UUID) -> Sequence[NeedAnswer]:
    """Return who answered what a project needs, the newest first."""
    return session.scalars(
        sa.select(NeedAnswer)
        .join(NeedAnswer.need)
        .where(Need.project_id == project_id)
        .options(joinedload(NeedAnswer.need), joinedload(NeedAnswer.user))
        .order_by(NeedAnswer.created_at.desc(), NeedAnswer.id)
        .limit(MOST_ANSWERS)
    ).all()


def list_own_answers(user_id: uuid.UUID) -> Sequence[NeedAnswer]:
    """Return what somebody answered, the newest first."""
    return session.scalars(
        sa.select(NeedAnswer)
        .where(NeedAnswer.user_id == user_id)
        .options(joinedload(NeedAnswer.need).joinedload(Need.project))
        .order_by(NeedAnswer.created_at.desc(), NeedAnswer.id)
        .limit(MOST_ANSWERS)
    ).all()


def count_answers(need_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many answered each of some needs; those that nobody answered are left out."""
    rows = session.execute(
        sa.select(NeedAnswer.need_id, sa.func.count())
        .where(NeedAnswer.need_id.in_(need_ids))
        .group_by(NeedAnswer.need_id)
    )
    return {row.need_id: row[1] for row in rows}
