"""What is new of a team, for feed readers: its founding, what was told, the months behind it."""

from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date
from flask import request
from markupsafe import Markup

from marketplace.community import queries
from marketplace.community.models import Team
from marketplace.community.queries import MonthPart
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.i18n import _
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import plain_money
from marketplace.following import queries as following
from marketplace.following.queries import Scope, Story
from marketplace.following.rules import Kind
from marketplace.following.service import put_in_words
from marketplace.ledger.rules import Source
from marketplace.reconciliation import queries as published
from marketplace.sharing.rules.feeds import Item

NEWEST = 30


def news_of(team: Team) -> list[Item]:
    """Return what happened, the newest first; no sums while a difference is looked into."""
    items = [_item(team, f"urn:uuid:{team.id}", _("The team was founded"), "", team.created_at)]
    told = following.list_news(Scope(Kind.TEAM, team.id), limit=NEWEST).rows
    items += [_of_told(team, one) for one in told]
    if published.hold().since is None:
        now = clock.now()
        months = queries.standing_of_team(team.id, team.currency).months
        items += [_of_month(team, one) for one in months if _ended_at(one.began_on) <= now]
    return sorted(items, key=lambda item: item.at, reverse=True)[:NEWEST]


def _item(team: Team, name: str, title: str, text: str, at: datetime) -> Item:
    url = public_url(f"{request.script_root}/teams/{team.slug}")
    html = str(Markup("<p>{}</p>").format(text)) if text else ""
    return Item(id=name, url=url, title=title, html=html, at=at, author=team.name)


def _of_told(team: Team, story: Story) -> Item:
    told = put_in_words(story, current_language())
    return _item(team, story.urn, told.title, told.text, told.at)


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
