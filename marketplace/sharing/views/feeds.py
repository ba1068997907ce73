"""Feeds of projects, of companies and of everything; a project's dates as a calendar."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Response, current_app, request
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from marketplace.community import queries as community
from marketplace.community.views.news import news_of
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access
from marketplace.core.web.languages import current_language
from marketplace.giving import service as giving
from marketplace.giving.rules import Pledge
from marketplace.projects import queries as projects
from marketplace.projects.models import Project, ProjectUpdate
from marketplace.projects.rules import without_controls
from marketplace.projects.views.public import load
from marketplace.sharing import queries
from marketplace.sharing.queries import News
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
    """Serve a project's updates to feed readers."""
    found, _membership = load(slug)
    rows = projects.list_updates(found.id).rows
    items = [_of_update(found, row) for row in rows]
    here = f"/projects/{found.slug}"
    return _answer(_feed(found.title, here, f"{here}/updates", items, found.created_at), kind)


@blueprint.get(f"/projects/updates.<{KINDS}:kind>")
@access("public")
def of_projects(kind: str) -> BaseResponse:
    """Serve the newest updates of all projects to feed readers."""
    rows = projects.list_newest_updates()
    items = [_of_update(row.project, row, is_one_of_many=True) for row in rows]
    feed = _feed(_("Updates of all projects"), "/projects", "/projects/updates", items)
    return _answer(feed, kind)


@blueprint.get(f"/companies/<slug>/news.<{KINDS}:kind>")
@access("public")
def of_company(slug: str, kind: str) -> BaseResponse:
    """Serve a company's reports and new products to feed readers."""
    found = companies.find_company(slug)
    if found is None:
        raise NotFound
    here = f"/companies/{found.slug}"
    items = [_of_news(one) for one in queries.list_news(found.id)]
    return _answer(_feed(found.name, here, f"{here}/news", items, found.created_at), kind)


@blueprint.get(f"/news.<{KINDS}:kind>")
@access("public")
def of_all(kind: str) -> BaseResponse:
    """Serve what is new anywhere to feed readers: updates, reports, products."""
    updates = projects.list_newest_updates()
    items = [
        *(_of_update(row.project, row, is_one_of_many=True) for row in updates),
        *(_of_news(one, is_one_of_many=True) for one in queries.list_news()),
    ]
    newest = sorted(items, key=lambda item: item.at, reverse=True)[: queries.NEWEST]
    return _answer(_feed(_("What is new on Causeway"), "", "/news", newest), kind)


@blueprint.get("/projects/<slug>/dates.ics")
@access("public")
def dates(slug: str) -> BaseResponse:
    """Serve what a project wants to have reached when to calendars."""
    found, _membership = load(slug)
    page = f"{_public()}{request.script_root}/projects/{found.slug}"
    days = [
        Day(
            str(goal.id),
            goal.on,
            f"{found.title}: {goal.title}",
            _(
                "Wanted by this day: %(target)s %(unit)s.",
                target=f"{goal.target.normalize():f}",
                unit=goal.unit,
            ),
            f"{page}/outcomes",
        )
        for goal in queries.list_goals(found.id)
    ]
    host = urlsplit(_public()).hostname or "localhost"
    answer = Response(
        calendar(found.title, days, host=host, now=clock.now()),
        content_type="text/calendar; charset=utf-8",
    )
    answer.headers["Content-Disposition"] = f"inline; filename={found.slug}.ics"
    return answer


def _public() -> str:
    return str(current_app.config["PUBLIC_URL"])


def _feed(
    title: str, home: str, address: str, items: Iterable[Item], began_at: datetime = BEGAN_AT
) -> Feed:
    """Return a feed: its links are in the language of its address, its name is in none."""
    root = f"{_public()}{request.script_root}"
    return Feed(
        id=f"{_public()}{home or '/'}",
        title=title,
        home=root + (home or "/"),
        address=root + address,
        language=current_language(),
        publisher=PUBLISHER,
        began_at=began_at,
        items=list(items),
    )


def _of_update(project: Project, row: ProjectUpdate, *, is_one_of_many: bool = False) -> Item:
    photos = [] if is_one_of_many else row.photos
    pictures = [f"{_public()}/media/{photo.key}-{photo.widths[-1]}.webp" for photo in photos]
    html = row.body_html + "".join(
        Markup('<p><img src="{}" alt="{}"></p>').format(src, photo.alt)
        for src, photo in zip(pictures, photos, strict=True)
    )
    return Item(
        id=f"urn:uuid:{row.id}",
        url=f"{_public()}{request.script_root}/projects/{project.slug}/updates/{row.id}",
        title=row.title,
        html=html,
        at=row.published_at,
        changed_at=row.taken_back_at or row.corrected_at,
        author=row.author.name,
        image=pictures[0] if pictures else "",
        about=project.title if is_one_of_many else "",
    )


def _of_news(one: News, *, is_one_of_many: bool = False) -> Item:
    root = f"{_public()}{request.script_root}"
    if one.what in ("report", "restated"):
        url = f"{root}/companies/{one.company_slug}/reports/{one.slug}"
        title, html = _("Report: %(title)s", title=one.title), str(render_markdown(one.text))
        if one.what == "restated":
            title = _("Report restated: %(title)s", title=one.title)
    else:
        url = f"{root}/products/{one.slug}"
        title = _("New: %(title)s", title=one.title)
        html = str(Markup("<p>{}</p><p>{}</p>").format(one.text or one.title, _promise(one)))
    return Item(
        id=f"urn:uuid:{one.id}",
        url=url,
        title=title,
        html=html,
        at=one.at,
        author=one.company,
        about=one.company if is_one_of_many else "",
    )


def _promise(one: News) -> str:
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
