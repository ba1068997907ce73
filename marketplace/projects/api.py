"""Projects for programs: what they need, what came, what they tell."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from marketplace.companies.rules import moment_of
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.documents import PageQuery
from marketplace.core.errors import NotFound
from marketplace.core.paging import decode_cursor
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access
from marketplace.core.web.api import next_url
from marketplace.impact.queries import ProjectTotals
from marketplace.people.rules import TeamKind
from marketplace.projects import policies, queries
from marketplace.projects.models import Project, ProjectUpdate
from marketplace.projects.rules import Sort
from marketplace.projects.schemas import (
    ProjectOutput,
    ProjectsOutput,
    ProjectsQuery,
    ProjectUpdatesOutput,
)
from marketplace.reconciliation.queries import Published
from marketplace.reconciliation.queries import publishing as published
from marketplace.verification.views import programs
from marketplace.volunteer_translations import queries as translations
from marketplace.volunteer_translations.queries import Shown

blueprint = Blueprint("projects-api", __name__, description="Where the money goes")
Given = dict[str, Any]  # Any: typed by the query's schema
LARGEST_KEY = 2**63 - 1


@blueprint.route("/projects")
@access("public")
@blueprint.arguments(ProjectsQuery, location="query")
@blueprint.response(200, ProjectsOutput)
def projects(given: Given) -> dict[str, object]:
    """List projects that can be chosen, and those that are done."""
    sort = Sort(given["sort"])
    narrowed = queries.Narrowed(
        cause=_text(given["cause"]),
        search=_text(given["q"]),
        sdg=given["sdg"],
        country=given["country"],
        state=given["state"],
    )
    found = queries.list_projects(narrowed, sort=sort, after=_place(sort, given["after"]))
    ids = [project.id for project in found.rows]
    shown, checked = published.project_totals(ids), programs.told(TeamKind.PROJECT, ids)
    return {
        "items": [_card(project, shown, checked) for project in found.rows],
        "next": next_url("/projects", given, found.next_cursor),
        "counted_at": clock.now().replace(microsecond=0),
    }


def _text(given: str) -> str:
    return given.replace("\x00", "").strip()


def _place(sort: Sort, cursor: str) -> queries.Key | None:
    """Return where a page begins; at the beginning if the cursor was tampered with."""
    key = decode_cursor(cursor, 2)
    if sort is Sort.NEWEST:
        return moment_of(key)
    amount, project = key or (None, None)
    if not isinstance(amount, int) or isinstance(amount, bool) or abs(amount) > LARGEST_KEY:
        return None
    try:
        return amount, uuid.UUID(str(project))
    except ValueError:
        return None


def _card(
    project: Project, shown: Published[ProjectTotals], checked: programs.Told
) -> dict[str, object]:
    is_held = project.id in shown.held
    return {
        "id": project.id,
        "slug": project.slug,
        "title": project.title,
        "summary": project.summary,
        "organisation": project.organisation,
        "place": project.place,
        "cause": project.cause.slug,
        "state": project.state.value,
        "currency": project.currency,
        "goal_minor": project.goal_minor,
        "totals": shown.totals[project.id],
        "is_held_back": is_held,
        "reconciled_at": shown.hold.reconciled_at if is_held else None,
        "verification": checked.get(project.id),
        "url": public_url(f"/projects/{project.slug}"),
    }


def _load(slug: str) -> Project:
    """Return a project that everybody may see.

    :raises NotFound: there is none.
    """
    found = queries.get_by_slug(slug)
    if not policies.may_read(found, None, None):
        raise NotFound
    return found


@blueprint.route("/projects/<slug>")
@access("public")
@blueprint.response(200, ProjectOutput)
@blueprint.alt_response(404)
def project(slug: str) -> dict[str, object]:
    """Show one project: what it needs, what came, what it spent."""
    found = _load(slug)
    checked = programs.told(TeamKind.PROJECT, [found.id])
    return {
        **_card(found, published.project_totals([found.id]), checked),
        "story_html": render_markdown(found.story),
        "risks_html": render_markdown(found.risks),
        "country": found.country,
        "sdgs": found.sdgs,
        "source": found.source,
        "budget": [
            {"title": line.title, "amount_minor": line.amount_minor, "spent_minor": spent}
            for line, spent in queries.list_budget(found.id)
        ],
        "counted_at": clock.now().replace(microsecond=0),
    }


@blueprint.route("/projects/<slug>/updates")
@access("public")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ProjectUpdatesOutput)
@blueprint.alt_response(404)
def updates(given: Given, slug: str) -> dict[str, object]:
    """List what a project told, the newest first."""
    found = _load(slug)
    page = queries.list_updates(found.id, after=moment_of(decode_cursor(given["after"], 2)))
    translated = translations.list_shown([one.id for one in page.rows])
    return {
        "items": [_update(one, translated) for one in page.rows],
        "next": next_url(f"/projects/{found.slug}/updates", {}, page.next_cursor),
    }


def _update(told: ProjectUpdate, translated: Sequence[Shown]) -> dict[str, object]:
    mine = [one for one in translated if one.update_id == told.id and not told.taken_back_at]
    return {
        "id": told.id,
        "title": told.title,
        "body_html": told.body_html,
        "language": told.language,
        "translations": [_translation(told, one) for one in mine],
        "author": told.author.name,
        "published_at": told.published_at,
        "photo_urls": [
            public_url(f"/media/{photo.key}-{max(photo.widths)}.webp") for photo in told.photos
        ],
    }


def _translation(told: ProjectUpdate, one: Shown) -> dict[str, object]:
    return {
        "language": one.language,
        "title": one.title,
        "body_html": one.body_html,
        "translator": one.translator,
        "is_by_volunteer": not one.is_own,
        "is_of_earlier_wording": one.is_behind(told.corrected_at),
        "translated_at": one.written_at,
    }
