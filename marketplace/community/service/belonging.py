"""Who is in a team: joining, being named, leaving, handing over, removing, dissolving."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.community import policies, queries
from marketplace.community.models import Team, TeamMember
from marketplace.community.rules import TeamEvent, TeamRole
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Forbidden, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id, new_token
from marketplace.following import service as following
from marketplace.following.rules import NewsKind


class CaptainStays(Conflict):
    """A team with others in it would have nobody to lead it."""

    message = _l("Hand the team over to somebody else first, or dissolve it.")


class CannotJoin(Forbidden):
    """The team is not for everybody, or not for them."""

    message = _l("This team takes people by its link only. Ask its captain for it.")


def join(
    *, team_id: uuid.UUID, is_named: bool, by: User, now: datetime, is_invited: bool = False
) -> TeamMember:
    """Let somebody's purchases count for a team from now on; twice is once.

    :param is_invited: whether they came by the team's present link
    :raises CannotJoin: the team is not public, or a captain removed them from it.
    """
    team = queries.lock_team(team_id)
    last = queries.find_last_membership(team_id, by.id)
    if last is not None and last.left_at is None:
        return last
    if not policies.may_join_team(team, last, is_invited=is_invited):
        raise CannotJoin
    member = TeamMember(
        id=new_id(),
        team_id=team_id,
        user_id=by.id,
        role=TeamRole.MEMBER,
        is_named=is_named,
        joined_at=now,
    )
    session.add(member)
    session.flush()
    return member


def _own(team_id: uuid.UUID, user_id: uuid.UUID) -> TeamMember:
    found = queries.find_membership(team_id, user_id)
    if found is None:
        raise NotFound
    return found


def show_name(*, team_id: uuid.UUID, is_named: bool, by: User) -> None:
    """Let somebody's name stand on the team's page, or not.

    :raises NotFound: they are not in it.
    """
    queries.lock_team(team_id)
    _own(team_id, by.id).is_named = is_named
    session.flush()


def leave(*, team_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let what somebody buys from now on count no more; what was counted stays, without them.

    The last one to leave dissolves the team.

    :raises NotFound: they are not in it.
    :raises CaptainStays: they lead others.
    """
    team = queries.lock_team(team_id)
    member = _own(team_id, by.id)
    if member.role is TeamRole.CAPTAIN:
        if queries.find_successor(team_id) is not None:
            raise CaptainStays
        _dissolve(team, now)
    _end(member, now)


def _end(member: TeamMember, now: datetime) -> None:
    member.left_at, member.is_named = now, False
    session.flush()


def hand_over(*, team_id: uuid.UUID, member_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let another member lead; who led stays as a member.

    :raises NotFound: there is no such member.
    """
    team = queries.lock_team(team_id)
    successor = queries.get_member(team_id, member_id)
    captain = _own(team_id, by.id)
    if successor.id == captain.id:
        return
    captain.role = TeamRole.MEMBER
    session.flush()  # one captain at a time
    _lead(successor, now)
    _record(team, by, "handed_over", now)


def _lead(member: TeamMember, now: datetime) -> None:
    """Let a member lead, tell them, and let the newest time that they do be heard of."""
    member.role = TeamRole.CAPTAIN
    session.flush()
    following.untell(subject_id=member.id)
    following.tell(
        kind=NewsKind.CAPTAIN,
        subject_id=member.id,
        team_id=member.team_id,
        person_id=None,
        at=now,
    )
    _write(member, TeamEvent.CAPTAIN, now)


def _write(member: TeamMember, what: TeamEvent, now: datetime) -> None:
    jobs.enqueue(
        "team_mail",
        team_id=str(member.team_id),
        user_id=str(member.user_id),
        what=what.value,
        at=now.isoformat(),
    )


def remove(*, team_id: uuid.UUID, member_id: uuid.UUID, by: User, now: datetime) -> None:
    """Let somebody's purchases count no more; they come back only by a link made from now on.

    :raises NotFound: there is no such member.
    :raises CaptainStays: it is the captain.
    """
    team = queries.lock_team(team_id)
    member = queries.get_member(team_id, member_id)
    if member.role is TeamRole.CAPTAIN:
        raise CaptainStays
    member.is_removed, member.left_at, member.is_named = True, now, False
    team.token = new_token()
    session.flush()
    _write(member, TeamEvent.REMOVED, now)
    _record(team, by, "removed_member", now)


def dissolve(*, team_id: uuid.UUID, by: User, now: datetime) -> None:
    """End a team: its page is gone, and nobody's purchases count for it."""
    team = queries.lock_team(team_id)
    _dissolve(team, now)
    session.execute(
        sa.update(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.left_at.is_(None))
        .values(left_at=now, is_named=False)
    )
    session.flush()
    jobs.enqueue(
        "tell_team",
        team_id=str(team_id),
        what=TeamEvent.DISSOLVED.value,
        at=now.isoformat(),
        after=None,
    )
    _record(team, by, "dissolved", now)


def _dissolve(team: Team, now: datetime) -> None:
    """End a team, and have those told who follow it."""
    team.dissolved_at = now
    jobs.enqueue("end_team_follows", team_id=str(team.id), at=now.isoformat())


def forget(*, user_id: uuid.UUID, now: datetime) -> None:
    """End all that a person is to teams; who has been in one longest leads it on."""
    for member in queries.list_memberships(user_id):
        team = queries.lock_team(member.team_id)
        successor = queries.find_successor(team.id)
        is_captain = member.role is TeamRole.CAPTAIN
        _end(member, now)
        if is_captain and successor is None:
            _dissolve(team, now)
        elif is_captain and successor is not None:
            _lead(successor, now)
    session.flush()


def _record(team: Team, by: User, what: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"team.{what}",
        subject_kind="team",
        subject_id=team.id,
        now=now,
    )
