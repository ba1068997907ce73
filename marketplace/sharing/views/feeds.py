"""Feeds of projects, companies, people and of everything; a project's dates as a calendar."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Response, request
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from marketplace.community import queries as community
from marketplace.community.views.news import news_of
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import access
from marketplace.core.web.languages import current_language
from marketplace.following import queries as following
from marketplace.following.queries import Scope
from marketplace.following.rules import Kind, NewsKind, person_slug
from marketplace.following.service import Told, put_in_words
from marketplace.following.views.people import load_person
from marketplace.giving import service as giving
from marketplace.giving.rules import Pledge
from marketplace.projects.rules import without_controls
from marketplace.projects.views.public import load
from marketplace.sharing import queries
from marketplace.sharing.queries import Offered
from marketplace.sharing.rules.calendars import Day, calendar
from marketplace.sharing.rules.feeds import ENDINGS, Feed, Item, atom, json_feed
from marketplace.sharing.views import things
from marketplace.sharing.views.routes import blueprint

PUBLISHER = "Causeway"
BEGAN_AT = datetime(2025, 1, 1, tzinfo=UTC)
KINDS = "any(atom,json)"


@blueprint.get(f"/teams/<slug>/news.<{KINDS}:kind>")
@access("public")
def of_team(slug: str, kind: str) -> BaseResponse:
    """Serve what a public team set out to do, and what its months gave, to feed readers."""
    shown, here = things.of_team(slug), f"/teams/{slug}"
    found = community.get_team(slug)
    feed = _feed(shown.title, here, f"{here}/news", news_of(found), found.created_at)
    return _answer(feed, kind)


@blueprint.get(f"/projects/<slug>/updates.<{KINDS}:kind>")
@access("public")
def of_project(slug: str, kind: str) -> BaseResponse:
    """Serve what a project tells to feed readers: updates, outcomes, receipts, corrections."""
    found, _membership = load(slug)
    items = _told(Scope(Kind.PROJECT, found.id))
    here = f"/projects/{found.slug}"
    return _answer(_feed(found.title, here, f"{here}/updates", items, found.created_at), kind)


@blueprint.get(f"/projects/updates.<{KINDS}:kind>")
@access("public")
def of_projects(kind: str) -> BaseResponse:
    """Serve what all projects tell to feed readers."""
    items = _told(Scope(Kind.PROJECT), is_one_of_many=True)
    feed = _feed(_("Updates of all projects"), "/projects", "/projects/updates", items)
    return _answer(feed, kind)


@blueprint.get(f"/companies/<slug>/news.<{KINDS}:kind>")
@access("public")
def of_company(slug: str, kind: str) -> BaseResponse:
    """Serve a company's reports, answers, changed promises and new products to feed readers."""
    found = companies.find_company(slug)
    if found is None:
        raise NotFound
    here = f"/companies/{found.slug}"
    items = _newest(_told(Scope(Kind.COMPANY, found.id)), queries.list_offered(found.id))
    return _answer(_feed(found.name, here, f"{here}/news", items, found.created_at), kind)


@blueprint.get(f"/people/<slug>/news.<{KINDS}:kind>")
@access("public")
def of_person(slug: str, kind: str) -> BaseResponse:
    """Serve what somebody tells who is named in public to feed readers."""
    found = load_person(slug)
    here = f"/people/{person_slug(found.name, found.id)}"
    items = _told(Scope(Kind.PERSON, found.id), is_one_of_many=True)
    return _answer(_feed(found.name, here, f"{here}/news", items), kind)


@blueprint.get(f"/news.<{KINDS}:kind>")
@access("public")
def of_all(kind: str) -> BaseResponse:
    """Serve what is new anywhere to feed readers."""
    items = _newest(
        _told(Scope(), is_one_of_many=True), queries.list_offered(), is_one_of_many=True
    )
    return _answer(_feed(_("What is new on Causeway"), "", "/news", items), kind)


