"""What waits for the operator: papers, renewals, projects that nobody answers for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification.rules import SILENT_AFTER


@dataclass(frozen=True)
class Due:
    """A verification that ends soon or has ended, or papers that wait."""

    kind: str
    slug: str
    name: str
    on: date


_ENDING = """
    select '{kind}', subject.slug, subject.{name}, latest.valid_until, latest.id, subject.id
    from {kind} subject join lateral (
        select id, valid_until, reminded_at from verification
        where {kind}_id = subject.id order by decided_at desc, id desc limit 1
    ) latest on true
    where latest.valid_until <= :before and subject.state not in ({gone})
"""
ENDING = " union all ".join(
    (
        _ENDING.format(kind="project", name="title", gone="'closed', 'archived'"),
        _ENDING.format(kind="company", name="name", gone="'draft'"),
    )
)
_DUE = sa.text(f"{ENDING} order by 4, 2 limit 100")
_TO_REMIND = sa.text(
    f"select ending.* from ({ENDING}) ending (kind, slug, name, until, id, subject) "  # noqa: S608  # our own
    "join verification on verification.id = ending.id "
    "where verification.reminded_at is null order by ending.id limit 200"
)


def list_ending(before: date) -> list[Due]:
    """Return what has to be checked anew by then, the most urgent first."""
    return [Due(*row[:4]) for row in session.execute(_DUE, {"before": before})]


def list_to_remind(before: date) -> list[tuple[uuid.UUID, Team]]:
    """Return verifications whose renewal was not asked for yet, with what they are of."""
    return [
        (row.id, Team(TeamKind(row.kind), row.subject, row.slug, row.name))
        for row in session.execute(_TO_REMIND, {"before": before})
    ]


_GIVEN = sa.text(
    """
    select 'project', project.slug, project.title, min(given_at)::date
    from asked_paper join project on project.id = asked_paper.project_id
    where asked_paper.state = 'given' group by project.id
    union all
    select 'company', company.slug, company.name, min(given_at)::date
    from asked_paper join company on company.id = asked_paper.company_id
    where asked_paper.state = 'given' group by company.id
    order by 4, 2 limit 100
    """
)


def list_given() -> list[Due]:
    """Return companies and projects of which papers wait to be looked at, the oldest first."""
    return [Due(*row) for row in session.execute(_GIVEN)]


# Nobody who may change its people can sign in, or nothing was seen of any of them for long. What
# nobody ever answered for (an imported project) waits for no successor.
ORPHANS = """
    select 'project', project.slug, project.title, coalesce(seen.living, seen.last)
    from project join lateral (
        select max(greatest(
            owner.created_at,
            (select max(seen_at) from user_session where user_session.user_id = owner.user_id),
            (select max(published_at) from project_update
                where project_id = project.id and author_id = owner.user_id)
        )) filter (where person.blocked_at is null and owner.role = 'owner') as living,
        max(owner.created_at) as joined,
        greatest(max(owner.created_at), max(person.blocked_at)) as last
        from project_owner owner join user_account person on person.id = owner.user_id
        where owner.project_id = project.id
    ) seen on seen.joined is not null
    where project.state not in ('proposed', 'archived')
        and (seen.living is null or seen.living < {before})
"""
_ORPHANS = sa.text(f"{ORPHANS.format(before=':before')} order by 4, 2 limit 100")


def list_orphans(now: datetime) -> list[Due]:
    """Return projects for which nobody answers any more, the longest first."""
    return [Due(*row) for row in session.execute(_ORPHANS, {"before": now - SILENT_AFTER})]


def list_owners(team: Team) -> Sequence[User]:
    """Return the owners of a company or project who may sign in."""
    members = "company_member" if team.kind is TeamKind.COMPANY else "project_owner"
    return session.scalars(
        sa.select(User)
        .where(
            User.blocked_at.is_(None),
            User.id.in_(
                sa.text(
                    f"select user_id from {members} "  # noqa: S608  # our own constants
                    f"where {team.kind}_id = :team and role = 'owner'"
                ).bindparams(team=team.id)
            ),
        )
        .order_by(User.id)
    ).all()
