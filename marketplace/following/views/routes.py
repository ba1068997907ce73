"""The one blueprint, and the button that stands on many pages."""

import uuid

from flask import Blueprint
from flask_login import current_user

from marketplace.following import queries
from marketplace.following.rules import Kind, person_slug

blueprint = Blueprint("following", __name__)


def follows(kind: str, thing_id: uuid.UUID) -> object:
    """Return whether and how the person who is here follows something. One statement, or none."""
    if not current_user.is_authenticated:
        return None
    return queries.find_follow(current_user.id, Kind(kind), thing_id)


@blueprint.record
def give_to_templates(state: object) -> None:
    """Let every page offer to follow, and lead to the people it names."""
    state.app.jinja_env.globals.update(  # type: ignore[attr-defined]  # Flask's state
        follows=follows, person_slug=person_slug
    )
