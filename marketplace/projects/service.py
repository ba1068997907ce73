"""What projects do: tell, spend, be proposed, verified and followed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import MemberRole, User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.rich_text import render_markdown
from marketplace.core.slugs import slug_of
from marketplace.media.models import Photo
from marketplace.projects.models import (
    BudgetLine,
    Cause,
    Follow,
    Project,
    ProjectOwner,
    ProjectState,
    ProjectUpdate,
    ProjectUpdatePhoto,
    Spending,
)
from marketplace.projects.queries.money import has_balance
from marketplace.projects.rules import WHOLE_BP


@dataclass(frozen=True)
class Spent:
    """Money that an update says was spent, with its receipt."""

    amount_minor: int
    spent_on: date
    payee: str
    purpose: str
    receipt: Photo
    budget_line_id: uuid.UUID | None = None


def post_update(
    *,
    project: Project,
    author: User,
    title: str,
    body: str,
    photos: Sequence[Photo] = (),
    spent: Spent | None = None,
    now: datetime,
) -> ProjectUpdate:
    """Publish an update at once, and tell the followers by letter afterwards."""
    update = ProjectUpdate(
        id=new_id(),
        project_id=project.id,
        author_id=author.id,
        title=title,
        body=body,
        body_html=render_markdown(body),
        published_at=now,
    )
    session.add(update)
    session.flush()
    for place, photo in enumerate(photos):
        session.add(ProjectUpdatePhoto(update_id=update.id, photo_id=photo.id, position=place))
    if spent is not None:
        spend(project=project, by=author, spent=spent, update_id=update.id, now=now)
    session.flush()
    jobs.enqueue("project_update_mails", update_id=str(update.id), after=None)
    jobs.enqueue("federate_update", lock=f"update-{update.id}", update_id=str(update.id))
    return update


def spend(
    *, project: Project, by: User, spent: Spent, update_id: uuid.UUID | None, now: datetime
) -> Spending:
    """Record money that was spent.

    :raises Invalid: the day lies ahead, or the budget line is another project's.
    """
    if spent.spent_on > now.date():
        raise Invalid(fields={"spent_on": _l("This day has not come yet.")})
    if spent.budget_line_id is not None:
        line = session.get(BudgetLine, spent.budget_line_id)
        if line is None or line.project_id != project.id:
            raise Invalid(fields={"budget_line": _l("Choose a line of this project's budget.")})
    row = Spending(
        id=new_id(),
        project_id=project.id,
        budget_line_id=spent.budget_line_id,
        update_id=update_id,
        amount_minor=spent.amount_minor,
        spent_on=spent.spent_on,
        payee=spent.payee,
        purpose=spent.purpose,
        receipt_id=spent.receipt.id,
        created_by_id=by.id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def propose(
    *,
    title: str,
    organisation: str,
    summary: str,
    story: str,
    place: str,
    country: str | None,
    cause: Cause,
    goal_minor: int,
    currency: str,
    by: User,
    now: datetime,
) -> Project:
    """Put a project before the operator; whoever proposes it becomes its owner."""
    project = Project(
        id=new_id(),
        slug=_free_slug(title),
        title=title,
        organisation=organisation,
        summary=summary,
        story=story,
        place=place,
        country=country,
        cause_id=cause.id,
        sdgs=[cause.sdg],
        currency=currency,
        goal_minor=goal_minor,
        state=ProjectState.PROPOSED,
        created_at=now,
    )
    session.add(project)
    session.flush()
    session.add(
        ProjectOwner(
            project_id=project.id,
            user_id=by.id,
            role=MemberRole.OWNER,
            title="",
            created_at=now,
        )
    )
    session.flush()
    return project


def _free_slug(title: str) -> str:
    base = slug_of(title, fallback="project")
    taken = set(session.scalars(sa.select(Project.slug).where(Project.slug.like(f"{base}%"))).all())
    taken.add("propose")  # the address of the form
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def edit(*, project: Project, title: str, summary: str, story: str, risks: str, place: str) -> None:
    """Change what a project says of itself."""
    project.title, project.summary, project.story = title, summary, story
    project.risks, project.place = risks, place
    session.flush()


def set_budget(*, project: Project, lines: Sequence[tuple[uuid.UUID | None, str, int]]) -> None:
    """Make a budget of these lines (which one, title, minor units), in this order.

    :raises Invalid: a line is another project's, or one goes of which money was spent.
    """
    query = sa.select(BudgetLine).where(BudgetLine.project_id == project.id).with_for_update()
    known = {line.id: line for line in session.scalars(query)}
    kept = {line_id for line_id, _title, _amount in lines if line_id is not None}
    if not kept <= known.keys():
        raise Invalid(fields={"titles": _l("Choose a line of this project's budget.")})
    gone = known.keys() - kept
    spent = sa.select(Spending.id).where(Spending.budget_line_id.in_(gone)).limit(1)
    if gone and session.scalar(spent):
        raise Invalid(fields={"titles": _l("Money was spent of a line that you took away.")})
    session.execute(sa.delete(BudgetLine).where(BudgetLine.id.in_(gone)))
    for place, (line_id, title, amount_minor) in enumerate(lines):
        line = known[line_id] if line_id else BudgetLine(id=new_id(), project_id=project.id)
        line.title, line.amount_minor, line.position = title, amount_minor, place
        session.add(line)
    session.flush()


_MOVES = {
    "verify": ({ProjectState.PROPOSED, ProjectState.SUSPENDED}, ProjectState.OPEN),
    "suspend": ({ProjectState.OPEN, ProjectState.FULL}, ProjectState.SUSPENDED),
    "close": ({ProjectState.OPEN, ProjectState.FULL, ProjectState.SUSPENDED}, ProjectState.CLOSED),
    "archive": ({ProjectState.CLOSED}, ProjectState.ARCHIVED),
}


def move(*, project: Project, how: str, operator: User, reason: str, now: datetime) -> None:
    """Verify, suspend, close or archive a project, and write down who did it and why.

    What a closed project has with us goes the way that was disclosed, by a job.

    :raises Conflict: it is not in a state for that, or is to be archived with money in its name.
    """
    allowed, target = _MOVES[how]
    session.refresh(project, ["state"], with_for_update={"key_share": True})
    if project.state not in allowed:
        raise Conflict(_l("This project is in another state already."))
    if how == "archive" and has_balance(project.id):
        raise Conflict(_l("A project with money in its name cannot be archived."))
    project.state = target
    if how == "close":
        jobs.enqueue("leave_closed_project", project_id=str(project.id))
    if how == "verify":
        project.verified_at = now
    accounts.record(
        actor=operator,
        action=f"project.{how}",
        subject_kind="project",
        subject_id=project.id,
        reason=reason,
        now=now,
    )
    session.flush()


def set_route(
    *, project: Project, successor: Project | None, is_fund: bool, operator: User, now: datetime
) -> None:
    """Name who gets a project's money when it takes no more, and say whether it is a fund.

    :raises Invalid: the successor is the project itself, or counts in another currency.
    """
    if successor and (successor is project or successor.currency != project.currency):
        raise Invalid(_l("The successor has to be another project in the same currency."))
    project.successor_id, project.is_fund = successor.id if successor else None, is_fund
    accounts.record(
        actor=operator,
        action="project.route",
        subject_kind="project",
        subject_id=project.id,
        reason=f"successor: {successor.slug if successor else '-'}, fund: {is_fund}",
        now=now,
    )
    session.flush()


_RECOUNT = sa.text(
    """
    with counted as (
        select * from unnest(cast(:ids as uuid[]), cast(:reached as int[])) as c(id, reached_bp)
    ), locked as (
        select project.id from project join counted on counted.id = project.id
        order by project.id for no key update of project
    )
    update project set reached_bp = counted.reached_bp,
        state = case when counted.reached_bp >= :whole then 'full' else 'open' end
    from counted join locked on locked.id = counted.id
    where project.id = counted.id and project.state in ('open', 'full')
    """
)


def recount(*, reached: Sequence[tuple[uuid.UUID, int]]) -> None:
    """Write down what is confirmed of goals (project, basis points).

    A project whose goal is reached is full: it cannot be chosen any more. One of which so much was
    taken back that something is missing again is open again.
    """
    session.execute(
        _RECOUNT,
        {
            "ids": [project for project, _reached in reached],
            "reached": [reached_bp for _project, reached_bp in reached],
            "whole": WHOLE_BP,
        },
    )


def follow(*, project_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> None:
    """Begin to hear of a project."""
    session.execute(
        postgresql.insert(Follow)
        .values(project_id=project_id, user_id=user_id, by_mail=True, created_at=now)
        .on_conflict_do_nothing()
    )


def unfollow(*, project_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Hear no more of a project."""
    session.execute(
        sa.delete(Follow).where(Follow.project_id == project_id, Follow.user_id == user_id)
    )
