"""Setting up a second factor, keeping recovery codes, and going without."""

from datetime import datetime
from typing import Any

import segno
from flask import Response as Download
from flask import flash, g, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.accounts.policies import may_drop_second_factor
from marketplace.accounts.schemas import CodeInput, RecoveryTextInput, SecondFactorInput
from marketplace.accounts.views import blueprint, limits, present
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import access, attempt, load_form, redirect_to, render, safe_next
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
    else:
        shown["codes_left"] = queries.count_recovery_codes(current_user.id)
    return render(
        "accounts/second_factor.html",
        status,
        may_drop=may_drop_second_factor(current_user),
        is_proved=g.get("second_factor_at") is not None,
        how=request.values.get("how", ""),
        **shown,
    )


def _load_serious() -> Form:
    """Load password and code of whoever asks for a serious change, and count the try."""
    form = load_form(SecondFactorInput())
    if form.ok:
        now = clock.now()
        limits.try_password(current_user.id, now=now)
        limits.try_code(current_user.id, now=now)
    return form


def _shown(form: Form) -> dict[str, Any]:  # Any: arguments of several use cases
    return {
        "user_id": current_user.id,
        "current": form.data["current_password"],
        "code": form.data["code"],
        "now": clock.now(),
    }


def _rotate(*, second_factor_at: datetime | None) -> None:
    """Give the session a new token; from now on it may do more, or less."""
    token = service.rotate_session(
        session_id=g.user_session.id, now=clock.now(), second_factor_at=second_factor_at
    )
    present.rotate(token)


@blueprint.post("/account/second-factor")
@access("signed_in")
def enrol() -> Page:
    """Put it in use, once the app has shown a right code; show the recovery codes, this once."""
    form = _load_serious()
    if form.ok:
        with attempt(form):
            codes = service.enrol(**_shown(form))
            _rotate(second_factor_at=clock.now())
            flash(_("Your second factor is in use."))
            return _show_codes(codes)
    return _page(422, form)


@blueprint.post("/account/second-factor/prove")
@access("signed_in")
def prove() -> Page:
    """Take the code in a session that began without it."""
    now = clock.now()
    form = load_form(CodeInput())
    if form.ok:
        limits.try_code(current_user.id, now=now)
        with attempt(form):
            service.prove(user_id=current_user.id, code=form.data["code"], now=now)
            _rotate(second_factor_at=now)
            return redirect(safe_next(f"{request.script_root}/account/second-factor"), 303)
    return _page(422, form)


@blueprint.post("/account/second-factor/drop")
@access("signed_in")
def drop() -> Page:
    """Go without."""
    form = _load_serious()
    if form.ok:
        with attempt(form):
            service.drop(**_shown(form))
            _rotate(second_factor_at=None)
            flash(_("You sign in without a second factor now."))
            return redirect_to("accounts.second_factor")
    return _page(422, form)


@blueprint.get("/account/second-factor/recovery-codes")
@access("signed_in")
def recovery_codes() -> Page:
    """Say how many are left, and ask for password and code to make new ones."""
    return _ask_new_codes(200, Form())


def _ask_new_codes(status: int, form: Form) -> Page:
    if current_user.totp_confirmed_at is None:
        return redirect_to("accounts.second_factor")
    left = queries.count_recovery_codes(current_user.id)
    return render("accounts/recovery_codes.html", status, form=form, codes=[], codes_left=left)


@blueprint.post("/account/second-factor/recovery-codes")
@access("signed_in")
def renew_codes() -> Page:
    """Make new codes and show them, this once."""
    form = _load_serious()
    if form.ok:
        with attempt(form):
            codes = service.renew_codes(**_shown(form))
            _rotate(second_factor_at=clock.now())
            return _show_codes(codes)
    return _ask_new_codes(422, form)


def _show_codes(codes: list[str]) -> Page:
    return render("accounts/recovery_codes.html", 201, codes=codes, next=safe_next(""))


@blueprint.post("/account/second-factor/recovery-codes/text")
@access("signed_in")
def recovery_text() -> Response:
    """Give the codes that the page shows as a file: only there are they known, so it sends them.

    :raises NotFound: they are not this person's.
    """
    form = load_form(RecoveryTextInput())
    codes = form.data.get("codes", [])
    if not service.are_own_codes(user_id=current_user.id, codes=codes):
        raise NotFound
    head = _("Recovery codes of %(email)s at Causeway. Each works once.", email=current_user.email)
    return Download(
        "\n".join([head, "", *codes, ""]),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="causeway-recovery-codes.txt"',
            "Cache-Control": "no-store",
        },
    )
