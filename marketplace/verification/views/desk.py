"""The desk's page of who is behind a project: what it is, its papers, what was checked."""

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
from marketplace.people.rules import TeamKind
from marketplace.projects import queries as projects
from marketplace.projects.models import Project
from marketplace.verification import queries, service
from marketplace.verification.policies import may_read_papers
from marketplace.verification.rules import RENEW_BEFORE, BackedBy, PaperState
from marketplace.verification.schemas import BackingInput

blueprint = Blueprint("verification_desk", __name__)

Page = tuple[str, int] | BaseResponse


def owned(slug: str) -> Project:
    """Return a project of which the caller is an owner.

    :raises NotFound: it is not theirs.
    :raises Forbidden: they are an editor.
    """
    project = projects.get_by_slug(slug)
    membership = projects.find_membership(project.id, current_user.id)
    if membership is None:
        raise NotFound
    if not may_read_papers(membership):
        raise Forbidden(_l("Only an owner sees the papers of a project."))
    return project


@blueprint.get("/project-desk/<slug>/verification")
@access("member")
def verification(slug: str) -> Page:
    """Show what the project is, which papers are asked for, and what was checked until when."""
    return _page(owned(slug), Form())


def _page(project: Project, form: Form, status: int = 200) -> Page:
    today = clock.now().date()
    shown = queries.get_shown(TeamKind.PROJECT, project.id)
    return render(
        "verification/desk.html",
        422 if form.errors and status == 200 else status,
        project=project,
        backing=queries.find_backing(project.id),
        papers=queries.list_papers(project.id),
        shown=shown,
        ends_soon=shown.valid_until is not None and shown.valid_until - RENEW_BEFORE <= today,
        kinds=list(BackedBy),
        today=today,
        form=form,
    )


@blueprint.post("/project-desk/<slug>/verification")
@access("member")
def declare(slug: str) -> Page:
    """Say what stands behind the project, and agree to its listing."""
    form = load_form(BackingInput())
    project = owned(slug)
    if form.ok:
        with attempt(form):
            project = owned(slug)
            service.declare(project_id=project.id, by=current_user, now=clock.now(), **form.data)
            flash(_("Saved."))
            return redirect_to("verification_desk.verification", slug=slug)
    return _page(project, form)


@blueprint.post("/project-desk/<slug>/verification/papers/<uuid:paper_id>")
@access("member")
def give(slug: str, paper_id: uuid.UUID) -> Page:
    """Hand in a paper, or take it back."""
    project = owned(slug)
    file = request.files.get("file")
    form = Form()
    try:
        with atomic():
            paper = queries.get_paper(paper_id, project_id=owned(slug).id)
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
        return _page(project, form, 409 if isinstance(fact, Conflict) else 422)
    flash(done)
    return redirect_to("verification_desk.verification", slug=slug)


@blueprint.get("/project-desk/<slug>/verification/papers/<uuid:paper_id>/file")
@access("member")
def file(slug: str, paper_id: uuid.UUID) -> Response:
    """Give out a paper to the owners of its project."""
    found = [one for one in queries.list_papers(owned(slug).id) if one.id == paper_id]
    if not found or found[0].state is PaperState.ASKED:
        raise NotFound
    return private_paper(found[0].document)
