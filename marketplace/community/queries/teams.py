"""Reads of teams, of who is in them, and of what somebody finds wrong with them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.community.models import Team, TeamChallenge, TeamComplaint, TeamMember
from marketplace.community.rules import MadeOf, TeamRole
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of

PER_PAGE = 24
MOST_NAMES = 100
MOST_MEMBERS = 500
MOST_COMPLAINTS = 50


def get_team(slug: str) -> Team:
    """Return a team in whatever state with the company that it names, as it is now.

    :raises NotFound: there is none.
    """
    return _one(sa.select(Team).where(Team.slug == slug))


def get_by_token(token: str) -> Team:
    """Return the team to which a link invites.

    :raises NotFound: there is none, or the link was made anew.
    """
    return _one(sa.select(Team).where(Team.token == token))


def _one(query: sa.Select[Team]) -> Team:
    found = session.scalar(
        query.options(joinedload(Team.company)).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def find_team(team_id: uuid.UUID) -> Team | None:
    """Return a team in whatever state, as it is now."""
    return session.get(Team, team_id, populate_existing=True)


def lock_team(team_id: uuid.UUID) -> Team:
    """Return a team that nobody else changes until the commit.

    :raises NotFound: there is none, or it was dissolved.
    """
    found = session.get(Team, team_id, with_for_update=True, populate_existing=True)
    if found is None or found.dissolved_at is not None:
        raise NotFound
    return found


def has_slug(slug: str) -> bool:
    """Say whether a team has this name in its address, also one that was dissolved."""
    return session.scalar(sa.select(Team.id).where(Team.slug == slug)) is not None


def find_last_membership(team_id: uuid.UUID, user_id: uuid.UUID) -> TeamMember | None:
    """Return the newest stretch of somebody in a team, over or not."""
    return session.scalar(
        sa.select(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.user_id == user_id)
        .order_by(TeamMember.joined_at.desc(), TeamMember.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def find_membership(team_id: uuid.UUID, user_id: uuid.UUID) -> TeamMember | None:
    """Return what somebody is to a team now, if anything."""
    found = find_last_membership(team_id, user_id)
    return found if found is not None and found.left_at is None else None


def get_member(team_id: uuid.UUID, member_id: uuid.UUID) -> TeamMember:
    """Return somebody who is in a team now, with their account.

    :raises NotFound: nobody of this team.
    """
    found = session.scalar(
        _present(team_id).where(TeamMember.id == member_id).options(joinedload(TeamMember.user))
    )
    if found is None:
        raise NotFound
    return found


def _present(team_id: uuid.UUID) -> sa.Select[TeamMember]:
    return sa.select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.left_at.is_(None))


def count_members(team_id: uuid.UUID) -> int:
    """Return how many are in a team now, named or not."""
    query = sa.select(sa.func.count()).where(
        TeamMember.team_id == team_id, TeamMember.left_at.is_(None)
    )
    return session.scalar(query) or 0


def list_names(team_id: uuid.UUID) -> Sequence[tuple[str, bool]]:
    """Return who chose to be named, by name, and whether they are the captain."""
    rows = session.execute(
        sa.select(User.name, TeamMember.role == TeamRole.CAPTAIN)
        .join(User, User.id == TeamMember.user_id)
        .where(
            TeamMember.team_id == team_id,
            TeamMember.left_at.is_(None),
            TeamMember.is_named,
            User.blocked_at.is_(None),
        )
        .order_by(User.name, TeamMember.id)
        .limit(MOST_NAMES)
    )
    return [(name, is_captain) for name, is_captain in rows]


def list_members(team_id: uuid.UUID) -> Sequence[TeamMember]:
    """Return who is in a team now with their accounts, the first ones first."""
    return session.scalars(
        _present(team_id)
        .options(joinedload(TeamMember.user))
        .order_by(TeamMember.joined_at, TeamMember.id)
        .limit(MOST_MEMBERS)
    ).all()


def list_memberships(user_id: uuid.UUID) -> Sequence[TeamMember]:
    """Return what teams somebody is in now, by name."""
    return session.scalars(
        sa.select(TeamMember)
        .join(TeamMember.team)
        .where(
            TeamMember.user_id == user_id,
            TeamMember.left_at.is_(None),
            Team.dissolved_at.is_(None),
        )
        .options(joinedload(TeamMember.team))
        .order_by(Team.name, Team.id)
    ).all()


def find_successor(team_id: uuid.UUID) -> TeamMember | None:
    """Return who has been in a team longest and is not its captain."""
    return session.scalar(
        _present(team_id)
        .where(TeamMember.role != TeamRole.CAPTAIN)
        .order_by(TeamMember.joined_at, TeamMember.id)
        .limit(1)
    )


@dataclass(frozen=True)
class TeamRow:
    """A team as the list shows it: no sums, as this is no competition."""

    id: uuid.UUID
    slug: str
    name: str
    made_of: MadeOf
    company: str | None
    """Which says that these are its people."""
    members: int


def list_public(*, after: tuple[str, uuid.UUID] | None = None) -> Page[TeamRow]:
    """Return teams that everybody may find, by name, behind a name and id: one statement."""
    members = (
        sa.select(sa.func.count())
        .where(TeamMember.team_id == Team.id, TeamMember.left_at.is_(None))
        .correlate(Team)
        .scalar_subquery()
    )
    query = (
        sa.select(Team.id, Team.slug, Team.name, Team.made_of, Company.name, members)
        .outerjoin(Company, sa.and_(Company.id == Team.company_id, Team.confirmed_at.is_not(None)))
        .where(Team.is_public, Team.suspended_at.is_(None), Team.dissolved_at.is_(None))
        .order_by(Team.name, Team.id)
        .limit(PER_PAGE + 1)
    )
    if after is not None:
        query = query.where(sa.tuple_(Team.name, Team.id) > after)
    rows = [TeamRow(*row) for row in session.execute(query)]
    return page_of(rows, PER_PAGE, lambda row: (row.name, row.id))


def find_company_named(text: str) -> Company | None:
    """Return the company that sells under a name, or has it at the end of its address."""
    slug = text.rstrip("/").rpartition("/")[2].lower()
    return session.scalar(
        sa.select(Company)
        .where(
            Company.state == CompanyState.VERIFIED,
            sa.or_(Company.slug == slug, sa.func.lower(Company.name) == text.lower()),
        )
        .order_by(Company.slug != slug, Company.id)
        .limit(1)
    )


def list_of_company(company_id: uuid.UUID) -> Sequence[Team]:
    """Return the teams that say they are a company's people, those that wait first."""
    return session.scalars(
        sa.select(Team)
        .where(Team.company_id == company_id, Team.dissolved_at.is_(None))
        .order_by(Team.confirmed_at.nulls_first(), Team.name, Team.id)
        .limit(MOST_MEMBERS)
    ).all()


def list_open_challenges(team_id: uuid.UUID) -> Sequence[TeamChallenge]:
    """Return the challenges of a team that were not withdrawn."""
    return session.scalars(
        sa.select(TeamChallenge).where(
            TeamChallenge.team_id == team_id, TeamChallenge.withdrawn_at.is_(None)
        )
    ).all()


def list_complaints() -> Sequence[TeamComplaint]:
    """Return complaints that wait with teams and who made them, the oldest first."""
    return session.scalars(
        sa.select(TeamComplaint)
        .where(TeamComplaint.settled_at.is_(None))
        .options(joinedload(TeamComplaint.team), joinedload(TeamComplaint.by))
        .order_by(TeamComplaint.made_at)
        .limit(MOST_COMPLAINTS)
    ).all()


def list_suspended() -> Sequence[Team]:
    """Return teams that the operator keeps from being seen, the newest first."""
    return session.scalars(
        sa.select(Team)
        .where(Team.suspended_at.is_not(None), Team.dissolved_at.is_(None))
        .order_by(Team.suspended_at.desc())
        .limit(MOST_COMPLAINTS)
    ).all()
