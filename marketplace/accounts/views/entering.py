"""Signing in and out."""

from flask import g, redirect, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service
from marketplace.accounts.models import User
from marketplace.accounts.schemas import CodeInput, SignInInput
from marketplace.accounts.views import blueprint, limits, present
from marketplace.accounts.views.present import links
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.web import access, attempt, load_form, redirect_to, render, safe_next
from marketplace.core.web.forms import Form

Page = Response | tuple[str, int]
SECOND_STEP = "second_step"
HERE = "/account"


@blueprint.get("/sign-in")
@access("public")
def sign_in() -> Page:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(_next(), 303)
    return render("accounts/sign_in.html", form=Form(), next=safe_next(""))


@blueprint.post("/sign-in")
@access("public")
def enter() -> Page:
    """Let somebody in, or ask for their second factor."""
    form = load_form(SignInInput())
    if form.ok:
        now = clock.now()
        tries = limits.try_sign_in(form.data["email"], now=now)
        with attempt(form, whole="email"):
            user = service.authenticate(email=form.data["email"], password=form.data["password"])
            service.forgive(key=tries)
            return _go_on(user, stays=form.data["stays"])
    return render("accounts/sign_in.html", 422, form=form, next=safe_next(""))


def _go_on(user: User, *, stays: bool) -> Response:
    if user.totp_confirmed_at is not None:
        session[SECOND_STEP] = links().for_second_step(user, stays=stays, now=clock.now())
        return redirect_to("accounts.second_step", next=safe_next("") or None)
    present.begin(user, stays=stays)
    if user.is_operator:
        return redirect_to("accounts.second_factor", next=safe_next("") or None)
    return redirect(_next(), 303)


@blueprint.get("/sign-in/code")
@access("public")
def second_step() -> Page:
    """Ask for the code of the second factor."""
    if SECOND_STEP not in session:
        return redirect_to("accounts.sign_in", next=safe_next("") or None)
    return _second_step(200, Form())


def _second_step(status: int, form: Form) -> Page:
    """Ask for the app's code, or for a recovery code from whoever has no phone at hand."""
    how = request.values.get("how", "")
    return render("accounts/second_step.html", status, form=form, how=how, next=safe_next(""))


@blueprint.post("/sign-in/code")
@access("public")
def enter_code() -> Page:
    """Let somebody in who has shown both password and code."""
    now = clock.now()
    form = load_form(CodeInput())
    if form.ok:
        try:
            waiting, _stays = links().read_second_step(session.get(SECOND_STEP, ""), now=now)
        except service.LinkUsed:
            session.pop(SECOND_STEP, None)
            return redirect_to("accounts.sign_in", next=safe_next("") or None)
        limits.try_code(waiting.id, now=now)
        with attempt(form):
            user, stays = links().read_second_step(session[SECOND_STEP], now=now)
            service.prove(user_id=user.id, code=form.data["code"], now=now)
            session.pop(SECOND_STEP)
            present.begin(user, stays=stays, second_factor_at=now)
            return redirect(_next(), 303)
    return _second_step(422, form)


@blueprint.post("/sign-out")
@access("public")
def sign_out() -> Response:
    """End this session, here and in the database."""
    if current_user.is_authenticated:
        with atomic():
            service.revoke_session(user=current_user, session_id=g.user_session.id, now=clock.now())
    present.forget()
    return redirect(f"{request.script_root}/", 303)


def _next() -> str:
    return safe_next(f"{request.script_root}{HERE}")
