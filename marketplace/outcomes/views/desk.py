"""The desk of those who measure: indicators, values as drafts, proofs, corrections, reviews."""

import uuid
from collections.abc import Callable, Sequence
from io import BytesIO
from urllib.parse import urlsplit

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.media import service as media
from marketplace.outcomes import queries, service
from marketplace.outcomes.models import Indicator, Outcome
from marketplace.outcomes.policies import may_review
from marketplace.outcomes.rules import CODES, MOST_EVIDENCE, IndicatorKind, plain_number
from marketplace.outcomes.schemas import IndicatorInput, OutcomeInput, ReviewInput
from marketplace.outcomes.service import IndicatorWish, Proof, Value
from marketplace.projects import queries as projects
from marketplace.projects.models import Project
from marketplace.projects.views.desk import own

blueprint = Blueprint("outcome_desk", __name__)

Page = tuple[str, int] | Response
LINKS = ("http", "https")


@blueprint.get("/project-desk/<slug>/outcomes")
@access("member")
def outcomes(slug: str) -> Page:
    """List what the project measures, with drafts, and what waits for a second person."""
    project = own(slug)
    membership = projects.find_membership(project.id, current_user.id)
    told = queries.list_told(project.id, today=clock.now().date(), with_drafts=True)
    reviewable = {
        one.id
        for indicator in told
        for one in indicator.outcomes
        if one.id in indicator.counting
        and may_review(one, current_user, membership)
        and all(review.reviewer_id != current_user.id for review in one.reviews)
    }
    return render(
        "outcomes/desk/outcomes.html",
        project=project,
        told=told,
        reviewable=reviewable,
    )


@blueprint.route("/project-desk/<slug>/indicators/new", methods=["GET", "POST"])
@access("member")
def new_indicator(slug: str) -> Page:
    """Begin to measure something."""
    return _indicator(own(slug), None)


@blueprint.route("/project-desk/<slug>/indicators/<uuid:indicator_id>", methods=["GET", "POST"])
@access("member")
def indicator(slug: str, indicator_id: uuid.UUID) -> Page:
    """Change what is measured."""
    project = own(slug)
    return _indicator(project, queries.get_indicator(project.id, indicator_id))


def _indicator(project: Project, known: Indicator | None) -> Page:
    if request.method == "GET":
        return _indicator_page(project, known, Form(), 200)
    form = load_form(IndicatorInput())
    if not form.ok:
        return _indicator_page(project, known, form, 422)
    try:
        with atomic():
            project = own(project.slug)
            fresh = queries.get_indicator(project.id, known.id) if known else None
            service.set_indicator(
                project=project, indicator=fresh, wish=_wish(form), now=clock.now()
            )
    except Invalid as error:
        form.refuse(error.fields)
        return _indicator_page(own(project.slug), known, form, 422)
    return redirect_to("outcome_desk.outcomes", slug=project.slug)


def _wish(form: Form) -> IndicatorWish:
    said = dict(form.data)
    line = said.pop("budget_line")
    try:
        return IndicatorWish(**said, budget_line_id=uuid.UUID(line) if line else None)
    except ValueError:
        raise Invalid(fields={"budget_line": _("Choose a line of the budget.")}) from None


def _indicator_page(
    project: Project, known: Indicator | None, form: Form, status: int
) -> tuple[str, int]:
    return render(
        "outcomes/desk/indicator.html",
        status,
        project=project,
        indicator=known,
        plain=lambda value: "" if value is None else plain_number(value),
        kinds=list(IndicatorKind),
        codes=[(code, f"{code} · {words}") for code, words in CODES.items()],
        budget=projects.list_budget(project.id),
        form=form,
    )


@blueprint.post("/project-desk/<slug>/indicators/<uuid:indicator_id>/end")
@access("member")
def end_indicator(slug: str, indicator_id: uuid.UUID) -> Page:
    """Measure something no more, or again; what was measured stays."""
    with atomic():
        project = own(slug)
        service.end_indicator(
            indicator=queries.get_indicator(project.id, indicator_id),
            ends=request.form.get("how") != "resume",
            now=clock.now(),
        )
    return redirect_to("outcome_desk.outcomes", slug=slug)


@blueprint.route(
    "/project-desk/<slug>/indicators/<uuid:indicator_id>/measure", methods=["GET", "POST"]
)
@access("member")
def measure(slug: str, indicator_id: uuid.UUID) -> Page:
    """Write down a value, as a draft or at once for everybody."""
    project = own(slug)
    known = queries.get_indicator(project.id, indicator_id)

    def save(value: Value, proofs: Sequence[Proof], _is_withdrawn: bool) -> Outcome:
        fresh = queries.get_indicator(own(slug).id, indicator_id)
        return service.draft(
            indicator=fresh, author=current_user, value=value, proofs=proofs, now=clock.now()
        )

    return _value_form(project, known, None, save, is_correction=False)


