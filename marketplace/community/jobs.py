"""Letters to the people of teams; and what is told of challenges when it is time."""

import uuid
from datetime import datetime

from flask_babel import force_locale

from marketplace.accounts import queries as accounts
from marketplace.community import queries, service
from marketplace.community.rules import TeamEvent
from marketplace.community.service import put_in_words
from marketplace.core import clock, jobs, mail
from marketplace.core.addresses import public_url
from marketplace.core.days import long_day
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.following import service as following
from marketplace.following.rules import Frequency, Kind
from marketplace.reconciliation import queries as published

AT_ONCE = 200


@task("tell_team")
def tell_team(*, team_id: str, what: str, at: str, after: str | None) -> None:
    """Enqueue a letter for each who is in a team, or was until it ended, some at a time."""
    team, moment, event = uuid.UUID(team_id), datetime.fromisoformat(at), TeamEvent(what)
    ended_at = moment if event is TeamEvent.DISSOLVED else None
    with atomic():
        people = queries.list_people(
            team, ended_at=ended_at, after=uuid.UUID(after) if after else None, limit=AT_ONCE
        )
        for person in people:
            _write(team_id, person, event, at)
        if len(people) == AT_ONCE:
            jobs.enqueue("tell_team", team_id=team_id, what=what, at=at, after=str(people[-1]))


def _write(team_id: str, user_id: uuid.UUID, event: TeamEvent, at: str) -> None:
    jobs.enqueue("team_mail", team_id=team_id, user_id=str(user_id), what=event.value, at=at)


@task("end_team_follows")
def end_team_follows(*, team_id: str, at: str) -> None:
    """Let nobody follow a team that was dissolved, and tell them, some at a time.

    Its people are told anyway; of one that not everybody could see only they.
    """
    team = queries.find_team(uuid.UUID(team_id))
    moment = datetime.fromisoformat(at)
    was_seen = team is not None and team.is_public and team.suspended_at is None
    with atomic():
        ended = following.end_follows(kind=Kind.TEAM, thing_id=uuid.UUID(team_id), limit=AT_ONCE)
        own = queries.list_own_people(uuid.UUID(team_id), ended, ended_at=moment)
        for user_id, frequency in ended.items():
            if was_seen and user_id not in own and frequency is not Frequency.NEVER:
                _write(team_id, user_id, TeamEvent.DISSOLVED, at)
        if len(ended) == AT_ONCE:
            jobs.enqueue("end_team_follows", team_id=team_id, at=at)


@task("team_mail")
def team_mail(*, team_id: str, user_id: str, what: str, at: str) -> None:
    """Tell somebody what became of a team, or of them in it; what was undone is not told."""
    team, user = queries.find_team(uuid.UUID(team_id)), accounts.get_user(uuid.UUID(user_id))
    event, moment = TeamEvent(what), datetime.fromisoformat(at)
    session.rollback()
    if team is None or (event is TeamEvent.SUSPENDED and team.suspended_at is None):
        return
    is_there = event not in (TeamEvent.REMOVED, TeamEvent.DISSOLVED)
    with force_locale(user.locale):
        day = long_day(moment, user.locale)
        letter = put_in_words(event, team=team.name, day=day)
    mail.send(
        to=user.email,
        kind="team",
        locale=user.locale,
        key=f"team-{team.id}-{user.id}-{event}-{moment:%Y%m%d%H%M%S}",
        name=user.name,
        team=team,
        letter=letter,
        reason=team.suspended_reason if event is TeamEvent.SUSPENDED else "",
        link=public_url(f"/teams/{team.slug}", user.locale) if is_there else "",
    )


@task("look_at_challenges", every="23 * * * *")
def look_at_challenges() -> None:
    """Look at each team with a challenge that has begun and of whose end nothing was told."""
    today, after = clock.now().date(), None
    while True:
        with atomic():
            teams = queries.list_to_look_at(today, after=after, limit=AT_ONCE)
            for team in teams:
                jobs.enqueue("tell_challenges", lock=f"team-{team}", team_id=str(team))
        if len(teams) < AT_ONCE:
            return
        after = teams[-1]


@task("tell_challenges")
def tell_challenges(*, team_id: str) -> None:
    """Let be heard what a team set out to do, and what became of it."""
    is_held, now = published.hold().since is not None, clock.now()
    session.rollback()
    with atomic():
        service.tell_challenges(team_id=uuid.UUID(team_id), is_held=is_held, now=now)
