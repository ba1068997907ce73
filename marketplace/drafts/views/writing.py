"""Writing an update on the desk of its project: kept first, so that nothing is ever lost."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO

from flask import flash, request
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import DomainError, Invalid
from marketplace.core.i18n import LANGUAGES, _
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.drafts import queries, rules, service
from marketplace.drafts.models import UpdateDraft
from marketplace.drafts.rules import moments
from marketplace.drafts.schemas import DraftInput
from marketplace.drafts.service.writing import MONEY, Said
from marketplace.drafts.views.routes import blueprint
from marketplace.outcomes import queries as outcomes
from marketplace.planning import queries as planning
from marketplace.planning.models import Milestone
from marketplace.projects import queries as projects
from marketplace.projects.models import Project
from marketplace.projects.rules import MOST_PHOTOS
from marketplace.projects.views.desk import own, today_page

Page = tuple[str, int] | Response
BESIDE = ("alts", "captions")
"""What is written to each photo that comes along."""

KEPT = ("kept", "kept_alts", "kept_captions")
"""The columns of the photos that a draft has."""


@blueprint.get("/project-desk/<slug>/drafts")
@access("member")
def drafts(slug: str) -> Page:
    """List what is written and not out yet."""
    project = own(slug)
    return render(
        "drafts/drafts.html",
        project=project,
        drafts=[(draft, *_when(draft)) for draft in queries.list_drafts(project.id)],
    )


def _when(draft: UpdateDraft) -> tuple[datetime | None, str]:
    """Return when a draft comes out on the clocks of its zone, and how far these are from UTC."""
    if draft.publish_at is None:
        return None, ""
    return (
        moments.local(draft.publish_at, draft.zone).replace(tzinfo=None),
        moments.offset(draft.publish_at, draft.zone),
    )


@blueprint.get("/project-desk/<slug>/drafts/<uuid:draft_id>")
@access("member")
def edit(slug: str, draft_id: uuid.UUID) -> Page:
    """Show a draft as it will look, and let its people go on writing."""
    return _page(own(slug), draft_id, Form())


def _page(project: Project, draft_id: uuid.UUID, form: Form, status: int = 200) -> Page:
    draft = queries.get_draft(project.id, draft_id)
    local, offset = _when(draft)
    zone = str(form.data.get("zone") or draft.zone or moments.zone_of(project.country))
    return render(
        "drafts/edit.html",
        status,
        project=project,
        draft=draft,
        body=render_markdown(draft.body),
        # What was typed is in the draft by now, but for what cannot be: a day that is none, and
        # the words to a photo that is none.
        form=Form(values=_without_photo(form, draft), errors=form.errors),
        day=form.data.get("day") or (local.date().isoformat() if local else ""),
        hour=form.data.get("hour") or (local.strftime("%H:%M") if local else "09:00"),
        zone=zone,
        zones=moments.zones(),
        local=local,
        offset=offset,
        now=clock.now(),
        most_photos=MOST_PHOTOS,
        languages=LANGUAGES,
        budget=projects.list_budget(project.id),
        milestones=planning.list_rows(Milestone, project.id),
        outcomes=_outcomes(project),
    )


def _without_photo(form: Form, draft: UpdateDraft) -> dict[str, object]:
    """Return what was written to photos that were not taken."""
    left = {name: form.values[name] for name in BESIDE if any(form.values.get(name, ()))}
    return {**left, "is_setback": draft.is_setback} if left and not form.ok else {}


def _outcomes(project: Project) -> list[tuple[uuid.UUID, str]]:
    """Return the newest measured values that everybody may read."""
    found = outcomes.find_published_outcomes([project.id])
    return [(one.id, f"{one.title}: {one.value.normalize():f} {one.unit}") for one in found]


@blueprint.post("/project-desk/<slug>")
@access("member")
def begin(slug: str) -> Page:
    """Publish what was just written, or keep it."""
    return _take(own(slug), None)


@blueprint.post("/project-desk/<slug>/drafts/<uuid:draft_id>")
@access("member")
def go_on(slug: str, draft_id: uuid.UUID) -> Page:
    """Keep what a draft says now, and publish it if that is wanted."""
    return _take(own(slug), draft_id)


def _take(project: Project, draft_id: uuid.UUID | None) -> Page:
    """Keep what came, whatever is wrong with it; then do what the button says."""
    form, now = load_form(DraftInput()), clock.now()
    said = _said(form)
    if draft_id is None and not (said.title or said.body or _has_files()):
        form.refuse(rules.missing("", "", []))
        return today_page(project, form, 422)
    try:
        with atomic():
            known = queries.lock_draft(project.id, draft_id) if draft_id else None
            draft = service.keep(project=project, by=current_user, said=said, draft=known, now=now)
            _keep_files(draft, form, now)
            draft_id = draft.id
    except Invalid as error:
        form.refuse(error.fields)
    except service.TooManyDrafts as error:
        form.refuse({"form": error.message})
    if draft_id is None:
        return today_page(project, form, 422)
    if form.ok and form.data["how"] in ("", "publish", "schedule"):
        with attempt(form):
            return _finish(project, draft_id, form, now)
    if not form.ok:
        return _page(project, draft_id, form, 422)
    if form.data["how"] == "keep":
        flash(_("Kept. Nobody but your project’s people sees it."))
    return redirect_to("drafts.edit", slug=project.slug, draft_id=draft_id)


def _finish(project: Project, draft_id: uuid.UUID, form: Form, now: datetime) -> Response:
    """Publish a draft, now or later.

    :raises Invalid: it cannot be.
    """
    draft = queries.lock_draft(project.id, draft_id)
    if form.data["how"] == "schedule":
        at = moments.moment_of(form.data["day"], form.data["hour"], form.data["zone"], now=now)
        service.schedule(draft=draft, at=at, zone=form.data["zone"])
        flash(_("It comes out by itself at the time below. Until then you can change or stop it."))
        return redirect_to("drafts.edit", slug=project.slug, draft_id=draft_id)
    update = service.publish(draft=draft, now=now)
    return redirect_to("projects.update", slug=project.slug, update_id=update.id)


def _said(form: Form) -> Said:
    """Return what was typed, also where something is wrong with it."""
    typed = {
        name: value.replace("\x00", "").strip()
        for name, value in form.values.items()
        if isinstance(value, str)
    }
    language = typed.get("language", "")
    return Said(
        title=typed.get("title", ""),
        body=typed.get("body", ""),
        language=language if language in LANGUAGES else current_language(),
        is_setback=bool(form.data.get("is_setback", typed.get("is_setback"))),
        spent={name: typed.get(name, "") for name in MONEY},
        milestone_id=_id_of(typed.get("milestone", ""), "milestone", form),
        outcome_id=_id_of(typed.get("outcome", ""), "outcome", form),
    )


def _id_of(text: str, name: str, form: Form) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        form.refuse({name: _("Choose one of the list.")})
        return None


def _has_files() -> bool:
    return any(file.filename for files in request.files.listvalues() for file in files)


def _keep_files(draft: UpdateDraft, form: Form, now: datetime) -> None:
    """Take in and out what belongs to a draft; of what is no such file the form is told."""
    columns = zip(*(_typed(form, name) for name in KEPT), strict=False)
    said = {photo: (alt, caption) for photo, alt, caption in columns}
    service.describe(draft=draft, said=said)
    if form.ok and form.data["removed"]:
        service.leave_out(draft=draft, ids=form.data["removed"])
    _keep_photos(draft, form, now)
    for file in request.files.getlist("papers"):
        if file.filename:
            with _told(form, "papers"):
                service.add_paper(
                    draft=draft,
                    upload=_bytes(file),
                    title=file.filename.removesuffix(".pdf"),
                    user_id=current_user.id,
                    now=now,
                )
    receipt = request.files.get("receipt")
    if receipt and receipt.filename:
        with _told(form, "receipt"):
            service.set_receipt(
                draft=draft,
                upload=_bytes(receipt),
                alt=_("Receipt of %(day)s", day=draft.spent.get("spent_on") or now.date()),
                user_id=current_user.id,
                now=now,
            )


def _keep_photos(draft: UpdateDraft, form: Form, now: datetime) -> None:
    alts, captions = (_typed(form, name) for name in BESIDE)
    taken = set()
    for place, file in enumerate(request.files.getlist("photos")):
        if file.filename:
            with _told(form, "photos"):
                service.add_photo(
                    draft=draft,
                    upload=_bytes(file),
                    alt=alts[place] if place < len(alts) else "",
                    caption=captions[place] if place < len(captions) else "",
                    user_id=current_user.id,
                    now=now,
                )
                taken.add(place)
    for name, words in zip(BESIDE, (alts, captions), strict=True):
        form.values[name] = [text for place, text in enumerate(words) if place not in taken]


def _typed(form: Form, name: str) -> list[str]:
    """Return what was typed in a column of fields, as long as it may be."""
    return [one.replace("\x00", "").strip()[:300] for one in form.values.get(name, [])]


@contextmanager
def _told(form: Form, name: str) -> Iterator[None]:
    """Let the form tell what is wrong with a file, and go on with the next."""
    try:
        yield
    except DomainError as error:
        form.refuse({name: error.message})


def _bytes(file: FileStorage) -> BytesIO:
    return BytesIO(file.read())


@blueprint.post("/project-desk/<slug>/drafts/<uuid:draft_id>/discard")
@access("member")
def discard(slug: str, draft_id: uuid.UUID) -> Response:
    """Let a draft be gone."""
    project = own(slug)
    with atomic():
        service.discard(draft=queries.lock_draft(project.id, draft_id))
    flash(_("Discarded."))
    return redirect_to("drafts.drafts", slug=slug)


@blueprint.post("/project-desk/<slug>/drafts/<uuid:draft_id>/stop")
@access("member")
def stop(slug: str, draft_id: uuid.UUID) -> Response:
    """Let a draft not come out by itself."""
    project = own(slug)
    with atomic():
        service.cancel(draft=queries.lock_draft(project.id, draft_id))
    flash(_("It waits until you publish it."))
    return redirect_to("drafts.edit", slug=slug, draft_id=draft_id)
