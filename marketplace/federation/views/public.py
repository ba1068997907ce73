"""Documents about projects and updates, for programs; people are led to the pages."""

import json
import uuid
from datetime import UTC, datetime

from flask import Response, after_this_request, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.money import format_minor
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access
from marketplace.federation import queries
from marketplace.federation.jobs.asking import addresses, is_on, pair_of
from marketplace.federation.rules import documents
from marketplace.federation.rules.documents import (
    JRD_MEDIA_TYPE,
    LD_MEDIA_TYPE,
    MEDIA_TYPE,
    NODEINFO_PROFILE,
    Document,
)
from marketplace.federation.views.routes import blueprint
from marketplace.projects.models import Project, ProjectUpdate
from marketplace.projects.rules import PUBLIC_STATES

WANTED = (MEDIA_TYPE, LD_MEDIA_TYPE, "application/ld+json")
NODEINFO_MEDIA_TYPE = f'application/json; profile="{NODEINFO_PROFILE}#"; charset=utf-8'


def only_if_on() -> None:
    """Refuse what there is not while federation is switched off.

    :raises NotFound: it is.
    """
    if not is_on():
        raise NotFound


def asks_as_server() -> bool:
    """Say whether somebody asks for a document rather than a page; either way, say it depends."""
    if not is_on():
        return False

    @after_this_request
    def depends(response: BaseResponse) -> BaseResponse:
        response.headers.add("Vary", "Accept")
        return response

    best = request.accept_mimetypes.best_match([*WANTED, "text/html"], default="text/html")
    return best in WANTED and request.accept_mimetypes[best] > request.accept_mimetypes["text/html"]


def answer(document: Document, content_type: str = f"{MEDIA_TYPE}; charset=utf-8") -> Response:
    """Return a document; pages of any site may read it."""
    response = Response(json.dumps(document, ensure_ascii=False), content_type=content_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def actor_document(project: Project) -> Response:
    """Return a project as somebody to follow."""
    pair = pair_of(project.id, now=clock.now())
    facts = {  # in the source language: others keep one document for all their readers
        "Organisation": project.organisation,
        "Place": project.place,
        "Goal": format_minor(project.goal_minor, project.currency, "en"),
        "Page": addresses().page(project.slug),
    }
    return answer(
        documents.project_actor(addresses(), project, public_pem=pair.public_pem, facts=facts)
    )


def note_document(update: ProjectUpdate) -> Response:
    """Return an update as a post."""
    told = documents.note(addresses(), update.project, update)
    return answer(documents.standing(told.note))


def project_of(project_id: uuid.UUID) -> Response:
    """Return the document of a project whose own address was asked for.

    :raises NotFound: not everybody may know of it.
    """
    return actor_document(_project(project_id))


def update_of(update_id: uuid.UUID) -> Response:
    """Return the document of an update whose own address was asked for.

    :raises NotFound: not everybody may know of it.
    """
    found = queries.find_update(update_id)
    return note_document(found) if found is not None else _tombstone(update_id)


def _tombstone(update_id: uuid.UUID) -> Response:
    """Say that an update is gone of which others were told.

    :raises NotFound: nobody was.
    """
    last = queries.find_last_activity(update_id)
    if last is None or last.kind != "Delete":
        raise NotFound
    uri = addresses().update(update_id)
    response = answer(documents.standing({"id": uri, "type": "Tombstone"}))
    response.status_code = 410
    return response


def handle_of(project: Project) -> str:
    """Return what people search for on their own servers; empty where nobody finds it."""
    is_public = project.state.value in PUBLIC_STATES
    return addresses().handle(project.slug) if is_on() and is_public else ""


def _project(project_id: uuid.UUID) -> Project:
    only_if_on()
    found = queries.find_project(project_id)
    if found is None:
        raise NotFound
    return found


@blueprint.get("/federation/projects/<uuid:project_id>")
@access("public")
def project(project_id: uuid.UUID) -> BaseResponse:
    """Return a project's actor; browsers are led to its page."""
    found = _project(project_id)
    if not asks_as_server():
        return redirect(addresses().page(found.slug), 303)
    return actor_document(found)


@blueprint.get("/federation/updates/<uuid:update_id>")
@access("public")
def update(update_id: uuid.UUID) -> BaseResponse:
    """Return an update's post; browsers are led to its page. What is gone says so."""
    only_if_on()
    found = queries.find_update(update_id)
    if found is None:
        return _tombstone(update_id)
    if not asks_as_server():
        return redirect(addresses().update_page(found.project.slug, found.id), 303)
    return note_document(found)


@blueprint.get("/federation/projects/<uuid:project_id>/outbox")
@access("public")
def outbox(project_id: uuid.UUID) -> Response:
    """Return what a project has told, twenty updates a page, the newest first."""
    found = _project(project_id)
    uri = f"{addresses().project(found.id)}/outbox"
    if not request.args.get("page"):
        return answer(
            documents.collection(uri, queries.count_updates(found.id), f"{uri}?page=true")
        )
    after = request.args.get("after", "")
    told = queries.list_told(found.id, after=_position(after))
    items = [documents.create(documents.note(addresses(), found, row)) for row in told.rows]
    here = f"{uri}?page=true" + (f"&after={after}" if _position(after) else "")
    onward = f"{uri}?page=true&after={told.next_cursor}" if told.next_cursor else ""
    return answer(documents.page(here, uri, items, onward))


def _position(text: str) -> tuple[datetime, uuid.UUID] | None:
    cursor = decode_cursor(text, 2)
    if cursor is None:
        return None
    try:
        moment = datetime.fromisoformat(str(cursor[0]))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC), uuid.UUID(str(cursor[1])))
    except ValueError:
        return None


