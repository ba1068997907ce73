"""Teams come into being, change their words, and are known to a company or not."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.community import queries
from marketplace.community.models import Team, TeamMember
from marketplace.community.rules import MadeOf, TeamRole
from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id, new_token
from marketplace.core.slugs import slug_of, with_suffix


@dataclass(frozen=True)
class TeamWish:
    """What a captain says of a team; `company` is a company's name, or nothing."""

    name: str
    made_of: MadeOf
    about: str
    is_public: bool
    company: str = ""


def found_team(*, wish: TeamWish, is_named: bool, currency: str, by: User, now: datetime) -> Team:
    """Found a team; who founds it is its captain, and their purchases count from now on.

    :raises Invalid: it names a company that does not sell here.
    """
    team_id = new_id()
    slug = slug_of(wish.name, fallback="team")
    if slug == "new" or queries.has_slug(slug):
        slug = with_suffix(slug, team_id.hex)
    team = Team(
        id=team_id,
        slug=slug,
        token=new_token(),
        currency=currency,
        created_at=now,
        suspended_reason="",
    )
    _say(team, wish)
    session.add(team)
    session.flush()
    session.add(
        TeamMember(
            id=new_id(),
            team_id=team.id,
            user_id=by.id,
            role=TeamRole.CAPTAIN,
            is_named=is_named,
            joined_at=now,
        )
    )
    session.flush()
    return team


def change_team(*, team_id: uuid.UUID, wish: TeamWish) -> Team:
    """Change what is said of a team; another company has to confirm it anew.

    :raises Invalid: it names a company that does not sell here.
    """
    team = queries.lock_team(team_id)
    _say(team, wish)
    session.flush()
    return team


def _say(team: Team, wish: TeamWish) -> None:
    team.name, team.about = wish.name, wish.about
    team.made_of, team.is_public = wish.made_of, wish.is_public
    company_id = None
    if wish.made_of is MadeOf.EMPLOYEES and wish.company:
        found = queries.find_company_named(wish.company)
        if found is None:
            raise Invalid(
                fields={"company": _l("No company with this name sells here. Look it up first.")}
            )
        company_id = found.id
    if company_id != team.company_id:
        team.company_id, team.confirmed_at, team.confirmed_by_id = company_id, None, None


def renew_link(*, team_id: uuid.UUID) -> Team:
    """Let the link by which people were invited lead nowhere, and make another."""
    team = queries.lock_team(team_id)
    team.token = new_token()
    session.flush()
    return team


def confirm_team(*, team_id: uuid.UUID, by: User, now: datetime) -> None:
    """Say for the company that a team is made of its people; the page shows it."""
    team = queries.lock_team(team_id)
    if team.company_id is not None and team.confirmed_at is None:
        team.confirmed_at, team.confirmed_by_id = now, by.id
        session.flush()
        _record(team, by, "confirmed", now)


def refuse_team(*, team_id: uuid.UUID, by: User, now: datetime) -> None:
    """Say for the company that a team is not of its people; the team stays without its name."""
    team = queries.lock_team(team_id)
    if team.company_id is not None:
        _record(team, by, "refused", now)
        team.company_id, team.confirmed_at, team.confirmed_by_id = None, None, None
        session.flush()


def _record(team: Team, by: User, what: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"team.{what}",
        subject_kind="company",
        subject_id=team.company_id,
        reason=team.name,
        now=now,
    )
