"""What is new of a team, for feed readers: its founding, its challenges, the months behind it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date
from flask import current_app, request
from markupsafe import Markup

from marketplace.community import queries
from marketplace.community.models import Team
from marketplace.community.queries import ChallengeRow, MonthPart
from marketplace.community.rules import Counts, Stage
from marketplace.core import clock
from marketplace.core.i18n import _, ngettext
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import long_date, plain_money
from marketplace.ledger.rules import Source
from marketplace.reconciliation import queries as published
from marketplace.sharing.rules.feeds import Item

NEWEST = 30


def news_of(team: Team) -> list[Item]:
    """Return what happened, the newest first; no sums while a difference is looked into."""
    items = [_item(team, f"urn:uuid:{team.id}", _("The team was founded"), "", team.created_at)]
    if published.hold().since is None:
        now = clock.now()
        for challenge in queries.list_challenges(team.id, team.currency):
            items += _of_challenge(team, challenge, now)
        months = queries.standing_of_team(team.id, team.currency).months
        items += [_of_month(team, one) for one in months if _ended_at(one.began_on) <= now]
    return sorted(items, key=lambda item: item.at, reverse=True)[:NEWEST]


def _item(team: Team, name: str, title: str, text: str, at: datetime) -> Item:
    url = f"{current_app.config['PUBLIC_URL']}{request.script_root}/teams/{team.slug}"
    html = str(Markup("<p>{}</p>").format(text)) if text else ""
    return Item(id=name, url=url, title=title, html=html, at=at, author=team.name)


def _of_challenge(team: Team, one: ChallengeRow, now: datetime) -> Iterator[Item]:
    """Yield what a challenge began with, and how it ended once its last day is over."""
    name = f"urn:uuid:{one.id}"
    goal = _amount(one, one.goal, team.currency)
    if _midnight(one.starts_on) <= now:
        begun = _("Until %(day)s: %(goal)s.", day=long_date(one.ends_on), goal=goal)
        title = _("Set out: %(title)s", title=one.title)
        yield _item(team, f"{name}#start", title, begun, _midnight(one.starts_on))
    over = _midnight(one.ends_on + timedelta(days=1))
    if over <= now:
        is_reached = one.stage(now.date()) is Stage.REACHED
        title = _("Reached: %(title)s") if is_reached else _("Not reached: %(title)s")
        is_money = one.counts is Counts.PLEDGE
        done = plain_money(one.done, team.currency) if is_money else str(one.done)
        text = _("%(done)s of %(goal)s", done=done, goal=goal)
        yield _item(team, f"{name}#end", title % {"title": one.title}, text, over)


def _amount(one: ChallengeRow, number: int, currency: str) -> str:
    if one.counts is Counts.PLEDGE:
        return plain_money(number, currency)
    if one.counts is Counts.PROJECTS:
        return ngettext("%(num)d project", "%(num)d projects", number)
    return ngettext("%(num)d person", "%(num)d people", number)


def _of_month(team: Team, month: MonthPart) -> Item:
    named = format_date(month.began_on, "LLLL y", locale=current_language())
    text = _(
        "From companies’ prices: %(pledge)s. Own gifts: %(gifts)s. Added by sponsors: %(match)s. "
        "What was returned since is taken off.",
        pledge=plain_money(month.minor(Source.PLEDGE), team.currency),
        gifts=plain_money(month.minor(Source.TOP_UP), team.currency),
        match=plain_money(month.minor(Source.MATCH), team.currency),
    )
    title = _("What %(month)s gave", month=named)
    name = f"urn:uuid:{team.id}#{month.began_on:%Y-%m}"
    return _item(team, name, title, text, _ended_at(month.began_on))


def _ended_at(began_on: date) -> datetime:
    return _midnight((began_on + timedelta(days=32)).replace(day=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
