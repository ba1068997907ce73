"""A company's default projects: where its share goes when a shopper makes no choice."""

import uuid
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.checkout import queries as checkout
from marketplace.checkout.queries import Choosable
from marketplace.companies import policies
from marketplace.companies.models import CompanyMember
from marketplace.companies.schemas import DefaultsInput
from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.errors import Forbidden
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.giving import queries, service
from marketplace.giving.rules import MOST_PROJECTS, percentages
from marketplace.projects.models import Project, ProjectState

blueprint = Blueprint("company_defaults", __name__)

Page = tuple[str, int] | Response
Row = tuple[Choosable | Project, str, bool]
"""A project, its share as typed, and whether it takes money now."""


@blueprint.get("/company/<slug>/defaults")
@access("member")
def defaults(slug: str) -> Page:
    """Show the default projects as they are."""
    membership = own_membership(slug)
    kept = queries.list_defaults(membership.company_id)
    shares = percentages([weight for _project, weight in kept])
    rows: list[Row] = [
        (project, "" if share is None else str(share), project.state is ProjectState.OPEN)
        for (project, _weight), share in zip(kept, shares, strict=True)
    ]
    return _page(membership, rows, Form())


@blueprint.post("/company/<slug>/defaults")
@access("member")
def choose(slug: str) -> Page:
    """Add or take away a row and show the form again, or keep what it says."""
    membership = own_membership(slug)
    if not policies.may_edit_company(membership):
        raise Forbidden(_l("An owner of the company chooses its default projects."))
    form = load_form(DefaultsInput())
    if not form.ok:
        return _page(membership, _rows(membership, _typed(form)), form, 422)
    typed = _pressed(dict(_pairs(form)), form.data)
    rows = _rows(membership, typed)
    if form.data["do"] == "save":
        with attempt(form):
            service.choose_defaults(
                company=own_membership(slug).company,
                project_ids=list(typed),
                shares=[int(share) if share else None for share in typed.values()],
                by=current_user,
                now=clock.now(),
            )
            flash(_("Saved. It holds for new orders."))
            return redirect_to("company_defaults.defaults", slug=slug)
    return _page(own_membership(slug), rows, form, 422 if form.errors else 200)


def _pairs(form: Form) -> Sequence[tuple[uuid.UUID, str]]:
    shares = [*form.data["share"], *[""] * len(form.data["project"])]
    return list(zip(form.data["project"], shares, strict=False))


def _typed(form: Form) -> dict[uuid.UUID, str]:
    """Return the rows of a form of which something could not be read; what can be is kept."""
    rows: dict[uuid.UUID, str] = {}
    pairs = zip(form.values.get("project", []), form.values.get("share", []), strict=False)
    for project, share in pairs:
        try:
            rows[uuid.UUID(project)] = share
        except ValueError:
            continue
    return rows


def _pressed(typed: dict[uuid.UUID, str], data: Mapping[str, object]) -> dict[uuid.UUID, str]:
    """Return the rows after the button that was pressed."""
    added, removed = data["add"], data["remove"]
    if isinstance(added, uuid.UUID) and len(typed) < MOST_PROJECTS:
        typed.setdefault(added, "")
    return {project: share for project, share in typed.items() if project != removed}


def _rows(membership: CompanyMember, typed: Mapping[uuid.UUID, str]) -> list[Row]:
    known = checkout.list_choosable(list(typed), membership.company.currency)
    return [(project, typed[one], True) for one, project in known.items()]


def _page(
    membership: CompanyMember, rows: Sequence[Row], form: Form, status: int = 200
) -> tuple[str, int]:
    chosen = {project.id for project, _share, _is_open in rows}
    words = str(form.values.get("words", ""))[:100]
    listed = checkout.search_choosable(membership.company.currency, words=words, limit=12)
    return render(
        "companies/desk/defaults.html",
        status,
        company=membership.company,
        rows=rows,
        listed=[project for project in listed if project.id not in chosen],
        words=words,
        today=clock.now().date(),
        most=MOST_PROJECTS,
        may_edit=policies.may_edit_company(membership),
        form=form,
    )