@blueprint.route("/project-desk/<slug>/outcomes/<uuid:outcome_id>", methods=["GET", "POST"])
@access("member")
def edit(slug: str, outcome_id: uuid.UUID) -> Page:
    """Change a draft, or publish it."""
    project = own(slug)
    known = queries.get_outcome(project.id, outcome_id)
    if known.published_at is not None:
        return redirect_to("outcome_desk.correct", slug=slug, outcome_id=outcome_id)

    def save(value: Value, proofs: Sequence[Proof], _is_withdrawn: bool) -> Outcome:
        fresh = queries.get_outcome(own(slug).id, outcome_id)
        service.edit(
            outcome=fresh, author=current_user, value=value, proofs=proofs, now=clock.now()
        )
        return fresh

    is_correction = known.corrects_id is not None
    return _value_form(project, known.indicator, known, save, is_correction=is_correction)


@blueprint.route("/project-desk/<slug>/outcomes/<uuid:outcome_id>/correct", methods=["GET", "POST"])
@access("member")
def correct(slug: str, outcome_id: uuid.UUID) -> Page:
    """Put another value beside a published one: both stay visible."""
    project = own(slug)
    known = queries.get_outcome(project.id, outcome_id)

    def save(value: Value, proofs: Sequence[Proof], is_withdrawn: bool) -> Outcome:
        if not value.note:
            raise Invalid(fields={"note": _("Say why it is corrected.")})
        fresh = queries.get_outcome(own(slug).id, outcome_id)
        return service.draft(
            indicator=fresh.indicator,
            author=current_user,
            value=value,
            proofs=proofs,
            corrects=fresh,
            is_withdrawn=is_withdrawn,
            now=clock.now(),
        )

    return _value_form(project, known.indicator, known, save, is_correction=True)


Save = Callable[[Value, Sequence[Proof], bool], Outcome]


def _value_form(
    project: Project, about: Indicator, known: Outcome | None, save: Save, *, is_correction: bool
) -> Page:
    """Show the form of a value, or do what it says; a mistake brings it back as it was."""

    def page(form: Form, status: int) -> tuple[str, int]:
        return render(
            "outcomes/desk/outcome.html",
            status,
            project=project,
            indicator=about,
            outcome=known,
            is_correction=is_correction,
            is_draft=known is not None and known.published_at is None,
            plain=plain_number,
            most=MOST_EVIDENCE,
            today=clock.now().date(),
            form=form,
        )

    if request.method == "GET":
        return page(Form(), 200)
    form = load_form(OutcomeInput())
    if not form.ok:
        return page(form, 422)
    try:
        with atomic():
            outcome = save(_value(form), _proofs(form), form.data["is_withdrawn"])
            if form.data["publish"]:
                service.publish(outcome=outcome, now=clock.now())
    except Invalid as error:
        form.refuse(error.fields or {"files": error.message})
        return page(form, 422)
    flash(_("Published.") if form.data["publish"] else _("Saved as a draft."))
    return redirect_to("outcome_desk.outcomes", slug=project.slug)


def _value(form: Form) -> Value:
    names = ("value", "measured_on", "method", "note")
    return Value(**{name: form.data[name] for name in names})


def _proofs(form: Form) -> list[Proof]:
    """Check and keep the proofs of a value.

    :raises Invalid: a file is neither picture nor PDF, has no words, or an address is none.
    """
    files = [file for file in request.files.getlist("files") if file.filename]
    if len(files) > MOST_EVIDENCE:
        raise Invalid(fields={"files": _("At most five proofs of one value.")})
    titles = [*form.data["titles"], *[""] * MOST_EVIDENCE]
    if any(not title for _file, title in zip(files, titles, strict=False)):
        raise Invalid(fields={"titles": _("Say what each file shows, in its order.")})
    proofs = []
    for file, title in zip(files, titles, strict=False):
        stored = media.store_evidence(
            upload=BytesIO(file.read()), alt=title, user_id=current_user.id, now=clock.now()
        )
        proofs.append(Proof(title, stored))
    if url := form.data["url"]:
        parts = urlsplit(url)
        if parts.scheme not in LINKS or not parts.netloc:
            raise Invalid(fields={"url": _("Write a web address such as https://example.org.")})
        proofs.append(Proof(form.data["url_title"] or parts.netloc, url=url))
    return proofs


@blueprint.post("/project-desk/<slug>/outcomes/<uuid:outcome_id>/<how>")
@access("member")
def act(slug: str, outcome_id: uuid.UUID, how: str) -> Page:
    """Publish a draft, throw it away, or say that somebody else's value is right."""
    form = load_form(ReviewInput())
    with atomic():
        project = own(slug)
        outcome = queries.get_outcome(project.id, outcome_id)
        if how == "publish":
            service.publish(outcome=outcome, now=clock.now())
        elif how == "discard":
            service.discard(outcome=outcome)
        elif how == "review":
            service.review(
                outcome=outcome,
                by=current_user,
                membership=projects.find_membership(project.id, current_user.id),
                note=form.data.get("note", ""),
                now=clock.now(),
            )
        else:
            raise NotFound
    return redirect_to("outcome_desk.outcomes", slug=slug)
