"""What operators check one by one, what it carries, and its renewal."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.companies import service as companies
from marketplace.companies.models import Company, CompanyState
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.projects import service as projects
from marketplace.projects.models import Project, ProjectState
from marketplace.verification import queries, rules
from marketplace.verification.models import Check, Verification
from marketplace.verification.rules import Result, Step
from marketplace.verification.service.recording import record


def check(
    *,
    team: Team,
    step: Step,
    result: Result,
    what: str,
    list_on: date | None,
    checked_on: date,
    operator: User,
    now: datetime,
) -> Check:
    """Write down one thing that an operator checked.

    :raises Invalid: a day that is to come, or a sanctions list without its day.
    """
    if checked_on > now.date():
        raise Invalid(fields={"checked_on": _l("This day is still to come.")})
    if step is Step.SANCTIONS and (list_on is None or list_on > checked_on):
        raise Invalid(fields={"list_on": _l("Say from which day the list was that you looked at.")})
    made = Check(
        **{f"{team.kind}_id": team.id},
        id=new_id(),
        step=step,
        result=result,
        what=what,
        list_on=list_on if step is Step.SANCTIONS else None,
        checked_on=checked_on,
        checked_by_id=operator.id,
        made_at=now,
    )
    session.add(made)
    record(team.kind, team.id, operator, "check", f"{step}, {result}: {what}", now)
    session.flush()
    return made


def decide(*, team: Team, reason: str, operator: User, now: datetime) -> Verification:
    """Let what was checked hold from now on; what waited for it or was suspended is opened.

    The level is what the checks carry, never more, and ends with the oldest of them.

    :raises Conflict: a check without which nothing is opened is missing, failed or too old.
    """
    today = now.date()
    checks = queries.last_of(queries.list_checks(team))
    backing = queries.find_backing(team)
    backed_by = backing.kind if backing else None
    level = rules.level_of(checks, backed_by, today)
    if level is None:
        raise Conflict(
            _l("Check the persons and the sanctions list first: nothing is opened without.")
        )
    made = Verification(
        **{f"{team.kind}_id": team.id},
        id=new_id(),
        level=level,
        decided_by_id=operator.id,
        decided_at=now,
        valid_until=rules.valid_until(checks, rules.steps_for(level, backed_by)),
    )
    session.add(made)
    session.flush()
    told = f"{level}: {reason}"
    if not _open(team, operator, told, now):
        record(team.kind, team.id, operator, "level", told, now)
    return made


def _open(team: Team, operator: User, reason: str, now: datetime) -> bool:
    """Open what waits, and say whether it did; of what is open already only the day changes."""
    if team.kind is TeamKind.COMPANY:
        company = session.get_one(Company, team.id, populate_existing=True)
        waits = company.state is not CompanyState.VERIFIED
        if waits:
            companies.move(
                slug=company.slug, how="verify", operator=operator, reason=reason, now=now
            )
        company.verified_at = now
        return waits
    project = session.get_one(Project, team.id, populate_existing=True)
    waits = project.state in (ProjectState.PROPOSED, ProjectState.SUSPENDED)
    if waits:
        projects.move(project=project, how="verify", operator=operator, reason=reason, now=now)
    project.verified_at = now
    return waits


def remind(*, verification_id: uuid.UUID, team: Team, now: datetime) -> None:
    """Ask the owners of a company or project to renew what was checked; they get a letter each."""
    session.execute(
        sa.update(Verification).where(Verification.id == verification_id).values(reminded_at=now)
    )
    for owner in queries.list_owners(team):
        jobs.enqueue(
            "renewal_mail",
            verification_id=str(verification_id),
            team_kind=team.kind.value,
            team_id=str(team.id),
            user_id=str(owner.id),
        )