@blueprint.get("/projects/<slug>/dates.ics")
@access("public")
def dates(slug: str) -> BaseResponse:
    """Serve what a project wants to have reached when to calendars."""
    found, _membership = load(slug)
    page = f"{public_url()}{request.script_root}/projects/{found.slug}"
    days = [
        Day(
            str(goal.id),
            goal.on,
            f"{found.title}: {goal.title}",
            _about(goal),
            page if goal.target is None else f"{page}/outcomes",
        )
        for goal in queries.list_goals(found.id)
    ]
    host = urlsplit(public_url()).hostname or "localhost"
    answer = Response(
        calendar(found.title, days, host=host, now=clock.now()),
        content_type="text/calendar; charset=utf-8",
    )
    answer.headers["Content-Disposition"] = f"inline; filename={found.slug}.ics"
    return answer


def _about(goal: queries.Goal) -> str:
    """Return in words what a day of the calendar is: a target, or a milestone."""
    if goal.target is None:
        return _("Milestone, reached.") if goal.reached_on else _("Milestone, to be reached.")
    target = f"{goal.target.normalize():f}"
    return _("Wanted by this day: %(target)s %(unit)s.", target=target, unit=goal.unit)


def _feed(
    title: str, home: str, address: str, items: Iterable[Item], began_at: datetime = BEGAN_AT
) -> Feed:
    """Return a feed: its links are in the language of its address, its name is in none."""
    root = f"{public_url()}{request.script_root}"
    return Feed(
        id=f"{public_url()}{home or '/'}",
        title=title,
        home=root + (home or "/"),
        address=root + address,
        language=current_language(),
        publisher=PUBLISHER,
        began_at=began_at,
        items=list(items),
    )


def _newest(
    told: list[Item], offered: Sequence[Offered], *, is_one_of_many: bool = False
) -> list[Item]:
    """Return the newest of both."""
    items = [*told, *(_of_product(one, is_one_of_many=is_one_of_many) for one in offered)]
    return sorted(items, key=lambda item: item.at, reverse=True)[: queries.NEWEST]


def _told(scope: Scope, *, is_one_of_many: bool = False) -> list[Item]:
    """Return what was told of something, in the words of the page and of letters.

    A corrected update is the item that it was, changed; only where it is too old to be among them
    the correction is one of its own.
    """
    language = current_language()
    rows = following.list_news(scope, limit=queries.NEWEST).rows
    updates = {row.place for row in rows if row.kind is NewsKind.UPDATE}
    return [
        _of_told(put_in_words(row, language), is_one_of_many)
        for row in rows
        if row.kind is not NewsKind.CORRECTION or row.place not in updates
    ]


def _of_told(told: Told, is_one_of_many: bool) -> Item:
    picture = f"{public_url()}{told.photo}" if told.photo else ""
    html = told.html
    if picture:
        html += Markup('<p><img src="{}" alt="{}"></p>').format(picture, told.photo_alt)
    return Item(
        id=told.story.urn,
        url=f"{public_url()}{request.script_root}{told.path}",
        title=told.title,
        html=str(html),
        at=told.at,
        changed_at=told.story.changed_at,
        author=told.by or told.about,
        image=picture,
        about=told.about if is_one_of_many else "",
    )


def _of_product(one: Offered, *, is_one_of_many: bool) -> Item:
    return Item(
        id=f"urn:uuid:{one.id}",
        url=f"{public_url()}{request.script_root}/products/{one.slug}",
        title=_("New: %(title)s", title=one.title),
        html=str(Markup("<p>{}</p><p>{}</p>").format(one.summary or one.title, _promise(one))),
        at=one.at,
        author=one.company,
        about=one.company if is_one_of_many else "",
    )


def _promise(one: Offered) -> str:
    return giving.pledge_sentence(
        company=one.company,
        pledge=Pledge(one.pledge_bp, one.pledge_unit_minor),
        currency=one.currency,
        language=current_language(),
    )


def _answer(feed: Feed, kind: str) -> BaseResponse:
    if kind == "json":
        text = json.dumps(json_feed(feed), ensure_ascii=False)
    else:
        text = without_controls(atom(feed))
    answer = Response(text, content_type=f"{ENDINGS[kind]}; charset=utf-8")
    if not current_user.is_authenticated:  # owners are shown more than everybody is
        answer.headers["Cache-Control"] = "public, max-age=300"
        answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
