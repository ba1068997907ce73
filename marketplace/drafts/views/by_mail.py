"""Writing by e-mail: one's own address, and publishing what came without signing in."""

import uuid

from flask import current_app, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.drafts import queries, service
from marketplace.drafts.jobs import writing_address
from marketplace.drafts.models import UpdateDraft
from marketplace.drafts.rules import addresses
from marketplace.drafts.schemas import PublishInput
from marketplace.drafts.views.routes import blueprint
from marketplace.projects.views.desk import own

Page = tuple[str, int] | Response


@blueprint.get("/project-desk/<slug>/by-mail")
@access("member")
def by_mail(slug: str) -> Page:
    """Name the caller's own address for this project."""
    project = own(slug)
    address = writing_address(project_id=project.id, user_id=current_user.id)
    known = queries.find_address(project.id, current_user.id) if address else None
    return render("drafts/by_mail.html", project=project, address=address, known=known)


@blueprint.post("/project-desk/<slug>/by-mail")
@access("member")
def renew(slug: str) -> Response:
    """Let the caller's address be no more, and make another."""
    project = own(slug)
    with atomic():
        service.renew_address(project_id=project.id, user_id=current_user.id, now=clock.now())
    flash(_("This is your new address. Letters to the old one are not taken any more."))
    return redirect_to("drafts.by_mail", slug=slug)


@blueprint.get("/publish/<token>")
@access("public")
def look(token: str) -> Page:
    """Show what came by letter, as it will look: links are opened by machines, too."""
    return _page(_read(token), token, Form())


def _page(draft: UpdateDraft, token: str, form: Form, status: int = 200) -> Page:
    return render(
        "drafts/look.html",
        status,
        draft=draft,
        project=draft.project,
        body=render_markdown(draft.body),
        token=token,
        form=form,
        now=clock.now(),
        robots="noindex",
    )


@blueprint.post("/publish/<token>")
@access("public")
def come_out(token: str) -> Page:
    """Publish what came by letter: whoever has the link reads the owner's letters."""
    draft = _read(token)
    form = load_form(PublishInput())
    said = dict(zip(form.data.get("kept", []), form.data.get("kept_alts", []), strict=False))
    if form.ok:
        with atomic():
            held = queries.lock_draft(draft.project_id, draft.id)
            captions = {str(photo.id): photo.caption for photo in held.photos}
            service.describe(
                draft=held,
                said={one: (alt, captions.get(one, "")) for one, alt in said.items()},
            )
        with attempt(form):
            held = queries.lock_draft(draft.project_id, draft.id)
            update = service.publish(draft=held, now=clock.now())
            return redirect_to("projects.update", slug=held.project.slug, update_id=update.id)
    return _page(_read(token), token, form, 422)


def _read(token: str) -> UpdateDraft:
    """Return the draft that a link is for.

    :raises NotFound: it is forged, too old, or the draft is out or discarded.
    """
    draft_id: uuid.UUID | None = addresses.read_publish_token(
        current_app.config["SECRET_KEY"], token
    )
    draft = queries.find_draft(draft_id) if draft_id else None
    if draft is None:
        raise NotFound(_("This link is too old, or the update is out or discarded by now."))
    return draft
