"""What somebody finds wrong with a team's name or words, and what the operator makes of it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.community import queries
from marketplace.community.models import Team, TeamComplaint
from marketplace.community.rules import TeamEvent
from marketplace.core import jobs
from marketplace.core.db import session


def complain(*, team_id: uuid.UUID, why: str, by: User, now: datetime) -> None:
    """Tell the operator of an abuse; again only once the first complaint was settled."""
    said = {"why": why, "made_at": now, "settled_at": None}
    session.execute(
        postgresql.insert(TeamComplaint)
        .values(team_id=team_id, by_id=by.id, **said)
        .on_conflict_do_update(
            index_elements=[TeamComplaint.team_id, TeamComplaint.by_id],
            set_=said,
            where=TeamComplaint.settled_at.is_not(None),
        )
    )


def settle_complaints(
    *, team_id: uuid.UUID, is_suspended: bool, reason: str, by: User, now: datetime
) -> None:
    """Keep a team from being seen, or let it stand; its complaints are settled either way.

    :raises NotFound: the team was dissolved meanwhile.
    """
    team = queries.lock_team(team_id)
    if is_suspended:
        team.suspended_at, team.suspended_reason = now, reason
        _tell(team, TeamEvent.SUSPENDED, now)
    session.execute(
        sa.update(TeamComplaint)
        .where(TeamComplaint.team_id == team_id, TeamComplaint.settled_at.is_(None))
        .values(settled_at=now)
    )
    _record(team, by, "suspend" if is_suspended else "keep", reason, now)
    session.flush()


def lift_suspension(*, team_id: uuid.UUID, reason: str, by: User, now: datetime) -> None:
    """Let a team be seen again.

    :raises NotFound: the team was dissolved meanwhile.
    """
    team = queries.lock_team(team_id)
    if team.suspended_at is not None:
        _tell(team, TeamEvent.LIFTED, now)
    team.suspended_at, team.suspended_reason = None, ""
    _record(team, by, "lift", reason, now)
    session.flush()


def _tell(team: Team, what: TeamEvent, now: datetime) -> None:
    """Write to everybody who is in a team."""
    jobs.enqueue("tell_team", team_id=str(team.id), what=what.value, at=now.isoformat(), after=None)


def _record(team: Team, by: User, what: str, reason: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"team.{what}",
        subject_kind="team",
        subject_id=team.id,
        reason=reason,
        now=now,
    )
