"""The list of projects, a project's page, its updates and its feed."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace.campaigns import queries as campaigns
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.money import LARGEST_MINOR
from marketplace.core.paging import decode_cursor
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import country_name
from marketplace.drafts import queries as drafts
from marketplace.federation import queries as federated
from marketplace.federation.views import public as federation
from marketplace.outcomes import queries as outcomes
from marketplace.people.rules import TeamKind
from marketplace.planning import queries as planning
from marketplace.projects import policies, queries
from marketplace.projects.models import Cause, Project, ProjectOwner, ProjectState
from marketplace.projects.rules import SDGS, Sort, sdg_name
from marketplace.projects.views import overview
from marketplace.questions import queries as questions
from marketplace.questions.models import of_project
from marketplace.questions.views.talk import Talk
from marketplace.reconciliation.queries import publishing as published
from marketplace.verification import queries as verification
from marketplace.volunteer_translations import queries as translations
from marketplace.volunteer_translations.views.reading import reading_of, readings_of

blueprint = Blueprint("projects", __name__)
UPDATES_SHOWN = 3
PAGE = planning.statement(
    months=planning.MONTHS_TOLD,
    talk=questions.PROJECT_TALK,
    translated=translations.newest_shown(UPDATES_SHOWN),
)

STATES = ("", "open", "full", "closed")
"""What the list can be narrowed to; suspended ones stand among all."""


@blueprint.get("/projects")
@access("public")
def list_projects() -> tuple[str, int]:
    """List projects that can be chosen, and those that are done."""
    asked = request.args.get("sort", Sort.NEWEST)
    sort = Sort(asked) if asked in list(Sort) else Sort.NEWEST
    narrowed = _narrowed()
    if sort is Sort.NEAREST and not narrowed.state:
        narrowed = replace(narrowed, state="open")  # what has all it needs is nearest to nothing
    after = _after(_moment if sort is Sort.NEWEST else _amount)
    found = queries.list_projects(narrowed, sort=sort, after=after)
    shown = published.project_totals([project.id for project in found.rows])
    causes, countries = queries.list_causes(), _countries()
    return render(
        "projects/list_projects.html",
        shown=shown,
        projects=[(project, shown.totals[project.id]) for project in found.rows],
        causes=causes,
        countries=countries,
        active=_active(narrowed, sort, causes, dict(countries)),
        sdgs=[(number, sdg_name(number)) for number in SDGS],
        narrowed=narrowed,
        sort=sort,
        query=_query(narrowed, sort),
        by_state=[(state, _of_state(narrowed, state, sort)) for state in STATES],
        next_cursor=found.next_cursor,
        is_first=after is None,
        language=current_language(),
    )


def _narrowed() -> queries.Narrowed:
    """Read what the list is narrowed to; what makes no sense narrows nothing."""
    sdg, country = request.args.get("sdg", ""), request.args.get("country", "").upper()
    state = request.args.get("state", "")
    return queries.Narrowed(
        cause=request.args.get("cause", "")[:80],
        search=request.args.get("q", "").strip()[:100],
        sdg=next((number for number in SDGS if str(number) == sdg), None),
        country=country if re.fullmatch("[A-Z]{2}", country) else "",
        state=state if state in STATES else "",
    )


def _query(narrowed: queries.Narrowed, sort: Sort) -> str:
    """Return the address of a list, without what narrows nothing."""
    asked = {
        "q": narrowed.search,
        "cause": narrowed.cause,
        "sdg": narrowed.sdg,
        "country": narrowed.country,
        "state": narrowed.state,
        "sort": "" if sort is Sort.NEWEST else sort.value,
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _active(
    narrowed: queries.Narrowed, sort: Sort, causes: Sequence[Cause], countries: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return each filter that is on, in words, with the address of the list without it."""
    cause = next((one for one in causes if one.slug == narrowed.cause), None)
    on = {
        "search": f"“{narrowed.search}”" if narrowed.search else "",
        "cause": cause.name_in(current_language()) if cause else narrowed.cause,
        "sdg": f"{narrowed.sdg} · {sdg_name(narrowed.sdg)}" if narrowed.sdg else "",
        "country": countries.get(narrowed.country, narrowed.country),
    }
    empty = queries.EVERYTHING
    return [
        (words, _query(replace(narrowed, **{name: getattr(empty, name)}), sort))
        for name, words in on.items()
        if words
    ]


def _of_state(narrowed: queries.Narrowed, state: str, sort: Sort) -> str:
    """Return the address of the same list in a state; what is nearest is told of one state."""
    is_mixed = sort is Sort.NEAREST and not state
    return _query(replace(narrowed, state=state), Sort.NEWEST if is_mixed else sort)


