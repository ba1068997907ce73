"""Letters to people, and what is thrown away at night."""

import hashlib
import uuid

from flask import current_app

from marketplace.accounts import queries, service
from marketplace.core import clock, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic
from marketplace.core.worker import task


@task("sign_up_mail")
def sign_up_mail(email: str, name: str, locale: str, asked_at: str) -> None:
    """Tell how to finish signing up, or who has an account, that they have one."""
    key = _key("sign-up", email, asked_at)
    known = queries.find_user(email)
    if known is not None:
        sign_in, reset = _link(known.locale, "sign_in"), _link(known.locale, "ask_reset")
        mail.send(
            to=known.email,
            kind="already_member",
            locale=known.locale,
            key=key,
            name=known.name,
            sign_in_url=sign_in,
            reset_url=reset,
        )
        return
    token = _links().for_sign_up(email=email, name=name, locale=locale, now=clock.now())
    url = _link(locale, "finish_sign_up", token=token)
    # Not a word that the sender of the form could choose: they may not be who reads this.
    mail.send(to=email, kind="confirm_email", locale=locale, key=key, url=url)


@task("reset_mail")
def reset_mail(email: str, asked_at: str) -> None:
    """Send a link to set a new password, if there is an account that may be used."""
    user = queries.find_user(email)
    if user is None or not user.is_active:
        return
    url = _link(user.locale, "reset", token=_links().for_reset(user, now=clock.now()))
    mail.send(
        to=user.email,
        kind="reset_password",
        locale=user.locale,
        key=_key("reset", email, asked_at),
        name=user.name,
        url=url,
    )


@task("new_email_mail")
def new_email_mail(user_id: str, email: str, asked_at: str) -> None:
    """Ask at a new address whether it is really theirs."""
    user = queries.get_user(uuid.UUID(user_id))
    token = _links().for_new_email(user, email, now=clock.now())
    mail.send(
        to=email,
        kind="confirm_new_email",
        locale=user.locale,
        key=_key("new-email", email, asked_at),
        url=_link(user.locale, "confirm_email", token=token),
    )


@task("account_changed_mail")
def account_changed_mail(email: str, name: str, locale: str, what: str, asked_at: str) -> None:
    """Tell somebody that something serious about their account has changed."""
    mail.send(
        to=email,
        kind="account_changed",
        locale=locale,
        key=_key(what, email, asked_at),
        name=name,
        what=what,
        reset_url=_link(locale, "ask_reset"),
    )


@task("recovery_code_mail")
def recovery_code_mail(user_id: str, left: int, asked_at: str) -> None:
    """Tell somebody that one of their recovery codes was used, and how many are left."""
    user = queries.get_user(uuid.UUID(user_id))
    mail.send(
        to=user.email,
        kind="recovery_code",
        locale=user.locale,
        key=_key("recovery-code", user_id, asked_at),
        name=user.name,
        left=left,
        codes_url=_link(user.locale, "second_factor"),
        reset_url=_link(user.locale, "ask_reset"),
    )


@task("purge_accounts", every="17 3 * * *")
def purge_accounts() -> None:
    """Forget sessions that ended long ago and counts that are over."""
    now = clock.now()
    with atomic():
        service.purge_sessions(now=now)
        service.purge_limits(now=now)


def _links() -> service.Links:
    return service.Links(str(current_app.secret_key))


def _link(locale: str, endpoint: str, **values: str) -> str:
    """Return an address for a letter: whole, and in the reader's language."""
    path = current_app.url_map.bind("").build(f"accounts.{endpoint}", values)
    return public_url(path, locale)


def _key(*parts: str) -> str:
    """Return the same Message-ID when a job runs twice, without telling the address in it."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]
