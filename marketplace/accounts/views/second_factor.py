"""Setting up a second factor, and going without."""

import segno
from flask import flash, g, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service
from marketplace.accounts.policies import may_drop_second_factor
from marketplace.accounts.schemas import CodeInput, SecondFactorInput
from marketplace.accounts.views import blueprint, limits, present
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _
from marketplace.core.web import access, load_form, redirect_to, render, safe_next
from marketplace.core.web.forms import Form

Page = Response | tuple[str, int]


@blueprint.get("/account/second-factor")
@access("signed_in")
def second_factor() -> Page:
    """Show how to set one up; or that it is in use, and ask for it if this session has not."""
    return _page(200, Form())


def _page(status: int, form: Form) -> Page:
    shown: dict[str, object] = {"form": form, "next": safe_next("")}
    if current_user.totp_confirmed_at is None:
        with atomic():
            secret = service.propose_secret(user_id=current_user.id)
        picture = segno.make(service.otpauth_uri(current_user, secret), error="m")
        shown["secret"] = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        shown["picture"] = picture.svg_data_uri(scale=5, border=2, light="#fff")
    return render(
        "accounts/second_factor.html",
        status,
        may_drop=may_drop_second_factor(current_user),
        is_proved=g.get("second_factor_at") is not None,
        **shown,
    )


@blueprint.post("/account/second-factor")
@access("signed_in")
def enrol() -> Page:
    """Put it in use, once the app has shown a right code."""
    now = clock.now()
    form = load_form(SecondFactorInput())
    if form.ok:
        limits.try_password(current_user.id, now=now)
        limits.try_code(current_user.id, now=now)
        try:
            with atomic():
                service.enrol(
                    user_id=current_user.id,
                    current=form.data["current_password"],
                    code=form.data["code"],
                    now=now,
                )
                token = service.rotate_session(
                    session_id=g.user_session.id, now=now, second_factor_at=now
                )
        except Invalid as fact:
            form.refuse(fact.fields)
        else:
            present.rotate(token)
            flash(_("Your second factor is in use."))
            return _go_on()
    return _page(422, form)


@blueprint.post("/account/second-factor/prove")
@access("signed_in")
def prove() -> Page:
    """Take the code in a session that began without it."""
    now = clock.now()
    form = load_form(CodeInput())
    if form.ok:
        limits.try_code(current_user.id, now=now)
        try:
            with atomic():
                service.prove(user_id=current_user.id, code=form.data["code"], now=now)
                token = service.rotate_session(
                    session_id=g.user_session.id, now=now, second_factor_at=now
                )
        except Invalid as fact:
            form.refuse(fact.fields)
        else:
            present.rotate(token)
            return _go_on()
    return _page(422, form)


@blueprint.post("/account/second-factor/drop")
@access("signed_in")
def drop() -> Page:
    """Go without."""
    now = clock.now()
    form = load_form(SecondFactorInput())
    if form.ok:
        limits.try_password(current_user.id, now=now)
        limits.try_code(current_user.id, now=now)
        try:
            with atomic():
                service.drop(
                    user_id=current_user.id,
                    current=form.data["current_password"],
                    code=form.data["code"],
                    now=now,
                )
                token = service.rotate_session(session_id=g.user_session.id, now=now)
        except Invalid as fact:
            form.refuse(fact.fields)
        else:
            present.rotate(token)
            flash(_("You sign in without a second factor now."))
            return redirect_to("accounts.second_factor")
    return _page(422, form)


def _go_on() -> Response:
    return redirect(safe_next(f"{request.script_root}/account/second-factor"), 303)
