"""What goes by letter: signing up, a forgotten password, a new address."""

from flask import flash
from werkzeug.wrappers import Response

from marketplace.accounts import service
from marketplace.accounts.schemas import AskResetInput, NewPasswordInput, SignUpInput
from marketplace.accounts.views import blueprint, limits, present
from marketplace.accounts.views.present import links
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web import access, attempt, load_form, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.core.web.languages import current_language

Page = Response | tuple[str, int]


@blueprint.get("/sign-up")
@access("public")
def sign_up() -> Page:
    """Show the form."""
    return render("accounts/sign_up.html", form=Form())


@blueprint.post("/sign-up")
@access("public")
def ask_sign_up() -> Page:
    """Have the letter sent; who has an account already is not told so here."""
    form = load_form(SignUpInput())
    if not form.ok:
        return render("accounts/sign_up.html", 422, form=form)
    now = clock.now()
    limits.try_letter("sign-up", form.data["email"], now=now)
    with atomic():
        service.ask_sign_up(
            email=form.data["email"], name=form.data["name"], locale=current_language(), now=now
        )
    return redirect_to("accounts.sign_up_sent")


@blueprint.get("/sign-up/sent")
@access("public")
def sign_up_sent() -> Page:
    """Say that a letter is on its way."""
    return render("accounts/letter_sent.html", what="sign_up")


@blueprint.get("/sign-up/<token>")
@access("public")
def finish_sign_up(token: str) -> Page:
    """Ask for a password: only who got the letter chooses it."""
    who = links().read_sign_up(token, now=clock.now())
    return render("accounts/finish_sign_up.html", form=Form(), who=who, token=token)


@blueprint.post("/sign-up/<token>")
@access("public")
def join(token: str) -> Page:
    """Make the account and sign in."""
    now = clock.now()
    form = load_form(NewPasswordInput())
    who = links().read_sign_up(token, now=now)
    if form.ok:
        with attempt(form):
            user = service.admit(
                email=who["email"],
                name=who["name"],
                locale=who["locale"],
                password=form.data["password"],
                now=now,
            )
            present.begin(user, stays=False)
            flash(_("Your account is ready."))
            return redirect_to("accounts.account")
    return render("accounts/finish_sign_up.html", 422, form=form, who=who, token=token)


@blueprint.get("/reset-password")
@access("public")
def ask_reset() -> Page:
    """Show the form."""
    return render("accounts/ask_reset.html", form=Form())


@blueprint.post("/reset-password")
@access("public")
def send_reset() -> Page:
    """Have the letter sent, if there is an account: which is not told here."""
    form = load_form(AskResetInput())
    if not form.ok:
        return render("accounts/ask_reset.html", 422, form=form)
    now = clock.now()
    limits.try_letter("reset", form.data["email"], now=now)
    with atomic():
        service.ask_reset(email=form.data["email"], now=now)
    return redirect_to("accounts.reset_sent")


@blueprint.get("/reset-password/sent")
@access("public")
def reset_sent() -> Page:
    """Say that a letter is on its way if there is an account."""
    return render("accounts/letter_sent.html", what="reset")


@blueprint.get("/reset-password/<token>")
@access("public")
def reset(token: str) -> Page:
    """Ask for a new password."""
    with atomic():
        user = links().read_reset(token, now=clock.now())
    return render("accounts/reset.html", form=Form(), email=user.email, token=token)


@blueprint.post("/reset-password/<token>")
@access("public")
def set_password(token: str) -> Page:
    """Set the new password; the person signs in with it, second factor included."""
    now = clock.now()
    form = load_form(NewPasswordInput())
    email = ""
    with attempt(form):
        user = links().read_reset(token, now=now)
        email = user.email
        if form.ok:
            service.reset_password(user=user, password=form.data["password"], now=now)
    if not form.ok:
        return render("accounts/reset.html", 422, form=form, email=email, token=token)
    present.forget()
    flash(_("Your new password is set. Sign in with it."))
    return redirect_to("accounts.sign_in")


@blueprint.get("/account/email/<token>")
@access("public")
def confirm_email(token: str) -> Page:
    """Ask whether to take over a new address; programs that open links change nothing."""
    with atomic():
        _user, email = links().read_new_email(token, now=clock.now())
    return render("accounts/confirm_email.html", email=email, token=token)


@blueprint.post("/account/email/<token>")
@access("public")
def take_email(token: str) -> Page:
    """Take over a new address."""
    now = clock.now()
    with atomic():
        user, email = links().read_new_email(token, now=now)
        service.change_email(user=user, email=email, now=now)
    flash(_("Your new e-mail address is in use."))
    return redirect_to("accounts.account")
