"""Coming into a team, being named in it, and leaving it."""

from flask import flash
from flask_login import current_user

from marketplace.accounts.views import limits
from marketplace.community import policies, queries, service
from marketplace.community.models import Team
from marketplace.community.schemas import NamedInput
from marketplace.community.views.routes import Page, blueprint, is_right, load_team, secret
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import Form, access, load_form, redirect_to, render


@blueprint.get("/teams/<slug>/join")
@access("signed_in")
def join(slug: str) -> Page:
    """Say what joining means, and ask whether to be named."""
    found, membership = load_team(slug)
    if membership is not None:
        return redirect_to("community.team", slug=slug)
    return _page(found, Form(), "")


def _page(found: Team, form: Form, token: str) -> tuple[str, int]:
    last = None
    if current_user.is_authenticated:
        last = queries.find_last_membership(found.id, current_user.id)
    return render(
        "community/join.html",
        422 if form.errors else 200,
        team=found,
        about=render_markdown(found.about),
        members=queries.count_members(found.id),
        may_join=policies.may_join_team(found, last, is_invited=is_right(found, token)),
        form=form,
        token=token,
    )


@blueprint.get("/teams/invitation/<token>")
@access("public")
def invitation(token: str) -> Page:
    """Show who invites, to whoever has the team's link."""
    found = queries.get_by_token(token)
    if not policies.may_see_team(found, None, is_invited=True):
        raise NotFound
    if current_user.is_authenticated and queries.find_membership(found.id, current_user.id):
        return redirect_to("community.team", slug=found.slug)
    return secret(_page(found, Form(), token))


@blueprint.post("/teams/<slug>/join")
@access("signed_in")
def enter(slug: str) -> Page:
    """Join the team: what is bought from now on counts."""
    form, now = load_form(NamedInput()), clock.now()
    token = str(form.values.get("token", ""))
    found, _membership = load_team(slug, token=token)
    if not form.ok:
        return _page(found, form, token)
    limits.try_post("team-join", current_user.id, now=now)
    with atomic():
        service.join(
            team_id=found.id,
            is_named=form.data["is_named"],
            is_invited=is_right(found, token),
            by=current_user,
            now=now,
        )
    flash(_("Welcome. What you buy from now on counts for the team, too."))
    return redirect_to("community.team", slug=slug)


@blueprint.post("/teams/<slug>/name")
@access("signed_in")
def show_name(slug: str) -> Page:
    """Let one's name stand on the team's page, or not."""
    found, _membership = load_team(slug)
    form = load_form(NamedInput())
    with atomic():
        service.show_name(
            team_id=found.id, is_named=form.data.get("is_named", False), by=current_user
        )
    flash(_("Saved."))
    return redirect_to("community.people", slug=slug)


@blueprint.post("/teams/<slug>/leave")
@access("signed_in")
def leave(slug: str) -> Page:
    """Leave the team; what was counted stays as a number."""
    found, _membership = load_team(slug)
    with atomic():
        service.leave(team_id=found.id, by=current_user, now=clock.now())
    flash(_("You left. What you buy from now on does not count for the team."))
    return redirect_to("community.own_impact")
