"""What the people of a team are told by letter, in words; who leads one is not named."""

from collections.abc import Callable
from dataclasses import dataclass

from marketplace.community.rules import TeamEvent
from marketplace.core.i18n import _


@dataclass(frozen=True)
class TeamLetter:
    """A letter's title, what happened, and what that means."""

    title: str
    said: str
    more: str


def put_in_words(event: TeamEvent, *, team: str, day: str) -> TeamLetter:
    """Return what became of a team, or of somebody in it, in the language in use."""
    return _WRITERS[event](team, day)


def _removed(team: str, day: str) -> TeamLetter:
    return TeamLetter(
        _("You are not in the team %(team)s any more", team=team),
        _("On %(day)s the captain took you out of the team %(team)s.", day=day, team=team),
        _(
            "What you buy from then on does not count for it. What was counted stays in its sums "
            "as a number, without you. You can come back only by a new link from its captain."
        ),
    )


def _captain(team: str, day: str) -> TeamLetter:
    return TeamLetter(
        _("You lead the team %(team)s now", team=team),
        _("Since %(day)s you are the captain of the team %(team)s.", day=day, team=team),
        _(
            "You may change its words, set challenges, invite and remove people, and hand it over "
            "to another member."
        ),
    )


def _suspended(team: str, day: str) -> TeamLetter:
    return TeamLetter(
        _("The team %(team)s is suspended", team=team),
        _(
            "On %(day)s the operator suspended the team %(team)s. Only its members see it, and "
            "nobody can join.",
            day=day,
            team=team,
        ),
        _(
            "What was counted stays. Once the captain has put it right, answer this letter, and we "
            "look at it again."
        ),
    )


def _lifted(team: str, day: str) -> TeamLetter:
    return TeamLetter(
        _("The team %(team)s is seen again", team=team),
        _("On %(day)s the operator let the team %(team)s be seen again.", day=day, team=team),
        _("Everything stands as before."),
    )


def _dissolved(team: str, day: str) -> TeamLetter:
    return TeamLetter(
        _("The team %(team)s was dissolved", team=team),
        _(
            "The team %(team)s was dissolved on %(day)s. Its page is gone, and whoever followed it "
            "follows it no more.",
            team=team,
            day=day,
        ),
        _("Orders and money stay as they are."),
    )


_WRITERS: dict[TeamEvent, Callable[[str, str], TeamLetter]] = {
    TeamEvent.REMOVED: _removed,
    TeamEvent.CAPTAIN: _captain,
    TeamEvent.SUSPENDED: _suspended,
    TeamEvent.LIFTED: _lifted,
    TeamEvent.DISSOLVED: _dissolved,
}
