"""What changes the people of a company or a project; each change is written down."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import MemberRole, User
from marketplace.companies.models import CompanyMember
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.people import queries
from marketplace.people.models import Handover, Invitation
from marketplace.people.queries import Membership, Team
from marketplace.people.rules import INVITATION_LIFETIME, TeamKind
from marketplace.projects.models import ProjectOwner


class LastOwner(Conflict):
    """Nobody would be left who could invite others, change the promise or answer for it."""

    message = _l("One owner has to stay. Make somebody else an owner first.")


def invite(
    *,
    team: Team,
    email: str,
    role: MemberRole,
    title: str,
    locale: str,
    by: User,
    now: datetime,
    said: str = "",
) -> Invitation:
    """Have a letter sent to an address; if one was sent before, only the new one's link works.

    `said` is why an operator hands a project over, for everybody to read.

    :raises Invalid: who has this address works there already.
    """
    queries.lock_team(team)
    if any(one.user.email == email.lower() for one in queries.list_members(team)):
        raise Invalid(fields={"email": _l("This person is here already.")})
    invitation = queries.find_open_invitation(team, email)
    if invitation is None:
        owner = {f"{team.kind}_id": team.id}
        invitation = Invitation(id=new_id(), email=email.lower(), **owner)
        session.add(invitation)
    invitation.role, invitation.title, invitation.locale = role, title, locale
    invitation.said = said
    invitation.invited_by_id, invitation.invited_at = by.id, now
    invitation.expires_at = now + INVITATION_LIFETIME
    session.flush()
    jobs.enqueue("invitation_mail", invitation_id=str(invitation.id), invited_at=now.isoformat())
    _record(team, by, "invited", invitation.email, now)
    return invitation


def withdraw(*, team: Team, invitation_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let an invitation's link do nothing any more.

    :raises NotFound: there is no such invitation of this team, or it has ended.
    """
    queries.lock_team(team)
    invitation = queries.lock_invitation(invitation_id)
    if team.id not in (invitation.company_id, invitation.project_id) or invitation.ended_at:
        raise NotFound
    invitation.ended_at = now
    _record(team, by, "withdrew", invitation.email, now)


def accept(*, invitation_id: uuid.UUID, user: User, now: datetime) -> Team:
    """Let somebody work for what they were invited to; return it.

    :raises LinkUsed: the invitation was used or withdrawn, or is too old.
    :raises Forbidden: the letter went to somebody else.
    """
    before = queries.find_invitation(invitation_id)
    if before is None:
        raise NotFound
    team = queries.get_team_of(before)
    queries.lock_team(team)
    invitation = queries.lock_invitation(invitation_id)
    if invitation.ended_at is not None or invitation.expires_at <= now:
        raise accounts.LinkUsed
    if invitation.email != user.email:
        raise Forbidden(_l("This letter went to another address than the one of this account."))
    invitation.ended_at = now
    if queries.find_membership(team, user.id) is None:
        table = CompanyMember if team.kind is TeamKind.COMPANY else ProjectOwner
        session.add(
            table(
                **{f"{team.kind}_id": team.id},
                user_id=user.id,
                role=invitation.role,
                title=invitation.title,
                created_at=now,
            )
        )
        _record(team, user, "joined", user.name, now)
    session.flush()
    if invitation.said:
        _let_go(team, invitation.invited_by, now)
        _note_handover(
            team,
            user.id,
            invitation.invited_by,
            said=invitation.said,
            is_by_operator=True,
            now=now,
        )
    return team


def change(
    *,
    team: Team,
    user_id: uuid.UUID,
    role: MemberRole,
    title: str,
    by: User,
    now: datetime,
) -> None:
    """Change what somebody may do there, and what the public is told that they do.

    :raises LastOwner: nobody who may sign in would be an owner any more.
    """
    queries.lock_team(team)
    member = _member(team, user_id)
    if member.role is not role:
        if role is not MemberRole.OWNER:
            _keep_an_owner(team, without=user_id)
            _end_invitations(team, by_id=user_id, now=now)
        member.role = role
        _record(team, by, f"made_{role}", member.user.name, now)
        _tell(team, member.user_id, role, by, now)
    member.title = title
    session.flush()


