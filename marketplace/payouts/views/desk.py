"""Whose money it is: the blueprint of both desks, and who may see it."""

from collections.abc import Callable

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.i18n import _l
from marketplace.payouts.policies import may_manage_money
from marketplace.people import queries as people
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind

blueprint = Blueprint("payouts", __name__)

Page = tuple[str, int] | Response
View = Callable[..., Page]
DESKS = {TeamKind.COMPANY: "/company/<slug>", TeamKind.PROJECT: "/project-desk/<slug>"}


def on_both_desks(rest: str, *, method: str = "GET") -> Callable[[View], View]:
    """Serve a view on the desks of companies and of projects; it is told which as `kind`."""

    def decorate(view: View) -> View:
        for kind, desk in DESKS.items():
            blueprint.add_url_rule(
                desk + rest, view_func=view, defaults={"kind": kind}, methods=[method]
            )
        return view

    return decorate


def own_payee(kind: TeamKind, slug: str) -> Team:
    """Return a payee of which the person who is here is an owner.

    :raises NotFound: there is no such payee; to strangers there is none either.
    :raises Forbidden: editors do not deal with money.
    """
    team = people.get_team(kind, slug)
    membership = people.find_membership(team, current_user.id)
    if membership is None:
        raise NotFound
    if not may_manage_money(membership):
        raise Forbidden(_l("Only an owner sees and changes where the money goes."))
    return team
