"""The desk of those who answer for a project: what came, what to tell, what to change."""

import uuid
from datetime import date
from io import BytesIO

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import DomainError, Invalid, NotFound
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.impact import queries as impact
from marketplace.media import service as media
from marketplace.media.models import Photo
from marketplace.payouts import queries as payouts
from marketplace.projects import policies, queries, service
from marketplace.projects.models import Project
from marketplace.projects.rules import MOST_PHOTOS
from marketplace.projects.schemas import ProposalInput, TextsInput, UpdateInput
from marketplace.projects.service import Spent

blueprint = Blueprint("project_desk", __name__)


def _own(slug: str) -> Project:
    """Return a project of the caller's.

    :raises NotFound: it is not theirs.
    """
    project = queries.get_by_slug(slug)
    membership = queries.find_membership(project.id, current_user.id)
    if not policies.may_write(membership):
        raise NotFound
    return project


@blueprint.get("/project-desk")
@access("member")
def projects() -> tuple[str, int]:
    """List the caller's projects."""
    owned = queries.list_owned(current_user.id)
    totals = impact.project_totals([project.id for project in owned])
    return render("projects/desk/projects.html", projects=[(one, totals[one.id]) for one in owned])


@blueprint.get("/project-desk/<slug>")
@access("member")
def today(slug: str) -> tuple[str, int]:
    """Show what can be spent, what is to do, and the form for an update."""
    return _today(_own(slug), Form(), 200)


def _today(project: Project, form: Form, status: int, preview: object = None) -> tuple[str, int]:
    return render(
        "projects/desk/today.html",
        status,
        project=project,
        totals=impact.project_totals([project.id])[project.id],
        payouts=payouts.list_of(project.id, 5),
        budget=queries.list_budget(project.id),
        followers=queries.count_followers(project.id),
        last=next(iter(queries.list_updates(project.id).rows), None),
        form=form,
        preview=preview,
        most_photos=MOST_PHOTOS,
        today=clock.now().date(),
    )


@blueprint.post("/project-desk/<slug>")
@access("member")
def post_update(slug: str) -> tuple[str, int] | Response:
    """Publish an update; on a mistake the form comes back as it was."""
    project = _own(slug)
    form = load_form(UpdateInput())
    if not form.ok:
        return _today(project, form, 422)
    if form.data["preview"]:
        return _today(project, form, 200, preview=render_markdown(form.data["body"]))
    try:
        with atomic():
            update = service.post_update(
                project=project,
                author=current_user,
                title=form.data["title"],
                body=form.data["body"],
                photos=_photos(form),
                spent=_spent(project, form),
                now=clock.now(),
            )
    except Invalid as error:
        form.refuse(error.fields or {"photos": error.message})
        return _today(project, form, 422)
    except DomainError as error:
        form.refuse({"photos": error.message})
        return _today(project, form, 422)
    return redirect_to("projects.update", slug=slug, update_id=update.id)


def _photos(form: Form) -> list[Photo]:
    """Check and keep the photos of an update; each needs words for those who cannot see it."""
    files = [file for file in request.files.getlist("photos") if file.filename]
    if len(files) > MOST_PHOTOS:
        raise Invalid(fields={"photos": _("Up to %(most)s photos.", most=MOST_PHOTOS)})
    alts = [*form.data["alts"], *[""] * len(files)]
    if any(not alt for alt in alts[: len(files)]):
        raise Invalid(
            fields={"alts": _("Describe each photo for people who cannot see it, in its order.")}
        )
    return [_store(file, alt) for file, alt in zip(files, alts, strict=False)]


def _store(file: FileStorage, alt: str) -> Photo:
    return media.store_photo(
        upload=BytesIO(file.read()), alt=alt, user_id=current_user.id, now=clock.now()
    )


def _spent(project: Project, form: Form) -> Spent | None:
    """Read the money that an update tells of; a spending needs its receipt."""
    receipt = request.files.get("receipt")
    if not form.data["amount"] and not (receipt and receipt.filename):
        return None
    wrong: dict[str, object] = {}
    amount, day, line = 0, clock.now().date(), None
    try:
        amount = parse_minor(form.data["amount"], project.currency)
        if amount <= 0:
            raise NotAnAmount
    except NotAnAmount:
        wrong["amount"] = _("Write an amount like 686.00.")
    try:
        day = date.fromisoformat(form.data["spent_on"])
    except ValueError:
        wrong["spent_on"] = _("Write the day like 2026-03-12.")
    for name in ("payee", "purpose"):
        if not form.data[name]:
            wrong[name] = _("Say who was paid, and for what.")
    if not receipt or not receipt.filename:
        wrong["receipt"] = _("Add a photo of the receipt: without one it is not counted as spent.")
    if form.data["budget_line"]:
        try:
            line = uuid.UUID(form.data["budget_line"])
        except ValueError:
            wrong["budget_line"] = _("Choose a line of the budget.")
    if wrong or not receipt:
        raise Invalid(fields=wrong)
    kept = _store(receipt, _("Receipt of %(day)s", day=day.isoformat()))
    return Spent(amount, day, form.data["payee"], form.data["purpose"], kept, line)


@blueprint.route("/project-desk/<slug>/texts", methods=["GET", "POST"])
@access("member")
def texts(slug: str) -> tuple[str, int] | Response:
    """Change what the project says of itself."""
    project = _own(slug)
    if request.method == "GET":
        return render("projects/desk/texts.html", project=project, form=Form())
    form = load_form(TextsInput())
    if not form.ok:
        return render("projects/desk/texts.html", 422, project=project, form=form)
    with atomic():
        service.edit(project=_own(slug), **form.data)
    return redirect_to("project_desk.today", slug=slug)


@blueprint.route("/projects/propose", methods=["GET", "POST"])
@access("signed_in")
def propose() -> tuple[str, int] | Response:
    """Propose a project to the operator."""
    causes = queries.list_causes()
    if request.method == "GET":
        return render("projects/desk/propose.html", causes=causes, form=Form())
    form = load_form(ProposalInput())
    cause = next((one for one in causes if one.slug == form.data.get("cause")), None)
    goal = 0
    if form.ok:
        try:
            goal = parse_minor(form.data.pop("goal"), "EUR")
        except NotAnAmount:
            form.refuse({"goal": _("Write an amount like 12000.")})
        if cause is None:
            form.refuse({"cause": _("Choose one of the causes.")})
        if form.ok and not goal:
            form.refuse({"goal": _("A goal is more than zero.")})
    if not form.ok or cause is None:
        return render("projects/desk/propose.html", 422, causes=causes, form=form)
    form.data.pop("cause")
    form.data["country"] = form.data["country"] or None
    with atomic():
        project = service.propose(
            **form.data,
            cause=cause,
            goal_minor=goal,
            currency="EUR",
            by=current_user,
            now=clock.now(),
        )
    return redirect_to("project_desk.today", slug=project.slug)
