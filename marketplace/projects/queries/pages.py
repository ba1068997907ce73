"""Reads of projects and of what they tell."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.projects.models import (
    BudgetLine,
    Cause,
    Project,
    ProjectOwner,
    ProjectState,
    ProjectUpdate,
    Spending,
)
from marketplace.projects.rules import PUBLIC_STATES, Sort

PER_PAGE = 12
UPDATES_PER_PAGE = 6

Key = tuple[datetime | int, uuid.UUID]
"""What a list is sorted by, and the id that tells equal ones apart."""


# A project has a handful of people: joined, they cost no statement of their own.
_BY_SLUG = (
    sa.select(Project)
    .where(Project.slug == sa.bindparam("slug"))
    .options(
        joinedload(Project.cause),
        joinedload(Project.photo),
        joinedload(Project.owners)
        .joinedload(ProjectOwner.user)
        .load_only(User.email, User.name, User.blocked_at),
    )
)


def get_by_slug(slug: str) -> Project:
    """Return a project with its cause, photo and people.

    :raises NotFound: no such project.
    """
    found = session.scalars(_BY_SLUG, {"slug": slug}).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def find_membership(project_id: uuid.UUID, user_id: uuid.UUID) -> ProjectOwner | None:
    """Return what somebody is to a project."""
    return session.get(ProjectOwner, (project_id, user_id))


def list_causes() -> Sequence[Cause]:
    """Return all causes in their order."""
    return session.scalars(sa.select(Cause).order_by(Cause.position, Cause.slug)).all()


def find_cause(slug: str) -> Cause | None:
    """Return a cause by the end of its address."""
    return session.scalar(sa.select(Cause).where(Cause.slug == slug))


@dataclass(frozen=True)
class Narrowed:
    """What a list of projects is narrowed to; what is empty narrows nothing."""

    cause: str = ""
    """A cause's slug."""
    search: str = ""
    sdg: int | None = None
    country: str = ""
    """Two capital letters."""
    state: str = ""
    """One of the public states."""

    def conditions(self, sort: Sort) -> Iterator[sa.ColumnElement[bool]]:
        """Return what holds for every project of the list."""
        states = [self.state] if self.state else PUBLIC_STATES
        if sort is Sort.NEAREST and not self.state:
            states = [ProjectState.OPEN]
        # One state is told as one, so that the index of what is nearest goes on to what follows.
        found = [ProjectState(state) for state in states]
        yield Project.state == found[0] if len(found) == 1 else Project.state.in_(found)
        if self.cause:
            yield Project.cause_id.in_(sa.select(Cause.id).where(Cause.slug == self.cause))
        if self.sdg:
            yield Project.sdgs.contains([self.sdg])
        if self.country:
            yield Project.country == self.country
        if self.search:
            like = self.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            text = Project.title + " " + Project.organisation + " " + Project.place
            yield sa.func.unaccent(text).ilike(sa.func.unaccent(f"%{like}%"))


EVERYTHING = Narrowed()
_SORTED_BY = {
    Sort.NEWEST: (Project.created_at, True),
    Sort.GOAL: (Project.goal_minor, False),
    Sort.NEAREST: (Project.reached_bp, True),
}
"""The column of each order, and whether the largest comes first."""


def list_projects(
    narrowed: Narrowed = EVERYTHING, *, sort: Sort = Sort.NEWEST, after: Key | None = None
) -> Page[Project]:
    """Return public projects, twelve a page, by key: a moment or a number, and an id."""
    column, is_descending = _SORTED_BY[sort]
    query = (
        sa.select(Project)
        .where(*narrowed.conditions(sort))
        .options(joinedload(Project.cause), joinedload(Project.photo))
        .limit(PER_PAGE + 1)
    )
    key = sa.tuple_(column, Project.id)
    if is_descending:
        query = query.order_by(column.desc(), Project.id.desc())
        query = query.where(key < _bounds(after)) if after else query
    else:
        query = query.order_by(column, Project.id)
        query = query.where(key > _bounds(after)) if after else query
    rows = session.scalars(query).all()
    return page_of(rows, PER_PAGE, lambda row: (getattr(row, column.key), row.id))


# From one country to the next by the index: as many steps as there are countries.
_COUNTRIES = sa.text(
    """
    with recursive found as (
        (select country from project where state = any(:states) and country is not null
         order by country limit 1)
        union all
        select (select country from project
                where state = any(:states) and country > found.country
                order by country limit 1)
        from found where found.country is not null
    )
    select country from found where country is not null
    """
)


def list_countries() -> Sequence[str]:
    """Return the countries of public projects, as two letters each."""
    return session.scalars(_COUNTRIES, {"states": list(PUBLIC_STATES)}).all()


