"""A person's own account: what it leads to, settings, sessions."""

import uuid

from flask import flash, g
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.accounts.rules import describe_browser
from marketplace.accounts.schemas import ChangeEmailInput, ChangePasswordInput, ProfileInput
from marketplace.accounts.views import blueprint, limits, present
from marketplace.accounts.views.desks import list_desks, list_pages
from marketplace.accounts.views.lately import find_lately
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web import access, attempt, load_form, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.core.web.languages import current_language

Page = Response | tuple[str, int]


@blueprint.get("/account")
@access("signed_in")
def account() -> Page:
    """Show what a person has here and what is new of it, and the desks at which they work."""
    return render(
        "accounts/account.html",
        desks=list_desks(current_user),
        pages=list_pages(),
        lately=find_lately(current_user, current_language()),
    )


@blueprint.get("/account/settings")
@access("signed_in")
def settings() -> Page:
    """Show name and language."""
    values = {
        "name": current_user.name,
        "locale": current_user.locale,
        "is_public_supporter": current_user.is_public_supporter,
    }
    return render("accounts/settings.html", form=Form(values=values))


@blueprint.post("/account/settings")
@access("signed_in")
def change_profile() -> Page:
    """Change name, language and whether the name may be shown."""
    form = load_form(ProfileInput())
    if not form.ok:
        return render("accounts/settings.html", 422, form=form)
    with atomic():
        service.change_profile(user_id=current_user.id, **form.data)
    flash(_("Saved."))
    return redirect_to("accounts.settings")


@blueprint.get("/account/password")
@access("signed_in")
def password() -> Page:
    """Show the form."""
    return render("accounts/password.html", form=Form())


@blueprint.post("/account/password")
@access("signed_in")
def change_password() -> Page:
    """Change the password and sign out everywhere else."""
    now = clock.now()
    form = load_form(ChangePasswordInput())
    if form.ok:
        limits.try_password(current_user.id, now=now)
        with attempt(form):
            service.change_password(
                user_id=current_user.id,
                current=form.data["current_password"],
                password=form.data["password"],
                keep=g.user_session.id,
                now=now,
            )
            present.rotate(service.rotate_session(session_id=g.user_session.id, now=now))
            flash(_("Your password is changed. You are signed out everywhere else."))
            return redirect_to("accounts.account")
    return render("accounts/password.html", 422, form=form)


@blueprint.get("/account/email")
@access("signed_in")
def email() -> Page:
    """Show the form."""
    return render("accounts/email.html", form=Form())


@blueprint.post("/account/email")
@access("signed_in")
def change_email() -> Page:
    """Have a link sent to a new address."""
    now = clock.now()
    form = load_form(ChangeEmailInput())
    if form.ok:
        limits.try_password(current_user.id, now=now)
        limits.try_letter("new-email", form.data["email"], now=now)
        with attempt(form):
            service.ask_email_change(
                user_id=current_user.id,
                current=form.data["current_password"],
                email=form.data["email"],
                now=now,
            )
            flash(_("Follow the link in the letter that we sent to the new address."))
            return redirect_to("accounts.account")
    return render("accounts/email.html", 422, form=form)


@blueprint.get("/account/sessions")
@access("signed_in")
def sessions() -> Page:
    """List where the person is signed in."""
    listed = queries.list_sessions(current_user.id, clock.now())
    return render(
        "accounts/sessions.html",
        sessions=[(row, describe_browser(row.user_agent)) for row in listed],
        own_id=g.user_session.id,
    )


@blueprint.post("/account/sessions/<uuid:session_id>/revoke")
@access("signed_in")
def revoke_session(session_id: uuid.UUID) -> Response:
    """End one session."""
    with atomic():
        service.revoke_session(user=current_user, session_id=session_id, now=clock.now())
    flash(_("Signed out there."))
    return redirect_to("accounts.sessions")


@blueprint.post("/account/sessions/revoke-others")
@access("signed_in")
def revoke_others() -> Response:
    """End all sessions but this one."""
    with atomic():
        service.revoke_sessions(user_id=current_user.id, keep=g.user_session.id, now=clock.now())
    flash(_("You are signed out everywhere else."))
    return redirect_to("accounts.sessions")
