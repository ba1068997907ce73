"""Pages of people: signing up and in, the account and its settings."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

from marketplace.accounts.views import (  # noqa: E402  # they register their routes on `blueprint`
    entering,
    keys,
    letters,
    own,
    second_factor,
    theme,
)

__all__ = ["blueprint", "entering", "keys", "letters", "own", "second_factor", "theme"]
