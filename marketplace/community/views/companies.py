"""A company's desk: teams that say they are its people."""

import uuid

from flask import flash
from flask_login import current_user

from marketplace.community import policies, queries, service
from marketplace.community.schemas import CompanyAnswerInput
from marketplace.community.views.routes import Page, blueprint
from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import access, load_form, redirect_to, render


@blueprint.get("/company/<slug>/teams")
@access("member")
def of_company(slug: str) -> Page:
    """List the teams that name a company, those that wait first."""
    company = own_membership(slug).company
    return render(
        "community/of_company.html",
        company=company,
        teams=queries.list_of_company(company.id),
    )


@blueprint.post("/company/<slug>/teams/<uuid:team_id>")
@access("member")
def answer_team(slug: str, team_id: uuid.UUID) -> Page:
    """Say for the company that a team is of its people, or is not."""
    membership = own_membership(slug)
    form, now = load_form(CompanyAnswerInput()), clock.now()
    with atomic():
        if not form.ok or not policies.may_confirm_team(queries.lock_team(team_id), membership):
            raise NotFound
        if form.data["what"] == "confirm":
            service.confirm_team(team_id=team_id, by=current_user, now=now)
        else:
            service.refuse_team(team_id=team_id, by=current_user, now=now)
    flash(_("Saved."))
    return redirect_to("community.of_company", slug=slug)
