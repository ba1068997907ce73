"""The one blueprint of these pages, and whom they let in."""

from hmac import compare_digest

from flask import Blueprint, current_app, make_response
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.policies import is_operator
from marketplace.community import policies, queries
from marketplace.community.models import Team, TeamMember
from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.i18n import _l

blueprint = Blueprint("community", __name__)

Page = tuple[str, int] | Response


def currency() -> str:
    """Return the marketplace's currency."""
    return str(current_app.config["SETTINGS"].currency)


def load_team(slug: str, *, token: str = "") -> tuple[Team, TeamMember | None]:
    """Return a team that the caller may see, and what they are to it.

    :raises NotFound: there is none, or they may not know of it.
    """
    team = queries.get_team(slug)
    membership = None
    if current_user.is_authenticated:
        membership = queries.find_membership(team.id, current_user.id)
    if not policies.may_see_team(
        team,
        membership,
        is_invited=is_right(team, token),
        is_operator=current_user.is_authenticated and is_operator(current_user),
    ):
        raise NotFound
    return team, membership


def is_right(team: Team, token: str) -> bool:
    """Say whether somebody came by the team's present link."""
    return bool(token) and compare_digest(team.token.encode(), token.encode())


def lead_team(slug: str) -> Team:
    """Return a team that the caller leads.

    :raises NotFound: there is none, or they may not know of it.
    :raises Forbidden: somebody else leads it.
    """
    team, membership = load_team(slug)
    if not policies.may_lead_team(membership):
        raise Forbidden(_l("The captain of the team does this."))
    return team


def secret(page: tuple[str, int], *, is_indexed: bool = False) -> Response:
    """Return a page whose address is a secret: not kept, told to nobody, not listed unasked."""
    answer = make_response(*page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
    if not is_indexed:
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
