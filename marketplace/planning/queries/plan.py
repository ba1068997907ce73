"""All that pages tell of a plan, in one statement."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.planning.queries.wrong import WRONG, Wrong, wrong_of
from marketplace.projects.models import SPENDING_COUNTS
from marketplace.projects.queries.money import MONTHS

MOST_REVISIONS = 20


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
class Funded:
    """What comes from elsewhere, as `reports` keeps it."""

    funder: str
    amount_minor: int
    standing: str
    """`certain`, `applied` or `refused`."""


@dataclass(frozen=True)
class Revision:
    """A change of the goal or of a line of the budget; what is new has no past, and so on."""

    changed_at: datetime
    is_goal: bool
    was_title: str | None
    title: str | None
    was_minor: int | None
    minor: int | None
    reason: str


@dataclass(frozen=True)
class Plan:
    """All that a page tells of what a project plans."""

    sections: Sequence[tuple[str, str]] = ()
    """Heading and Markdown."""
    milestones: Sequence[Step] = ()
    funding: Sequence[Funded] = ()
    needs: Sequence[tuple[str, str, str, date | None]] = ()
    """Id, kind, title and last day of what is still needed."""
    wrong: Sequence[Wrong] = ()
    budget: Sequence[tuple[PlannedLine, int]] = ()
    """Lines, and what was spent of each."""
    revisions: Sequence[Revision] = ()
    """Of budget and goal, the newest first."""
    months: Sequence[tuple[date, int, int, int]] = ()
    """As `projects.queries.list_months` returns them."""
    followers: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    """What else the statement was asked for."""


_PARTS = f"""
    select
    (select coalesce(jsonb_agg(jsonb_build_array(title, body) order by position, id), '[]')
        from story_section where project_id = :project) as sections,
    (select coalesce(jsonb_agg(jsonb_build_array(title, due_on, reached_on, update_id)
            order by coalesce(reached_on, due_on), position, id), '[]')
        from milestone where project_id = :project) as milestones,
    (select coalesce(jsonb_agg(jsonb_build_array(funder, amount_minor, standing)
            order by declared_at, id), '[]')
        from funding_elsewhere declared where project_id = :project and not exists (
            select from funding_elsewhere later where later.follows_id = declared.id
        )) as funding,
    (select coalesce(jsonb_agg(jsonb_build_array(id, kind, title, until_on)
            order by position, id), '[]')
        from need where project_id = :project and closed_at is null
            and (until_on is null or until_on >= :today)) as needs,
    ({WRONG}) as wrong,
    (select coalesce(jsonb_agg(jsonb_build_array(title, amount_minor, is_minimum, (
                select coalesce(sum(spending.amount_minor), 0) from spending
                where spending.project_id = :project
                    and spending.budget_line_id = line.id and {SPENDING_COUNTS}
            )) order by position, id), '[]')
        from budget_line line where project_id = :project) as budget,
    (select coalesce(jsonb_agg(jsonb_build_array(changed_at, is_goal, was_title, title,
                was_minor, minor, reason) order by changed_at desc, id), '[]')
        from (select * from budget_change where project_id = :project
            order by changed_at desc, id limit {MOST_REVISIONS}) newest) as revisions,
    (select count(*) from follow where project_id = :project) as followers
"""  # noqa: S608  # our own constants
_NAMES = ["sections", "milestones", "funding", "needs", "wrong", "budget", "revisions", "followers"]
MONTHS_TOLD = f"""
    select coalesce(jsonb_agg(jsonb_build_array(month, given, paid, spent) order by month), '[]')
    from ({MONTHS}) counted (month, given, paid, spent)
"""  # noqa: S608  # our own constant
"""SQL: a project's money by month, as JSON, for `statement(months=...)`."""


def statement(**more: str) -> sa.TextualSelect:
    """Return a statement that finds a plan, and by name what else a page wants, each as JSON."""
    asked = _PARTS + "".join(f", ({query}) as {name}" for name, query in more.items())
    return sa.text(asked).columns(*map(sa.column, [*_NAMES, *more]))


_PLAN = statement()


def get_plan(
    project_id: uuid.UUID, *, today: date, query: sa.TextualSelect = _PLAN, **values: object
) -> Plan:
    """Return what a project plans, in one statement, which `statement` made.

    :param values: of the parameters that what else the page wants has
    """
    bounds = {"project": project_id, "today": today, **values}
    found = session.execute(query, bounds).mappings().one()
    row = dict[str, Any](found)  # Any: JSON
    return Plan(
        sections=[(title, body) for title, body in row["sections"]],
        milestones=[
            Step(title, _day(due), _day(done), update)
            for title, due, done, update in row["milestones"]
        ],
        funding=[Funded(*one) for one in row["funding"]],
        needs=[(need, kind, title, _day(until)) for need, kind, title, until in row["needs"]],
        wrong=wrong_of(row["wrong"]),
        budget=[(PlannedLine(*line), spent) for *line, spent in row["budget"]],
        revisions=[Revision(datetime.fromisoformat(at), *told) for at, *told in row["revisions"]],
        months=[(date.fromisoformat(month), *moved) for month, *moved in row.get("months", ())],
        followers=row["followers"],
        more=row,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
