"""The page of all letters, and the links that stop them without signing in."""

import uuid

from flask import current_app, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render, tokenless
from marketplace.following import queries, service
from marketplace.following.rules import EVERYTHING, Frequency, Kind, read_stop_token
from marketplace.following.rules.letters import NECESSARY, OPTIONAL
from marketplace.following.schemas import LettersInput
from marketplace.following.views.routes import blueprint

Page = tuple[str, int] | Response


@blueprint.get("/account/letters")
@access("signed_in")
def letters() -> Page:
    """Show every kind of letter, and how often those come that can be chosen."""
    return _show(Form())


def _show(form: Form, status: int = 200) -> Page:
    return render(
        "following/letters.html",
        status,
        form=form,
        follows_of=queries.list_follows(current_user.id),
        unwanted=queries.list_unwanted(current_user.id),
        necessary=NECESSARY,
        optional=OPTIONAL,
        frequencies=list(Frequency),
    )


@blueprint.post("/account/letters")
@access("signed_in")
def choose() -> Page:
    """Save what is chosen, or stop all that can be stopped."""
    form, now = load_form(LettersInput()), clock.now()
    if not form.ok:
        return _show(form, 422)
    is_stop = form.data["do"] == "stop"
    wanted = [] if is_stop else form.data["wanted"]
    with atomic():
        if is_stop:
            service.stop_everything(user_id=current_user.id)
        else:
            pairs = dict(zip(form.data["follow"], form.data["frequency"], strict=True))
            service.choose(user_id=current_user.id, wanted=pairs, now=now)
        for kind in OPTIONAL:
            service.refuse_letter(
                user_id=current_user.id, kind=kind, is_wanted=kind in wanted, now=now
            )
    flash(_("You get only necessary letters now.") if is_stop else _("Saved."))
    return redirect_to("following.letters")


@blueprint.get("/unfollow/<token>")
@access("public")
def ask(token: str) -> Page:
    """Ask before anything changes: links in letters are opened by machines, too."""
    _user, name, _kind, _which = _meant(token)
    return render("following/stop.html", token=token, name=name, done=False, robots="noindex")


@blueprint.post("/unfollow/<token>")
@access("public")
@tokenless
def stop(token: str) -> Page:
    """Stop letters, also for a mail program that asks by itself (RFC 8058).

    The address is signed: who has it has the letter, so neither a cookie nor a token is needed.
    """
    user, name, what, which = _meant(token)
    with atomic():
        if which is not None:
            service.stop(kind=Kind(what), thing_id=which, user_id=user.id)
        elif what == EVERYTHING:
            service.stop_everything(user_id=user.id)
        else:
            service.refuse_letter(user_id=user.id, kind=what, now=clock.now())
    return render("following/stop.html", token=token, name=name, done=True, robots="noindex")


def _meant(token: str) -> tuple[User, str, str, uuid.UUID | None]:
    """Return whose letters are meant, what they are about in words, and what they are about.

    :raises NotFound: the link is forged, or what it is of is not there any more.
    """
    meant = read_stop_token(current_app.config["SECRET_KEY"], token)
    if meant is None:
        raise NotFound
    user_id, what, which = meant
    name: str | None = None
    if which is not None and what in list(Kind):
        name = queries.find_stopped(Kind(what), which)
    elif what == EVERYTHING:
        name = _("everything that you follow")
    elif what in OPTIONAL:
        name = str(OPTIONAL[what])
    if name is None:
        raise NotFound
    return accounts.get_user(user_id), name, what, which
