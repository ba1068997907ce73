"""Who follows what."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.following.models import Follow
from marketplace.following.queries.news import team_seen
from marketplace.following.rules import Frequency, Kind, person_slug


def column_of(kind: Kind) -> sa.ColumnElement[uuid.UUID | None]:
    """Return the key of `follow` for a kind of thing."""
    column: sa.ColumnElement[uuid.UUID | None] = Follow.__table__.c[f"{kind}_id"]
    return column


def count_followers(kind: Kind, thing_id: uuid.UUID) -> int:
    """Return how many people follow something."""
    query = sa.select(sa.func.count()).select_from(Follow).where(column_of(kind) == thing_id)
    return session.scalar(query) or 0


def find_follow(user_id: uuid.UUID, kind: Kind, thing_id: uuid.UUID) -> Follow | None:
    """Return whether and how somebody follows something."""
    return session.scalar(
        sa.select(Follow).where(Follow.user_id == user_id, column_of(kind) == thing_id)
    )


PLACES = {
    Kind.PROJECT: "projects",
    Kind.COMPANY: "companies",
    Kind.PERSON: "people",
    Kind.TEAM: "teams",
}
"""Where the pages of each kind stand."""


@dataclass(frozen=True)
class Followed:
    """Something that somebody follows, as a list shows it."""

    id: uuid.UUID
    """Of the follow."""
    kind: Kind
    thing_id: uuid.UUID
    slug: str
    name: str
    about: str
    frequency: Frequency
    since_at: datetime

    @property
    def path(self) -> str:
        """Return its address without the language."""
        if self.kind is Kind.PERSON:
            return f"/people/{person_slug(self.name, self.thing_id)}"
        return f"/{PLACES[self.kind]}/{self.slug}"


_FOLLOWS = """
    select follow.id,
        case when follow.project_id is not null then 'project'
            when follow.company_id is not null then 'company'
            when follow.team_id is not null then 'team' else 'person' end as kind,
        coalesce(follow.project_id, follow.company_id, follow.team_id, follow.person_id),
        coalesce(project.slug, company.slug, team.slug, ''),
        coalesce(project.title, company.name, team.name, person.name) as name,
        coalesce(project.organisation, company.tagline, ''),
        follow.frequency, follow.since_at
    from follow
    left join project on project.id = follow.project_id
    left join company on company.id = follow.company_id
    left join team on team.id = follow.team_id
    left join user_account person on person.id = follow.person_id
"""
_OF_SOMEBODY = sa.text(
    f"{_FOLLOWS} where follow.user_id = :user and {team_seen('follow', by=':user')} "
    "order by 2, name, follow.id"
)
MOST_LISTED = 1000


def list_follows(user_id: uuid.UUID) -> Sequence[Followed]:
    """Return all that somebody follows: companies, persons, projects, teams, each by name.

    A team that they may not see now is left out.
    """
    rows = session.execute(_OF_SOMEBODY, {"user": user_id}).fetchmany(MOST_LISTED)
    return [
        Followed(id_, Kind(kind), thing_id, slug, name, about, Frequency(frequency), since_at)
        for id_, kind, thing_id, slug, name, about, frequency, since_at in rows
    ]


_NAMES = {
    Kind.PROJECT: sa.text("select title from project where id = :id"),
    Kind.COMPANY: sa.text("select name from company where id = :id"),
    Kind.PERSON: sa.text("select name from user_account where id = :id"),
    Kind.TEAM: sa.text("select name from team where id = :id"),
}


def find_stopped(kind: Kind, thing_id: uuid.UUID) -> str | None:
    """Return what something is called whose letters are to stop, whatever became of it."""
    name: str | None = session.scalar(_NAMES[kind], {"id": thing_id})
    return name


def find_person(user_id: uuid.UUID) -> User | None:
    """Return a person by their id, as letters need them."""
    return session.get(User, user_id)
