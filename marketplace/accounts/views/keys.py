"""Keys for programs."""

import uuid

from flask import flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.accounts.schemas import NewTokenInput
from marketplace.accounts.views import blueprint
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web import access, load_form, redirect_to, render
from marketplace.core.web.forms import Form

Page = Response | tuple[str, int]


@blueprint.get("/account/tokens")
@access("signed_in")
def tokens() -> Page:
    """List the keys."""
    return _page(200, Form())


def _page(status: int, form: Form, secret: str = "") -> Page:
    return render(
        "accounts/tokens.html",
        status,
        form=form,
        secret=secret,
        tokens=queries.list_tokens(current_user.id),
    )


@blueprint.post("/account/tokens")
@access("signed_in")
def issue_token() -> Page:
    """Make a key and show it, this once."""
    form = load_form(NewTokenInput())
    if not form.ok:
        return _page(422, form)
    with atomic():
        _token, secret = service.issue_token(user=current_user, now=clock.now(), **form.data)
    return _page(201, Form(), secret)


@blueprint.post("/account/tokens/<uuid:token_id>/revoke")
@access("signed_in")
def revoke_token(token_id: uuid.UUID) -> Response:
    """End a key."""
    with atomic():
        service.revoke_token(user=current_user, token_id=token_id, now=clock.now())
    flash(_("This key does not work any more."))
    return redirect_to("accounts.tokens")
