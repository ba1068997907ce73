"""People as tests of accounts need them: with a password, with a second factor."""

import re
from datetime import timedelta

import pyotp

from marketplace.accounts import service
from marketplace.core import clock
from tests.factories import PASSWORD, make_user

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_person(**overrides):
    """Add a person who can sign in with `PASSWORD`."""
    return make_user(**{"password_hash": service.hash_password(PASSWORD)} | overrides)


def make_careful_person(**overrides):
    """Add a person with a password and a second factor, whose secret is `SECRET`."""
    return make_person(
        **{"totp_secret": SECRET, "totp_confirmed_at": clock.now() - timedelta(days=1)} | overrides
    )


def code(steps=0):
    """Return the code of now, or of some steps of 30 seconds later."""
    return pyotp.TOTP(SECRET).at(clock.now() + timedelta(seconds=30 * steps))


def submit_sign_in(client, user, password=PASSWORD, **more):
    """Fill in the form."""
    return client.post("/sign-in", data={"email": user.email, "password": password, **more})


def link_in(letter):
    """Return the path that the letter's first link leads to, without the language."""
    text = letter.get_body(("plain",)).get_content()
    return re.search(r"http://localhost/(?:en|fr|it)(/\S+)", text)[1]


def codes_on(page):
    """Return the recovery codes that a page shows."""
    return re.findall(r"<code[^>]*>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text)