@blueprint.get("/federation/projects/<uuid:project_id>/followers")
@access("public")
def followers(project_id: uuid.UUID) -> Response:
    """Return how many follow a project from elsewhere, never who."""
    found = _project(project_id)
    uri = f"{addresses().project(found.id)}/followers"
    return answer(documents.collection(uri, queries.count_followers(found.id)))


@blueprint.get("/federation/projects/<uuid:project_id>/following")
@access("public")
def following(project_id: uuid.UUID) -> Response:
    """Return whom a project follows: nobody."""
    found = _project(project_id)
    return answer(documents.collection(f"{addresses().project(found.id)}/following", 0))


@blueprint.get("/federation/actor")
@access("public")
def site() -> Response:
    """Return who asks other servers in the name of the whole site."""
    only_if_on()
    pair = pair_of(None, now=clock.now())
    return answer(documents.site_actor(addresses(), public_pem=pair.public_pem))


@blueprint.get("/federation/actor/outbox")
@access("public")
def site_outbox() -> Response:
    """Return what the site itself tells: nothing."""
    only_if_on()
    return answer(documents.collection(f"{addresses().site}/outbox", 0))


@blueprint.get("/.well-known/webfinger")
@access("public")
def webfinger() -> Response:
    """Say where a project's handle leads (RFC 7033)."""
    only_if_on()
    resource = request.args.get("resource", "")
    if not resource:
        raise BadRequest
    at = addresses()
    project_id, slug = at.project_id_of(resource), at.slug_of(resource)
    found = None
    if project_id is not None:
        found = queries.find_project(project_id)
    elif slug:
        found = queries.find_project_by_slug(slug)
    if found is None:
        raise NotFound
    return answer(documents.webfinger(at, found), JRD_MEDIA_TYPE)


@blueprint.get("/.well-known/nodeinfo")
@access("public")
def nodeinfo_links() -> Response:
    """Say where it stands what runs here."""
    only_if_on()
    return answer(documents.nodeinfo_links(addresses()), "application/json")


@blueprint.get("/nodeinfo/2.1")
@access("public")
def nodeinfo() -> Response:
    """Say what runs here, and how large it is."""
    only_if_on()
    projects, updates = queries.count_site()
    response = answer(documents.nodeinfo(projects=projects, updates=updates), NODEINFO_MEDIA_TYPE)
    response.headers["Cache-Control"] = "public, max-age=1800"
    return response
