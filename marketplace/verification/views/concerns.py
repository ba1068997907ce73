"""Telling the operator a concern in confidence, and seeing what became of it."""

import uuid

from flask import Blueprint, Response, current_app, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace.accounts.views import limits
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.projects.views.public import load
from marketplace.verification import queries, rules, service
from marketplace.verification.models import Concern
from marketplace.verification.schemas import ConcernInput, MoreInput

blueprint = Blueprint("concerns", __name__)

Page = tuple[str, int] | BaseResponse
MOST_AN_HOUR = 5
HOUR = 3600


def _team(kind: str, slug: str) -> Team:
    """Return what a concern is about: a company or project that the caller may see.

    :raises NotFound: there is none.
    """
    if kind == "projects":
        project, _membership = load(slug)
        return Team(TeamKind.PROJECT, project.id, project.slug, project.title)
    company = companies.find_company(slug)
    if company is None:
        raise NotFound
    return Team(TeamKind.COMPANY, company.id, company.slug, company.name)


@blueprint.route("/<any(projects,companies):kind>/<slug>/concern", methods=["GET", "POST"])
@access("public")
def concern(kind: str, slug: str) -> Page:
    """Tell the operator what is wrong; nobody else reads it."""
    team = _team(kind, slug)
    form = load_form(ConcernInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        now, email = clock.now(), form.data["email"]
        limits.try_as_stranger("concern", MOST_AN_HOUR, now=now, seconds=HOUR)
        if email:
            limits.try_letter("concern", email, now=now)
        with attempt(form):
            made = service.raise_concern(
                team=_team(kind, slug),
                body=form.data["body"],
                email=email,
                reporter=current_user if current_user.is_authenticated else None,
                locale=current_language(),
                now=now,
            )
            token = rules.concern_token(str(current_app.secret_key), made.id)
            return redirect_to("concerns.told", token=token)
    return _private(
        render(
            "verification/concern.html",
            422 if form.errors else 200,
            team=team,
            kind=kind,
            form=form,
        )
    )


def _of(token: str) -> Concern:
    """Return the concern of a link.

    :raises NotFound: the link is forged.
    """
    concern_id = rules.read_concern_token(str(current_app.secret_key), token)
    if concern_id is None:
        raise NotFound
    return queries.get_concern(concern_id)


@blueprint.get("/concerns/<token>")
@access("public")
def told(token: str) -> Page:
    """Show a reporter where their concern stands; whoever has the link sees it."""
    return _told(token, Form())


def _told(token: str, form: Form) -> Page:
    found = _of(token)
    kind, slug, name = queries.name_of(found)
    return _private(
        render(
            "verification/told.html",
            422 if form.errors else 200,
            concern=found,
            added=[one for one in queries.list_notes(found.id) if one.author_id is None],
            link=public_url(f"/concerns/{token}", current_language()),
            about=(kind, slug, name),
            token=token,
            form=form,
        )
    )


@blueprint.post("/concerns/<token>")
@access("public")
def add(token: str) -> Page:
    """Add something to one's concern."""
    concern_id = _of(token).id
    form = load_form(MoreInput())
    if form.ok:
        now = clock.now()
        limits.try_post("concern-more", concern_id, now=now)
        with atomic():
            service.add_to_concern(concern=_locked(concern_id), body=form.data["body"], now=now)
        flash(_("Added. Only the operator reads it."))
        return redirect_to("concerns.told", token=token)
    return _told(token, form)


def _locked(concern_id: uuid.UUID) -> Concern:
    return queries.get_concern(concern_id, is_locked=True)


def _private(page: tuple[str, int]) -> Page:
    """Answer what nobody else may keep."""
    response = Response(page[0], page[1])
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