def remove(*, team: Team, user_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let somebody work there no more: they leave, or an owner removes them.

    :raises LastOwner: nobody who may sign in would be an owner any more.
    """
    queries.lock_team(team)
    member = _member(team, user_id)
    _keep_an_owner(team, without=user_id)
    name = member.user.name
    session.delete(member)
    _end_invitations(team, by_id=user_id, now=now)
    session.flush()
    _record(team, by, "left" if by.id == user_id else "removed", name, now)
    _tell(team, user_id, "removed", by, now)


def hand_over(*, team: Team, to_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let somebody who leaves name the next: an editor or owner of the team becomes its owner.

    :raises Invalid: who is named is not of the team, cannot sign in, or is who leaves.
    """
    queries.lock_team(team)
    found = [one for one in queries.list_members(team) if one.user_id == to_id]
    if not found or not found[0].user.is_active or to_id == by.id:
        raise Invalid(fields={"people": _l("Choose somebody else of the people who are here.")})
    change(team=team, user_id=to_id, role=MemberRole.OWNER, title=found[0].title, by=by, now=now)
    _note_handover(team, to_id, by, said="", is_by_operator=False, now=now)
    remove(team=team, user_id=by.id, by=by, now=now)


def appoint(
    *, team: Team, user: User, title: str, said: str, operator: User, now: datetime
) -> None:
    """Let an operator name who answers from now on; owners who cannot sign in any more go.

    `said` is why, for everybody to read.

    :raises Invalid: the account cannot be used, or is an operator's.
    """
    queries.lock_team(team)
    if not user.is_active or user.is_operator:
        raise Invalid(fields={"email": _l("This account cannot answer for anything.")})
    _let_go(team, operator, now)
    member = next((one for one in queries.list_members(team) if one.user_id == user.id), None)
    if member is None:
        table = CompanyMember if team.kind is TeamKind.COMPANY else ProjectOwner
        member = table(**{f"{team.kind}_id": team.id}, user_id=user.id, created_at=now)
        session.add(member)
    member.role, member.title = MemberRole.OWNER, title or member.title or ""
    session.flush()
    _note_handover(team, user.id, operator, said=said, is_by_operator=True, now=now)
    _record(team, operator, "appointed", f"{user.name}: {said}", now)
    _tell(team, user.id, MemberRole.OWNER, operator, now)


def _let_go(team: Team, operator: User, now: datetime) -> None:
    """Take out the people who cannot sign in any more."""
    for one in queries.list_members(team):
        if not one.user.is_active:
            session.delete(one)
            _record(team, operator, "removed", one.user.name, now)
    session.flush()


def _note_handover(
    team: Team, to_id: uuid.UUID, by: User, *, said: str, is_by_operator: bool, now: datetime
) -> None:
    session.add(
        Handover(
            **{f"{team.kind}_id": team.id},
            id=new_id(),
            to_id=to_id,
            by_id=by.id,
            is_by_operator=is_by_operator,
            said=said,
            at=now,
        )
    )
    session.flush()


def _tell(team: Team, user_id: uuid.UUID, what: str, by: User, now: datetime) -> None:
    """Have a letter sent to somebody about what others did to them; not of what they did."""
    if user_id != by.id:
        jobs.enqueue(
            "membership_mail",
            team_kind=team.kind.value,
            team_id=str(team.id),
            user_id=str(user_id),
            what=what,
            by_id=str(by.id),
            at=now.isoformat(),
        )


def _member(team: Team, user_id: uuid.UUID) -> Membership:
    found = [one for one in queries.list_members(team) if one.user_id == user_id]
    if not found:
        raise NotFound
    return found[0]


def _keep_an_owner(team: Team, *, without: uuid.UUID) -> None:
    """Refuse to go on if no owner who may sign in would be left."""
    if not any(
        one.role is MemberRole.OWNER and one.user.is_active and one.user_id != without
        for one in queries.list_members(team)
    ):
        raise LastOwner


def _end_invitations(team: Team, *, by_id: uuid.UUID, now: datetime) -> None:
    """End the invitations of somebody who may not invite any more."""
    column = Invitation.company_id if team.kind is TeamKind.COMPANY else Invitation.project_id
    session.execute(
        sa.update(Invitation)
        .where(column == team.id, Invitation.invited_by_id == by_id, Invitation.ended_at.is_(None))
        .values(ended_at=now)
    )


def _record(team: Team, by: User, what: str, whom: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"people.{what}",
        subject_kind=team.kind,
        subject_id=team.id,
        reason=whom,
        now=now,
    )