def _countries() -> list[tuple[str, str]]:
    """Return the countries of projects, code and name, in the page's language."""
    found = ((code, country_name(code)) for code in queries.list_countries())
    return sorted(found, key=lambda pair: pair[1])


def _after(read: Callable[[str], datetime | int]) -> queries.Key | None:
    """Return where the next page begins; what is no such place begins the list anew."""
    key = decode_cursor(request.args.get("after"), 2)
    try:
        return (read(str(key[0])), uuid.UUID(str(key[1]))) if key else None
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _amount(text: str) -> int:
    return min(int(text), LARGEST_MINOR)


def load(slug: str) -> tuple[Project, ProjectOwner | None]:
    """Return a project that the caller may see, and what they are to it.

    :raises NotFound: there is none, or they may not know of it.
    """
    project = queries.get_by_slug(slug)
    user = current_user if current_user.is_authenticated else None
    membership = queries.find_membership(project.id, user.id) if user else None
    if not policies.may_read(project, user, membership):
        raise NotFound
    return project, membership


@blueprint.get("/projects/<slug>")
@access("public")
def project(slug: str) -> tuple[str, int] | BaseResponse:
    """Show a project: what it needs, what came, what it tells, what it spent."""
    found, membership = load(slug)
    if federation.asks_as_server():
        return federation.project_of(found.id)
    shown = published.project_totals([found.id])
    totals = shown.totals[found.id]
    now = clock.now()
    language = current_language()
    plan = planning.get_plan(found.id, today=now.date(), query=PAGE, language=language)
    told = queries.list_updates(found.id).rows[:UPDATES_SHOWN]
    standing = verification.get_shown(
        TeamKind.PROJECT,
        found.id,
        wants_release=bool(totals.pending_minor) and not shown.held,
    )
    return render(
        "projects/project.html",
        project=found,
        plan=plan,
        standing=standing,
        story=overview.story(found, plan),
        targets=overview.targets(found),
        changed=overview.changed(outcomes.find_published_outcomes([found.id])),
        risks=render_markdown(found.risks),
        membership=membership,
        totals=totals,
        shown=shown,
        next_release=standing.next_release,
        sdgs=[(number, sdg_name(number)) for number in found.sdgs if number in SDGS],
        country=country_name(found.country) if found.country else None,
        counted_at=shown.counted_at(now),
        offers=campaigns.find_offers(found.currency, [found.id], now)
        if found.state is ProjectState.OPEN
        else [],
        updates=told,
        readings=readings_of(told, translations.shown_of(plan.more["translated"]), language),
        chart=None if shown.held else overview.chart(found, plan),
        structured=overview.structured(found),
        today=now.date(),
        talk=Talk(of_project(found), questions.asked_of(plan.more["talk"]), now),
        public_url=public_url(),
        handle=federation.handle_of(found),
    )


@blueprint.get("/projects/<slug>/updates")
@access("public")
def updates(slug: str) -> tuple[str, int]:
    """List a project's updates, the newest first."""
    found, _membership = load(slug)
    after = _after(_moment)
    told = queries.list_updates(found.id, after=after)
    translated = translations.list_found([one.id for one in told.rows])
    return render(
        "projects/updates.html",
        project=found,
        updates=told,
        readings=readings_of(told.rows, translated, current_language()),
        is_first=after is None,
    )


@blueprint.get("/projects/<slug>/updates/<uuid:update_id>")
@access("public")
def update(slug: str, update_id: uuid.UUID) -> tuple[str, int] | BaseResponse:
    """Show one update at its own address, with what was answered to it."""
    found, membership = load(slug)
    told = queries.get_update(found.id, update_id)
    if federation.asks_as_server():
        return federation.update_of(told.id)
    translated, wanted = translations.list_found([told.id]), request.args.get("in", "")
    is_there = wanted in {told.language, *(one.language for one in translated)}
    return render(
        "projects/update.html",
        project=found,
        update=told,
        reading=reading_of(told, translated, wanted if is_there else current_language()),
        comments=federated.list_shown(told.id),
        papers=drafts.list_belongings(told.id),
        measured=drafts.list_shown_outcomes(told.id),
        membership=membership,
    )


@blueprint.get("/projects/<slug>/people")
@access("public")
def people(slug: str) -> tuple[str, int]:
    """Show who made a project possible, and who answers for it."""
    found, membership = load(slug)
    return render(
        "projects/people.html",
        project=found,
        membership=membership,
        plan=planning.get_plan(found.id, today=clock.now().date()),
        givers=queries.list_givers(found.id),
        supporters=queries.list_supporters(found.id),
    )
