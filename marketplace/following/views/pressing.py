"""The button: following a project, a company, a person or a team, and stopping."""

import uuid

from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.views import limits
from marketplace.community.views.routes import load_team
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.web import access, load_form, redirect_to
from marketplace.following import service
from marketplace.following.queries.follows import PLACES
from marketplace.following.rules import Kind
from marketplace.following.schemas import FollowInput
from marketplace.following.views.people import load_person
from marketplace.following.views.routes import blueprint
from marketplace.projects.views.public import load

PAGES = {
    Kind.PROJECT: "projects.project",
    Kind.COMPANY: "companies.company",
    Kind.PERSON: "following.person",
    Kind.TEAM: "community.team",
}
MOST_CHANGES = 120
"""So often an hour somebody may begin and stop."""


@access("signed_in")
def press(kind: Kind, slug: str) -> Response:
    """Follow something, or stop; then go back to its page."""
    thing_id = thing_of(kind, slug)
    limits.try_post("follow", current_user.id, most=MOST_CHANGES, now=clock.now())
    form = load_form(FollowInput())
    with atomic():
        if form.data.get("how") == "stop":
            service.unfollow(kind=kind, thing_id=thing_id, user_id=current_user.id)
        else:
            service.follow(kind=kind, thing_id=thing_id, user_id=current_user.id, now=clock.now())
    return redirect_to(PAGES[kind], slug=slug)


for _kind, _place in PLACES.items():
    blueprint.add_url_rule(
        f"/{_place}/<slug>/follow",
        view_func=press,
        endpoint="press",
        defaults={"kind": _kind},
        methods=["POST"],
    )


def thing_of(kind: Kind, slug: str) -> uuid.UUID:
    """Return what stands at an address, if the person who is here may see it.

    :raises NotFound: nothing, for them.
    """
    if kind is Kind.PROJECT:
        return load(slug)[0].id
    if kind is Kind.COMPANY:
        company = companies.find_company(slug)
        if company is None:
            raise NotFound
        return company.id
    if kind is Kind.TEAM:
        return load_team(slug)[0].id
    return load_person(slug).id
