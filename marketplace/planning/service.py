"""What changes plans, and answers to what is needed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.planning import queries
from marketplace.planning.models import Milestone, Need, NeedAnswer, StorySection
from marketplace.planning.rules import MOST_ROWS, MOST_SECTIONS, goal_of
from marketplace.projects.models import Project, ProjectUpdate

Wish = tuple[uuid.UUID | None, Mapping[str, object]]
"""Which row is meant, None for a new one, and its columns."""


def set_sections(*, project: Project, wishes: Sequence[Wish]) -> None:
    """Make a story of these sections, in this order.

    :raises Invalid: there are too many, or one is another project's.
    """
    if len(wishes) > MOST_SECTIONS:
        raise Invalid(fields={"titles": _l("A story has at most eight sections.")})
    _replace(StorySection, project, wishes, {})


def set_milestones(*, project: Project, wishes: Sequence[Wish], now: datetime) -> None:
    """Make a plan of these milestones.

    :raises Invalid: one is another project's, was reached in the future, or is shown by an update
        of another project.
    """
    today = now.date()
    shown = {columns["update_id"] for _row, columns in wishes if columns["update_id"]}
    own = session.scalars(
        sa.select(ProjectUpdate.id).where(
            ProjectUpdate.id.in_(shown), ProjectUpdate.project_id == project.id
        )
    ).all()
    if shown - set(own):
        raise Invalid(fields={"updates": _l("Choose an update of this project.")})
    for _row, columns in wishes:
        reached = columns["reached_on"]
        if reached is not None and reached > today:  # type: ignore[operator]  # a day
            raise Invalid(fields={"reached": _l("This day has not come yet.")})
    _replace(Milestone, project, wishes, {})


def set_needs(*, project: Project, wishes: Sequence[Wish], now: datetime) -> None:
    """Say what else is needed.

    :raises Invalid: one is another project's, or is to go though somebody answered.
    """
    kept = {row for row, _columns in wishes if row is not None}
    gone = {row.id for row in queries.list_rows(Need, project.id)} - kept
    if queries.count_answers(gone):
        raise Invalid(fields={"titles": _l("Somebody answered this: say that you have it.")})
    for row, columns in wishes:
        before = session.get(Need, row) if row else None
        closed = columns["closed_at"]
        if closed and before is not None and before.closed_at is not None:
            columns["closed_at"] = before.closed_at  # type: ignore[index]  # made by the view
    _replace(Need, project, wishes, {"created_at": now})


def _replace(
    table: type[queries.Row],
    project: Project,
    wishes: Sequence[Wish],
    stamp: Mapping[str, object],
) -> None:
    """Let a project have exactly these rows; `stamp` is written to what is new."""
    if len(wishes) > MOST_ROWS:
        raise Invalid(fields={"titles": _l("At most thirty lines.")})
    known = queries.lock_rows(table, project.id)
    kept = {row for row, _columns in wishes if row is not None}
    if not kept <= known.keys():
        raise Invalid(fields={"titles": _l("Reload the page and try again.")})
    session.execute(sa.delete(table).where(table.id.in_(known.keys() - kept)))
    for place, (row_id, columns) in enumerate(wishes):
        row = known[row_id] if row_id else table(id=new_id(), project_id=project.id)
        for name, value in {**columns, "position": place}.items():
            setattr(row, name, value)
        if row_id is None:
            for name, value in stamp.items():
                setattr(row, name, value)
        session.add(row)
    session.flush()


def set_goals(
    *,
    project: Project,
    targets: Sequence[str],
    latitude: float | None,
    longitude: float | None,
) -> None:
    """Name the UN's targets that a project works for, and where it is.

    A target's goal is one of the project's, too.
    """
    project.sdg_targets = list(targets)
    project.sdgs = [*dict.fromkeys([*project.sdgs, *map(goal_of, targets)])]
    project.latitude, project.longitude = latitude, longitude
    session.flush()


def answer(
    *, need: Need, user: User, message: str, shares_email: bool, now: datetime
) -> NeedAnswer:
    """Offer what is needed, or say it anew; the project's people get a letter the first time.

    :raises Conflict: it is not needed any more.
    """
    is_over = need.until_on is not None and need.until_on < now.date()
    if need.closed_at is not None or is_over:
        raise Conflict(_l("This is not needed any more."))
    given = queries.find_answer(need.id, user.id)
    if given is None:
        given = NeedAnswer(id=new_id(), need_id=need.id, user_id=user.id, created_at=now)
        jobs.enqueue("need_answer_mails", answer_id=str(given.id))
    given.message, given.shares_email = message, shares_email
    session.add(given)
    session.flush()
    return given


def share_email(*, answer: NeedAnswer, shares: bool) -> None:
    """Let the project's people see an address, or no longer."""
    answer.shares_email = shares
    session.flush()


def take_back(*, answer: NeedAnswer) -> None:
    """Take an offer back."""
    session.delete(answer)
    session.flush()
