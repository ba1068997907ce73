"""The people of a team, for its members; and what its captain does."""

import uuid

from flask import flash, request
from flask_login import current_user

from marketplace.accounts.views import limits
from marketplace.community import policies, queries, service
from marketplace.community.schemas import ChallengeInput, TeamInput
from marketplace.community.views.routes import Page, blueprint, lead_team, load_team
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.core.web.languages import current_language


@blueprint.get("/teams/<slug>/people")
@access("signed_in")
def people(slug: str) -> Page:
    """Show a member who else is in the team, their own standing in it, and the link."""
    found, membership = load_team(slug)
    if membership is None:
        raise NotFound
    return render(
        "community/people.html",
        team=found,
        membership=membership,
        may_lead=policies.may_lead_team(membership),
        members=queries.list_members(found.id),
        link=public_url(f"{request.script_root}/teams/invitation/{found.token}"),
    )


@blueprint.route("/teams/<slug>/words", methods=["GET", "POST"])
@access("signed_in")
def words(slug: str) -> Page:
    """Change what is said of a team."""
    found = lead_team(slug)
    form = load_form(TeamInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        limits.try_post("team-words", current_user.id, now=clock.now())
        with attempt(form):
            service.change_team(team_id=found.id, wish=form.data["wish"])
            flash(_("Saved."))
            return redirect_to("community.team", slug=slug)
    return render("community/found_team.html", 422 if form.errors else 200, form=form, team=found)


@blueprint.post("/teams/<slug>/link")
@access("signed_in")
def renew_link(slug: str) -> Page:
    """Make another link for invitations; the old one leads nowhere."""
    found = lead_team(slug)
    with atomic():
        service.renew_link(team_id=found.id)
    flash(_("There is a new link. The old one leads nowhere."))
    return redirect_to("community.people", slug=slug)


@blueprint.post("/teams/<slug>/people/<uuid:member_id>/captain")
@access("signed_in")
def hand_over(slug: str, member_id: uuid.UUID) -> Page:
    """Let another member lead."""
    found = lead_team(slug)
    with atomic():
        service.hand_over(team_id=found.id, member_id=member_id, by=current_user, now=clock.now())
    flash(_("The team has a new captain."))
    return redirect_to("community.people", slug=slug)


@blueprint.post("/teams/<slug>/people/<uuid:member_id>/remove")
@access("signed_in")
def remove(slug: str, member_id: uuid.UUID) -> Page:
    """Let somebody be in the team no more."""
    found = lead_team(slug)
    with atomic():
        service.remove(team_id=found.id, member_id=member_id, by=current_user, now=clock.now())
    flash(_("Removed. The link for invitations is a new one, too."))
    return redirect_to("community.people", slug=slug)


@blueprint.post("/teams/<slug>/dissolve")
@access("signed_in")
def dissolve(slug: str) -> Page:
    """End the team."""
    found = lead_team(slug)
    with atomic():
        service.dissolve(team_id=found.id, by=current_user, now=clock.now())
    flash(_("The team is dissolved. Its page is gone; not a cent moved."))
    return redirect_to("community.own_impact")


@blueprint.route("/teams/<slug>/challenge", methods=["GET", "POST"])
@access("signed_in")
def challenge(slug: str) -> Page:
    """Set out to do something together between two days."""
    found = lead_team(slug)
    form = Form()
    if request.method == "POST":
        form = load_form(
            ChallengeInput(currency=found.currency, decimal_comma=current_language() != "en")
        )
    if request.method == "POST" and form.ok:
        now = clock.now()
        limits.try_post("team-challenge", current_user.id, now=now)
        with attempt(form):
            service.set_challenge(team_id=found.id, wish=form.data["wish"], now=now)
            flash(_("The challenge stands on the page."))
            return redirect_to("community.team", slug=slug)
    return render(
        "community/challenge.html",
        422 if form.errors else 200,
        team=found,
        form=form,
        today=clock.now().date(),
    )


@blueprint.post("/teams/<slug>/challenge/<uuid:challenge_id>/withdraw")
@access("signed_in")
def withdraw_challenge(slug: str, challenge_id: uuid.UUID) -> Page:
    """Take a challenge back."""
    found = lead_team(slug)
    with atomic():
        service.withdraw_challenge(team_id=found.id, challenge_id=challenge_id, now=clock.now())
    flash(_("The challenge is taken back."))
    return redirect_to("community.team", slug=slug)
