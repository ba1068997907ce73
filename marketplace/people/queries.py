"""Reads of the people of a company or a project, and of who is invited."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.companies.models import Company, CompanyMember
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.people.models import Invitation
from marketplace.people.rules import TeamKind
from marketplace.projects.models import Project, ProjectOwner

Membership = CompanyMember | ProjectOwner


@dataclass(frozen=True)
class Team:
    """A company or a project, as far as its people go."""

    kind: TeamKind
    id: uuid.UUID
    slug: str
    name: str


def get_team(kind: TeamKind, slug: str) -> Team:
    """Return a company or project in whatever state.

    :raises NotFound: there is none.
    """
    return _team(kind, _named(kind, slug=slug))


def find_team(kind: TeamKind, team_id: uuid.UUID) -> Team:
    """Return a company or project by its id.

    :raises NotFound: there is none.
    """
    return _team(kind, _named(kind, id=team_id))


def get_team_of(invitation: Invitation) -> Team:
    """Return what an invitation is for."""
    if invitation.company_id is not None:
        return _team(TeamKind.COMPANY, _named(TeamKind.COMPANY, id=invitation.company_id))
    return _team(TeamKind.PROJECT, _named(TeamKind.PROJECT, id=invitation.project_id))


def lock_team(team: Team) -> None:
    """Let nobody else change a team's people until the transaction ends.

    Two owners who leave at once must not both see the other one stay.
    """
    session.execute(_named(team.kind, id=team.id).with_for_update(key_share=True))


def _named(kind: TeamKind, **wanted: object) -> sa.Select[uuid.UUID, str, str]:
    if kind is TeamKind.COMPANY:
        return sa.select(Company.id, Company.slug, Company.name).filter_by(**wanted)
    return sa.select(Project.id, Project.slug, Project.title).filter_by(**wanted)


def _team(kind: TeamKind, query: sa.Select[uuid.UUID, str, str]) -> Team:
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return Team(kind, *row)


def find_membership(team: Team, user_id: uuid.UUID) -> Membership | None:
    """Return what somebody is to a team at this moment, if anything."""
    key = (team.id, user_id)
    if team.kind is TeamKind.COMPANY:
        return session.get(CompanyMember, key, populate_existing=True)
    return session.get(ProjectOwner, key, populate_existing=True)


def list_members(team: Team) -> Sequence[Membership]:
    """Return everybody of a team with their accounts, the first ones first."""
    if team.kind is TeamKind.COMPANY:
        return session.scalars(
            sa.select(CompanyMember)
            .where(CompanyMember.company_id == team.id)
            .options(joinedload(CompanyMember.user))
            .order_by(CompanyMember.created_at, CompanyMember.user_id)
            .execution_options(populate_existing=True)
        ).all()
    return session.scalars(
        sa.select(ProjectOwner)
        .where(ProjectOwner.project_id == team.id)
        .options(joinedload(ProjectOwner.user))
        .order_by(ProjectOwner.created_at, ProjectOwner.user_id)
        .execution_options(populate_existing=True)
    ).all()


def list_invitations(team: Team, now: datetime) -> Sequence[Invitation]:
    """Return who is invited and may still come, the latest first."""
    return session.scalars(
        _open(team).where(Invitation.expires_at > now).order_by(Invitation.invited_at.desc())
    ).all()


def find_open_invitation(team: Team, email: str) -> Invitation | None:
    """Return the invitation of an address that was neither used nor withdrawn, old or not."""
    return session.scalar(_open(team).where(Invitation.email == email.lower()))


def _open(team: Team) -> sa.Select[Invitation]:
    column = Invitation.company_id if team.kind is TeamKind.COMPANY else Invitation.project_id
    return sa.select(Invitation).where(column == team.id, Invitation.ended_at.is_(None))


def find_invitation(invitation_id: uuid.UUID) -> Invitation | None:
    """Return an invitation, whatever became of it."""
    return session.get(Invitation, invitation_id)


def lock_invitation(invitation_id: uuid.UUID) -> Invitation:
    """Return an invitation as it is now, kept from changing until the transaction ends.

    :raises NotFound: there is none.
    """
    found = session.get(
        Invitation, invitation_id, with_for_update={"of": Invitation}, populate_existing=True
    )
    if found is None:
        raise NotFound
    return found


_IS_ONLY_OWNER = sa.text(
    """
    select exists (
        select from company_member own where own.user_id = :user_id and own.role = 'owner'
        and not exists (
            select from company_member other join user_account person on person.id = other.user_id
            where other.company_id = own.company_id and other.role = 'owner'
              and other.user_id <> own.user_id and person.blocked_at is null
        )
    ) or exists (
        select from project_owner own where own.user_id = :user_id and own.role = 'owner'
        and not exists (
            select from project_owner other join user_account person on person.id = other.user_id
            where other.project_id = own.project_id and other.role = 'owner'
              and other.user_id <> own.user_id and person.blocked_at is null
        )
    )
    """
)


def is_only_owner(user_id: uuid.UUID) -> bool:
    """Say whether a company or project would be left without an owner who may sign in."""
    return bool(session.scalar(_IS_ONLY_OWNER, {"user_id": user_id}))
