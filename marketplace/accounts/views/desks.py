"""The desks at which somebody works: companies, projects, the marketplace itself."""

from dataclasses import dataclass

from flask import current_app, request

from marketplace.accounts.models import User
from marketplace.accounts.policies import is_operator
from marketplace.companies import queries as companies
from marketplace.core.i18n import _
from marketplace.projects import queries as projects

COMPANY_DESK = ("/company/<slug>", "/company/<slug>/orders")
PROJECT_DESK = ("/project-desk/<slug>",)
OPERATORS_DESK = ("/staff", "/staff/projects", "/staff/people")
"""The first of these pages that there is."""


@dataclass(frozen=True)
class Door:
    """A link to somewhere that is somebody's own."""

    url: str
    name: str
    kind: str = ""


def list_desks(user: User) -> list[Door]:
    """Return the desks of somebody, companies first, by name. Two statements."""
    doors = [
        _door(COMPANY_DESK, member.company.name, _("Company"), member.company.slug)
        for member in companies.list_memberships(user.id)
    ]
    doors += [
        _door(PROJECT_DESK, project.title, _("Project"), project.slug)
        for project in projects.list_owned(user.id)
    ]
    if is_operator(user):
        doors.append(_door(OPERATORS_DESK, "Causeway", _("The whole marketplace")))
    return [door for door in doors if door is not None]


def list_pages() -> list[Door]:
    """Return the pages that everybody with an account has."""
    doors = [
        _door(("/account/orders",), _("Your orders")),
        _door(("/account/impact",), _("What your purchases gave")),
        _door(("/account/gifts",), _("Your own gifts, and receipts for them")),
        _door(("/following",), _("News of what you follow")),
        _door(("/account/translations",), _("What you translated")),
    ]
    return [door for door in doors if door is not None]


def _door(pages: tuple[str, ...], name: str, kind: str = "", slug: str = "") -> Door | None:
    """Return a door to the first of some pages that there is."""
    known = {rule.rule for rule in current_app.url_map.iter_rules()}
    page = next((page for page in pages if page in known), None)
    if page is None:
        return None
    return Door(f"{request.script_root}{page.replace('<slug>', slug)}", name, kind)
