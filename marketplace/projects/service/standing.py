"""Where projects stand: proposed, verified, full, closed; what they say of themselves."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import MemberRole, User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.slugs import slug_of
from marketplace.projects.models import (
    Cause,
    Project,
    ProjectGiver,
    ProjectOwner,
    ProjectState,
)
from marketplace.projects.queries.givers import COUNT_GIVERS
from marketplace.projects.queries.money import has_balance
from marketplace.projects.rules import WHOLE_BP


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


_MOVES = {
    "verify": ({ProjectState.PROPOSED, ProjectState.SUSPENDED}, ProjectState.OPEN),
    "suspend": (
        {ProjectState.OPEN, ProjectState.FULL, ProjectState.PAUSED},
        ProjectState.SUSPENDED,
    ),
    "close": (
        {ProjectState.OPEN, ProjectState.FULL, ProjectState.PAUSED, ProjectState.SUSPENDED},
        ProjectState.CLOSED,
    ),
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


def name_successor(*, project: Project, successor: Project | None, by: User, now: datetime) -> None:
    """Let an owner name who gets what the project still has when it ends; everybody reads it.

    What shoppers were told when they bought stays so: while money is with us, only an operator
    changes a successor that was named.

    :raises Invalid: another one was named, and money is with us; or the successor can't be it.
    """
    if project.successor_id is not None and has_balance(project.id):
        message = _l("Shoppers were told of another successor. Ask the operator to change it.")
        raise Invalid(fields={"successor": message})
    if successor is not None and successor.state is not ProjectState.OPEN:
        raise Invalid(fields={"successor": _l("The successor has to take money at the moment.")})
    try:
        set_route(
            project=project, successor=successor, is_fund=project.is_fund, operator=by, now=now
        )
    except Invalid as fact:
        raise Invalid(fields={"successor": fact.message}) from None


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


def remind(*, project: Project, now: datetime) -> None:
    """Ask a project's people to tell something; they get a letter each."""
    project.reminded_at = now
    jobs.enqueue("quiet_project_mails", project_id=str(project.id), is_paused=False)
    session.flush()


def pause(*, project: Project, now: datetime) -> None:
    """Let a project that told nothing be chosen no more until it does; everybody sees it."""
    project.state = ProjectState.PAUSED
    accounts.record(
        actor=None,
        action="project.pause",
        subject_kind="project",
        subject_id=project.id,
        reason="nothing told",
        now=now,
    )
    jobs.enqueue("quiet_project_mails", project_id=str(project.id), is_paused=True)
    session.flush()


def count_givers(*, now: datetime) -> None:
    """Write down anew who made each project possible, from the book."""
    session.execute(sa.delete(ProjectGiver))
    session.execute(sa.text(COUNT_GIVERS), {"now": now})
