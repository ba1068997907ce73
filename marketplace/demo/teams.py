"""Two teams of the demo world, what they set out to do, and a link that somebody shares."""

from collections.abc import Sequence
from datetime import timedelta

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import User
from marketplace.community import service
from marketplace.community.models import Team
from marketplace.community.rules import Counts, MadeOf
from marketplace.community.service import ChallengeWish, TeamWish
from marketplace.core.db import atomic
from marketplace.demo import world as people
from marketplace.demo.pools import WEAVER
from marketplace.demo.world import World
from marketplace.following import service as following
from marketplace.following.rules import Frequency, Kind

TABLE = TeamWish(
    name="The Tuesday table",
    made_of=MadeOf.FRIENDS,
    about="We eat together on Tuesdays, and once a month we read aloud what the projects wrote. "
    "Whoever reads brings the bread.",
    is_public=True,
)
LOOM = TeamWish(
    name="Nineteen looms",
    made_of=MadeOf.EMPLOYEES,
    about="People of the mill, and those who have left it for a garden.",
    is_public=True,
    company=WEAVER,
)


def gather(world: World) -> None:
    """Let friends and people of a company look together at what they bought."""
    shoppers = [shopper for shopper, _address in world.shoppers]
    with atomic():
        table = _found(world, TABLE, shoppers[0:4], days=320)
        _set_out(world, table, ("Three projects in seven weeks", Counts.PROJECTS, 3), (-200, -150))
        _set_out(
            world, table, ("€250 out of prices in two months", Counts.PLEDGE, 25_000), (-140, -80)
        )
        _set_out(
            world, table, ("Fifteen projects in a hundred days", Counts.PROJECTS, 15), (-60, 39)
        )
        loom = _found(world, LOOM, shoppers[3:7], days=200)
        member = accounts.find_user(people.MEMBER)
        if member is not None:
            service.confirm_team(team_id=loom.id, by=member, now=world.now - timedelta(days=199))
        for team in (table, loom):
            service.tell_challenges(team_id=team.id, is_held=False, now=world.now)
            following.follow(
                kind=Kind.TEAM,
                thing_id=team.id,
                user_id=shoppers[0].id,
                frequency=Frequency.WEEKLY,
                now=world.now,
            )
        service.share_impact(
            user_id=shoppers[1].id,
            shows_amounts=True,
            shows_name=True,
            is_indexed=False,
            now=world.now - timedelta(days=30),
        )


def _found(world: World, wish: TeamWish, users: Sequence[User], *, days: int) -> Team:
    """Found a team so many days ago; one comes after the other, every second by name."""
    began_at = world.now - timedelta(days=days)
    captain, *others = users
    team = service.found_team(wish=wish, is_named=True, currency="EUR", by=captain, now=began_at)
    for place, user in enumerate(others, start=1):
        at = began_at + timedelta(days=9 * place)
        service.join(team_id=team.id, is_named=place % 2 == 1, by=user, now=at)
    return team


def _set_out(
    world: World, team: Team, what: tuple[str, Counts, int], days: tuple[int, int]
) -> None:
    """Set a challenge on its first day."""
    first, last = (world.now + timedelta(days=one) for one in days)
    service.set_challenge(
        team_id=team.id, wish=ChallengeWish(*what, first.date(), last.date()), now=first
    )
