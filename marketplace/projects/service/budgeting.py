"""What projects plan to spend, and what of it was planned otherwise before."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.projects.models import BudgetChange, BudgetLine, Project, ProjectState, Spending

BudgetWish = tuple[uuid.UUID | None, str, int] | tuple[uuid.UUID | None, str, int, bool]
"""Which line, its title, minor units, and whether the project cannot begin without it."""


def set_budget(*, project: Project, lines: Sequence[BudgetWish]) -> None:
    """Make a budget of these lines, in this order.

    :raises Invalid: a line is another project's, or one goes of which money was spent.
    """
    query = sa.select(BudgetLine).where(BudgetLine.project_id == project.id).with_for_update()
    known = {line.id: line for line in session.scalars(query)}
    kept = {wish[0] for wish in lines if wish[0] is not None}
    if not kept <= known.keys():
        raise Invalid(fields={"titles": _l("Choose a line of this project's budget.")})
    gone = known.keys() - kept
    spent = sa.select(Spending.id).where(Spending.budget_line_id.in_(gone)).limit(1)
    if gone and session.scalar(spent):
        raise Invalid(fields={"titles": _l("Money was spent of a line that you took away.")})
    session.execute(sa.delete(BudgetLine).where(BudgetLine.id.in_(gone)))
    for place, (line_id, title, amount_minor, *is_minimum) in enumerate(lines):
        line = known[line_id] if line_id else BudgetLine(id=new_id(), project_id=project.id)
        line.title, line.amount_minor, line.position = title, amount_minor, place
        line.is_minimum = any(is_minimum)
        session.add(line)
    session.flush()


Line = tuple[str, int]
"""Title and minor units."""


def change_budget(
    *,
    project: Project,
    lines: Sequence[BudgetWish],
    goal_minor: int,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """Change goal and budget; once the project was verified, everybody sees what was before.

    :raises Invalid: as `set_budget`, or the goal of a verified project changes without a reason.
    """
    session.refresh(project, ["goal_minor", "state"], with_for_update={"key_share": True})
    was_goal, before = project.goal_minor, _lines(project.id)
    is_public = project.state is not ProjectState.PROPOSED
    if is_public and goal_minor != was_goal and not reason:
        raise Invalid(fields={"reason": _l("Say why the goal changes: everybody reads it.")})
    set_budget(project=project, lines=lines)
    project.goal_minor = goal_minor
    session.flush()
    if not is_public:
        return
    about = {
        "project_id": project.id,
        "reason": reason,
        "changed_by_id": by.id,
        "changed_at": now,
    }
    if goal_minor != was_goal:
        row = BudgetChange(id=new_id(), is_goal=True, was_minor=was_goal, minor=goal_minor, **about)
        session.add(row)
    for was, is_ in _changed(before, _lines(project.id)):
        (was_title, was_minor), (title, minor) = was or (None, None), is_ or (None, None)
        told = {"was_title": was_title, "title": title, "was_minor": was_minor, "minor": minor}
        session.add(BudgetChange(id=new_id(), is_goal=False, **told, **about))
    session.flush()


def _lines(project_id: uuid.UUID) -> dict[uuid.UUID, Line]:
    rows = session.execute(
        sa.select(BudgetLine.id, BudgetLine.title, BudgetLine.amount_minor)
        .where(BudgetLine.project_id == project_id)
        .order_by(BudgetLine.position, BudgetLine.id)
    )
    return {row.id: (row.title, row.amount_minor) for row in rows}


def _changed(
    before: Mapping[uuid.UUID, Line], now: Mapping[uuid.UUID, Line]
) -> list[tuple[Line | None, Line | None]]:
    """Return each line that is otherwise than before: what it was, and what it is."""
    both = [*before, *(line for line in now if line not in before)]
    told = [(before.get(line), now.get(line)) for line in both]
    return [(was, is_) for was, is_ in told if was != is_]
