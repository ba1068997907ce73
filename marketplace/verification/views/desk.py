"""The desk's page of who is behind a project or company: what it is, papers, what was checked."""

import uuid
from io import BytesIO

from flask import Blueprint, Response, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.media.views import private_paper
from marketplace.people import queries as people
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.projects import queries as projects
from marketplace.verification import queries, service
from marketplace.verification.policies import may_read_papers
from marketplace.verification.rules import OFFERED, RENEW_BEFORE, PaperState
from marketplace.verification.schemas import BackingInput

blueprint = Blueprint("verification_desk", __name__)

Page = tuple[str, int] | BaseResponse


def owned(kind: TeamKind, slug: str) -> Team:
    """Return a project or company of which the caller is an owner.

    :raises NotFound: it is not theirs.
    :raises Forbidden: they are an editor.
    """
    team = people.get_team(kind, slug)
    membership = people.find_membership(team, current_user.id)
    if membership is None:
        raise NotFound
    if not may_read_papers(membership):
        raise Forbidden(_l("Only an owner sees these papers."))
    return team


@blueprint.get("/project-desk/<slug>/verification", defaults={"kind": TeamKind.PROJECT})
@blueprint.get("/company/<slug>/verification", defaults={"kind": TeamKind.COMPANY})
@access("member")
def verification(kind: TeamKind, slug: str) -> Page:
    """Show what it is, which papers are asked for, and what was checked until when."""
    return _page(owned(kind, slug), Form())


def _page(team: Team, form: Form, status: int = 200) -> Page:
    today = clock.now().date()
    shown = queries.get_shown(team.kind, team.id)
    return render(
        "verification/desk.html",
        422 if form.errors and status == 200 else status,
        team=team,
        company=team,
        project=projects.get_by_slug(team.slug) if team.kind is TeamKind.PROJECT else None,
        backing=queries.find_backing(team),
        papers=queries.list_papers(team),
        shown=shown,
        ends_soon=shown.valid_until is not None and shown.valid_until - RENEW_BEFORE <= today,
        kinds=OFFERED[team.kind],
        today=today,
        form=form,
    )


@blueprint.post("/project-desk/<slug>/verification", defaults={"kind": TeamKind.PROJECT})
@blueprint.post("/company/<slug>/verification", defaults={"kind": TeamKind.COMPANY})
@access("member")
def declare(kind: TeamKind, slug: str) -> Page:
    """Say what stands behind it, and agree to its listing."""
    form, team = load_form(BackingInput()), owned(kind, slug)
    if form.ok:
        with attempt(form):
            team = owned(kind, slug)
            service.declare(team=team, by=current_user, now=clock.now(), **form.data)
            flash(_("Saved."))
            return redirect_to("verification_desk.verification", kind=kind, slug=slug)
    return _page(team, form)


PAPER = "verification/papers/<uuid:paper_id>"


@blueprint.post(f"/project-desk/<slug>/{PAPER}", defaults={"kind": TeamKind.PROJECT})
@blueprint.post(f"/company/<slug>/{PAPER}", defaults={"kind": TeamKind.COMPANY})
@access("member")
def give(kind: TeamKind, slug: str, paper_id: uuid.UUID) -> Page:
    """Hand in a paper, or take it back."""
    team = owned(kind, slug)
    file = request.files.get("file")
    form = Form()
    try:
        with atomic():
            paper = queries.get_paper(paper_id, team=owned(kind, slug))
            if request.form.get("how") == "take-back":
                service.take_back(paper=paper)
                done = _("Taken back. The file is deleted.")
            elif file is None or not file.filename:
                raise Invalid(_l("Choose the file first."))
            else:
                upload = BytesIO(file.read())
                service.give(paper=paper, upload=upload, by=current_user, now=clock.now())
                done = _("Handed in. Only the owners and the operator can read it.")
    except (Invalid, Conflict) as fact:
        form.refuse({f"file-{paper_id}": fact.message})
        return _page(team, form, 409 if isinstance(fact, Conflict) else 422)
    flash(done)
    return redirect_to("verification_desk.verification", kind=kind, slug=slug)


@blueprint.get(f"/project-desk/<slug>/{PAPER}/file", defaults={"kind": TeamKind.PROJECT})
@blueprint.get(f"/company/<slug>/{PAPER}/file", defaults={"kind": TeamKind.COMPANY})
@access("member")
def file(kind: TeamKind, slug: str, paper_id: uuid.UUID) -> Response:
    """Give out a paper to the owners of what it was asked of."""
    found = [one for one in queries.list_papers(owned(kind, slug)) if one.id == paper_id]
    if not found or found[0].state is PaperState.ASKED:
        raise NotFound
    return private_paper(found[0].document)
