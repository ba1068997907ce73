"""Teams as everybody sees them, and founding one."""

import uuid
from typing import Any

from flask import flash, request
from flask_login import current_user

from marketplace.accounts.views import limits
from marketplace.community import policies, queries, service
from marketplace.community.models import Team, TeamMember
from marketplace.community.queries import Standing
from marketplace.community.schemas import TeamComplaintInput, TeamInput
from marketplace.community.views import telling
from marketplace.community.views.routes import Page, blueprint, currency, load_team
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.core.web.texts import path
from marketplace.reconciliation import queries as published


@blueprint.get("/teams")
@access("public")
def list_teams() -> Page:
    """List the teams that everybody may find, by name."""
    after = _place_of(request.args.get("after"))
    found = queries.list_public(after=after)
    return render(
        "community/list_teams.html",
        teams=found.rows,
        next_url=f"{path('/teams')}?after={found.next_cursor}" if found.next_cursor else None,
        first_url=path("/teams") if after else None,
    )


def _place_of(text: str | None) -> tuple[str, uuid.UUID] | None:
    key = decode_cursor(text, 2)
    try:
        return (str(key[0]), uuid.UUID(str(key[1]))) if key else None
    except ValueError:
        return None


@blueprint.route("/teams/new", methods=["GET", "POST"])
@access("signed_in")
def found_team() -> Page:
    """Found a team."""
    form = load_form(TeamInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        now = clock.now()
        limits.try_post("team", current_user.id, now=now)
        with attempt(form):
            team = service.found_team(currency=currency(), by=current_user, now=now, **form.data)
            flash(_("The team is there. Invite the others with its link."))
            return redirect_to("community.people", slug=team.slug)
    return render("community/found_team.html", 422 if form.errors else 200, form=form, team=None)


@blueprint.get("/teams/<slug>")
@access("public")
def team(slug: str) -> Page:
    """Show a team: what its members' purchases gave together, and what it set out to do."""
    found, membership = load_team(slug)
    return render("community/team.html", **_told(found, membership))


def _told(found: Team, membership: TeamMember | None) -> dict[str, Any]:  # Any: Jinja's
    """Return what a team's page shows; sums stand on none while a difference is looked into."""
    is_held = published.hold().since is not None
    standing = Standing() if is_held else queries.standing_of_team(found.id, found.currency)
    challenges = [] if is_held else queries.list_challenges(found.id, found.currency)
    today = clock.now().date()
    return {
        "team": found,
        "membership": membership,
        "may_lead": policies.may_lead_team(membership),
        "about": render_markdown(found.about),
        "members": queries.count_members(found.id),
        "names": queries.list_names(found.id),
        "is_held": is_held,
        "standing": standing,
        "chart": telling.month_chart(standing.months, found.currency),
        "challenges": [(one, one.stage(today)) for one in challenges],
        "today": today,
        "counted_at": clock.now(),
    }


@blueprint.route("/teams/<slug>/complaint", methods=["GET", "POST"])
@access("signed_in")
def complain(slug: str) -> Page:
    """Tell the operator that a team's name or words are an abuse."""
    found, _membership = load_team(slug)
    form = load_form(TeamComplaintInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        now = clock.now()
        limits.try_post("team-complaint", current_user.id, now=now)
        with atomic():
            service.complain(team_id=found.id, why=form.data["why"], by=current_user, now=now)
        flash(_("Thank you. The operator looks at it."))
        return redirect_to("community.team", slug=slug)
    return render("community/complain.html", 422 if form.errors else 200, team=found, form=form)
