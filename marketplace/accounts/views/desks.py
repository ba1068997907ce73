"""The desks at which somebody works: companies, projects, the marketplace itself."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app, request

from marketplace.accounts.models import User
from marketplace.accounts.policies import is_operator
from marketplace.companies import queries as companies
from marketplace.core.db import session
from marketplace.core.i18n import _
from marketplace.projects.models import Project, ProjectOwner

COMPANY_DESK, PROJECT_DESK, OPERATORS_DESK = "/company/<slug>", "/project/<slug>", "/staff"


@dataclass(frozen=True)
class Door:
    """A link to somewhere that is somebody's own."""

    url: str
    name: str
    kind: str = ""


def list_desks(user: User) -> list[Door]:
    """Return the desks of somebody, companies first, by name. Two statements."""
    found = [
        (COMPANY_DESK, member.company.slug, member.company.name, _("Company"))
        for member in companies.list_memberships(user.id)
    ]
    owned = session.execute(
        sa.select(Project.slug, Project.title)
        .join(ProjectOwner, ProjectOwner.project_id == Project.id)
        .where(ProjectOwner.user_id == user.id)
        .order_by(Project.title, Project.id)
    )
    found += [(PROJECT_DESK, slug, title, _("Project")) for slug, title in owned]
    if is_operator(user):
        found.append((OPERATORS_DESK, "", "Causeway", _("The whole marketplace")))
    return _open_ones(found)


def list_pages() -> list[Door]:
    """Return the pages that everybody with an account has."""
    return _open_ones(
        [
            ("/account/orders", "", _("Your orders"), ""),
            ("/account/impact", "", _("What your purchases gave"), ""),
            ("/account/following", "", _("Projects that you follow"), ""),
        ]
    )


def _open_ones(found: list[tuple[str, str, str, str]]) -> list[Door]:
    """Return doors to pages that this installation has."""
    known = {rule.rule for rule in current_app.url_map.iter_rules()}
    return [
        Door(f"{request.script_root}{rule.replace('<slug>', slug)}", name, kind)
        for rule, slug, name, kind in found
        if rule in known or f"{rule}/" in known
    ]