def _bounds(after: Key) -> sa.Tuple:
    return sa.tuple_(sa.literal(after[0]), sa.literal(after[1]))


_UPDATES = (
    sa.select(ProjectUpdate)
    .where(ProjectUpdate.project_id == sa.bindparam("project"))
    # A handful of updates with a handful of photos: joined, they cost no statement more.
    .options(
        joinedload(ProjectUpdate.author).load_only(User.name), joinedload(ProjectUpdate.photos)
    )
    .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc())
    .limit(UPDATES_PER_PAGE + 1)
)


def list_updates(project_id: uuid.UUID, *, after: Key | None = None) -> Page[ProjectUpdate]:
    """Return a project's updates with authors and photos, the newest first."""
    query = _UPDATES
    if after:
        key = sa.tuple_(ProjectUpdate.published_at, ProjectUpdate.id)
        query = query.where(key < _bounds(after))
    rows = session.scalars(query, {"project": project_id}).unique().all()
    return page_of(rows, UPDATES_PER_PAGE, lambda row: (row.published_at, row.id))


def list_newest_updates(
    limit: int = 30, narrowed: Narrowed = EVERYTHING
) -> Sequence[ProjectUpdate]:
    """Return the newest updates of all public projects, or of those that have something common."""
    return session.scalars(
        sa.select(ProjectUpdate)
        .join(Project)
        .where(*narrowed.conditions(Sort.NEWEST))
        .options(joinedload(ProjectUpdate.author), joinedload(ProjectUpdate.project))
        .order_by(ProjectUpdate.published_at.desc())
        .limit(limit)
    ).all()


def get_update(project_id: uuid.UUID, update_id: uuid.UUID) -> ProjectUpdate:
    """Return one update.

    :raises NotFound: no such update of that project.
    """
    found = session.scalar(
        sa.select(ProjectUpdate)
        .where(ProjectUpdate.project_id == project_id, ProjectUpdate.id == update_id)
        .options(joinedload(ProjectUpdate.author), selectinload(ProjectUpdate.photos))
    )
    if found is None:
        raise NotFound
    return found


def _uncorrected() -> sa.ColumnElement[bool]:
    later = aliased(Spending)
    return ~sa.exists().where(later.corrects_id == Spending.id)


def list_budget(project_id: uuid.UUID) -> list[tuple[BudgetLine, int]]:
    """Return the budget's lines and what was spent of each."""
    rows = session.execute(
        sa.select(BudgetLine, sa.func.coalesce(sa.func.sum(Spending.amount_minor), 0))
        .outerjoin(Spending, sa.and_(Spending.budget_line_id == BudgetLine.id, _uncorrected()))
        .where(BudgetLine.project_id == project_id)
        .group_by(BudgetLine.id)
        .order_by(BudgetLine.position)
    )
    return [(line, int(spent)) for line, spent in rows]


# Of the newest gifts only: the page costs the same however often a project was chosen.
_SUPPORTERS = sa.text(
    """
    select distinct placed.name
    from (select order_id from allocation where project_id = :project
          order by id desc limit :gifts) given
    join customer_order placed on placed.id = given.order_id
    where placed.state = 'paid' and placed.is_public_supporter
    order by placed.name limit :limit
    """
)
GIFTS_LOOKED_AT = 300


def list_supporters(project_id: uuid.UUID, limit: int = 60) -> Sequence[str]:
    """Return the names of those who chose to be shown."""
    bounds = {"project": project_id, "gifts": GIFTS_LOOKED_AT, "limit": limit}
    return session.scalars(_SUPPORTERS, bounds).all()


def list_by_state(state: ProjectState, limit: int = 100) -> Sequence[Project]:
    """Return projects of a state, the oldest first, for the operator."""
    return session.scalars(
        sa.select(Project).where(Project.state == state).order_by(Project.created_at).limit(limit)
    ).all()


def list_quiet(*, before: datetime, limit: int = 500) -> Sequence[Project]:
    """Return projects that take money and told nothing since then, held until the commit.

    Those that never told anything count from the day they were verified.
    """
    told = sa.exists().where(
        ProjectUpdate.project_id == Project.id, ProjectUpdate.published_at > before
    )
    return session.scalars(
        sa.select(Project)
        .where(
            Project.state.in_([ProjectState.OPEN, ProjectState.FULL]),
            sa.func.coalesce(Project.verified_at, Project.created_at) <= before,
            ~told,
        )
        .order_by(Project.reminded_at.nulls_first(), Project.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()


def slugs_of(project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the ends of projects' addresses."""
    if not project_ids:
        return {}
    rows = session.execute(sa.select(Project.id, Project.slug).where(Project.id.in_(project_ids)))
    return {row.id: row.slug for row in rows}
