"""The token in forms, in another disguise each time it is shown.

A page is compressed, and how small it gets tells something of what is in it. A token that stood
there alike in every answer could be guessed piece by piece from the sizes (the attack is known as
BREACH). So each answer covers it with a random pad of the same length, and sends the pad along.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import g
from flask_wtf.csrf import CSRFProtect, generate_csrf

LONGEST = 1_000
"""Characters of a covered token that are looked at; ours have about 250."""


def form_token() -> str:
    """Return the token for the forms of this answer."""
    if "form_token" not in g:
        g.form_token = covered(generate_csrf())
    return str(g.form_token)


def covered(token: str) -> str:
    """Return a token as a pad and what the pad makes of it: other letters each time."""
    plain = token.encode("ascii")
    pad = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(pad + _xor(pad, plain)).decode("ascii")


def uncovered(text: str) -> str:
    """Return the token that somebody sent covered; empty for what never was one."""
    if len(text) > LONGEST:
        return ""
    try:
        sent = urlsafe_b64decode(text)
        half, odd = divmod(len(sent), 2)
        return "" if odd else _xor(sent[:half], sent[half:]).decode("ascii")
    except ValueError:  # no letters of that alphabet, or none of a token
        return ""


def _xor(one: bytes, other: bytes) -> bytes:
    both = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return both.to_bytes(len(one), "big")


class FormTokens(CSRFProtect):  # type: ignore[misc]  # it ships without types
    """Checks the tokens that forms send back."""

    def _get_csrf_token(self) -> str:
        return uncovered(super()._get_csrf_token() or "")
