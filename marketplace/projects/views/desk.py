"""The desk of those who answer for a project: what came, what to tell, what to change."""

import uuid
from datetime import date
from io import BytesIO

from flask import Blueprint, current_app, request
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
from marketplace.federation import queries as federated
from marketplace.federation.models import CommentState
from marketplace.following import queries as following
from marketplace.following.rules import Kind
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


def own(slug: str) -> Project:
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
    return _today(own(slug), Form(), 200)


def _today(project: Project, form: Form, status: int, preview: object = None) -> tuple[str, int]:
    totals = impact.project_totals([project.id])[project.id]
    return render(
        "projects/desk/today.html",
        status,
        project=project,
        totals=totals,
        next_release=queries.find_next_release(project.id) if totals.pending_minor else None,
        payouts=payouts.list_of(project.id, 5),
        budget=queries.list_budget(project.id),
        followers=following.count_followers(Kind.PROJECT, project.id),
        answers=federated.count_comments(CommentState.WAITING, project_id=project.id),
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
    project = own(slug)
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
                is_setback=form.data["is_setback"],
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
    alts = [*form.data["alts"], *[""] * MOST_PHOTOS]
    told = list(zip(request.files.getlist("photos"), alts, strict=False))
    given = [(file, alt) for file, alt in told if file.filename]
    if len(given) > MOST_PHOTOS or len(request.files.getlist("photos")) > len(told):
        raise Invalid(fields={"photos": _("Up to %(most)s photos.", most=MOST_PHOTOS)})
    if any(not alt for _file, alt in given):
        raise Invalid(
            fields={"alts": _("Describe each photo for people who cannot see it, in its order.")}
        )
    return [_store(file, alt) for file, alt in given]


def _store(file: FileStorage, alt: str) -> Photo:
    return media.store_photo(
        upload=BytesIO(file.read()), alt=alt, user_id=current_user.id, now=clock.now()
    )


def _spent(project: Project, form: Form) -> Spent | None:
    """Read the money that an update tells of; a spending needs its receipt."""
    receipt = request.files.get("receipt")
    receipt = receipt if receipt and receipt.filename else None
    if not form.data["amount"] and receipt is None:
        return None
    amount = amount_of(form.data["amount"], project.currency)
    day = _day(form.data["spent_on"])
    wrong = {name: _("Say who was paid, and for what.") for name in ("payee", "purpose")}
    wrong = {name: text for name, text in wrong.items() if not form.data[name]}
    if amount is None:
        wrong["amount"] = _("Write an amount like 686.00.")
    if day is None:
        wrong["spent_on"] = _("Write the day like 2026-03-12.")
    if receipt is None:
        wrong["receipt"] = _("Add a photo of the receipt: without one it is not counted as spent.")
    if wrong or amount is None or day is None or receipt is None:
        raise Invalid(fields=wrong)
    line = _budget_line(form.data["budget_line"])
    kept = media.store_evidence(
        upload=BytesIO(receipt.read()),
        alt=_("Receipt of %(day)s", day=day.isoformat()),
        user_id=current_user.id,
        now=clock.now(),
    )
    return Spent(amount, day, form.data["payee"], form.data["purpose"], kept, line)


def amount_of(text: str, currency: str) -> int | None:
    """Return more than zero minor units, or None where the text is no such amount."""
    try:
        return parse_minor(text, currency) or None
    except NotAnAmount:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _budget_line(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise Invalid(fields={"budget_line": _("Choose a line of the budget.")}) from None


@blueprint.route("/project-desk/<slug>/texts", methods=["GET", "POST"])
@access("member")
def texts(slug: str) -> tuple[str, int] | Response:
    """Change what the project says of itself."""
    project = own(slug)
    if request.method == "GET":
        return render("projects/desk/texts.html", project=project, form=Form())
    form = load_form(TextsInput())
    if not form.ok:
        return render("projects/desk/texts.html", 422, project=project, form=form)
    with atomic():
        service.edit(project=own(slug), **form.data)
    return redirect_to("project_desk.today", slug=slug)


@blueprint.route("/projects/propose", methods=["GET", "POST"])
@access("signed_in")
def propose() -> tuple[str, int] | Response:
    """Propose a project to the operator."""
    causes = queries.list_causes()
    currency = current_app.config["SETTINGS"].currency
    if request.method == "GET":
        return render("projects/desk/propose.html", causes=causes, currency=currency, form=Form())
    form = load_form(ProposalInput())
    cause = next((one for one in causes if one.slug == form.data.get("cause")), None)
    goal = amount_of(form.data.pop("goal", ""), currency)
    if form.ok and goal is None:
        form.refuse({"goal": _("Write an amount like 12000.")})
    if "cause" in form.data and cause is None:
        form.refuse({"cause": _("Choose one of the causes.")})
    if not form.ok or cause is None or goal is None:
        return render(
            "projects/desk/propose.html", 422, causes=causes, currency=currency, form=form
        )
    form.data.pop("cause")
    form.data["country"] = form.data["country"] or None
    with atomic():
        project = service.propose(
            **form.data,
            cause=cause,
            goal_minor=goal,
            currency=currency,
            by=current_user,
            now=clock.now(),
        )
    return redirect_to("project_desk.today", slug=project.slug)
