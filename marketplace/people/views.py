"""The people of a company or a project: one page on both desks, and the link in the letter."""

import uuid
from collections.abc import Callable

from flask import Blueprint, current_app, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as account_service
from marketplace.accounts.views import limits, present
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.people import queries, rules, service
from marketplace.people.models import Invitation
from marketplace.people.policies import may_change_people
from marketplace.people.queries import Membership, Team
from marketplace.people.rules import TeamKind
from marketplace.people.schemas import InviteInput, JoinInput, MemberInput

blueprint = Blueprint("people", __name__)

Page = tuple[str, int] | Response
View = Callable[..., Page]
DESKS = {
    TeamKind.COMPANY: "/company/<slug>/people",
    TeamKind.PROJECT: "/project-desk/<slug>/people",
}
TODAY = {TeamKind.COMPANY: "company_desk.desk", TeamKind.PROJECT: "project_desk.today"}


def on_both_desks(rest: str = "", *, method: str = "POST") -> Callable[[View], View]:
    """Serve a view on the desks of companies and of projects; it is told which as `kind`."""

    def decorate(view: View) -> View:
        for kind, desk in DESKS.items():
            blueprint.add_url_rule(
                desk + rest, view_func=view, defaults={"kind": kind}, methods=[method]
            )
        return view

    return decorate


def own_team(kind: TeamKind, slug: str) -> tuple[Team, Membership]:
    """Return a team and what the person who is here is to it.

    :raises NotFound: there is no such team; to others there is none either.
    """
    team = queries.get_team(kind, slug)
    membership = queries.find_membership(team, current_user.id)
    if membership is None:
        raise NotFound
    return team, membership


def managed_team(kind: TeamKind, slug: str) -> Team:
    """Return a team whose people the person who is here may change.

    :raises Forbidden: editors may not.
    """
    team, membership = own_team(kind, slug)
    if not may_change_people(membership):
        raise Forbidden(_l("Only an owner may change who works here."))
    return team


@on_both_desks(method="GET")
@access("member")
def people(kind: TeamKind, slug: str) -> Page:
    """Show who works there, who is invited and what has changed."""
    team, membership = own_team(kind, slug)
    return _page(team, membership, Form())


def _page(team: Team, membership: Membership, form: Form, status: int = 200) -> Page:
    entries = [
        entry
        for entry in accounts.list_audit(team.kind, team.id)
        if entry.action.startswith("people.")
    ]
    return render(
        "people/people.html",
        status,
        team=team,
        members=queries.list_members(team),
        invitations=queries.list_invitations(team, clock.now()),
        entries=entries,
        may_change=may_change_people(membership),
        form=form,
    )


@on_both_desks()
@access("member")
def invite(kind: TeamKind, slug: str) -> Page:
    """Send an invitation, or send it again."""
    team = managed_team(kind, slug)
    now = clock.now()
    form = load_form(InviteInput())
    if form.ok:
        limits.try_letter("invitation", form.data["email"], now=now)
        with attempt(form):
            service.invite(
                team=managed_team(kind, slug),
                by=current_user,
                locale=current_language(),
                now=now,
                **form.data,
            )
            flash(_("The letter to %(email)s is on its way.", email=form.data["email"]))
            return redirect_to("people.people", kind=kind, slug=slug)
    return _page(team, own_team(kind, slug)[1], form, 422)


@on_both_desks("/invitations/<uuid:invitation_id>/withdraw")
@access("member")
def withdraw(kind: TeamKind, slug: str, invitation_id: uuid.UUID) -> Page:
    """Take an invitation back."""
    with atomic():
        service.withdraw(
            team=managed_team(kind, slug),
            invitation_id=invitation_id,
            by=current_user,
            now=clock.now(),
        )
    flash(_("The invitation is withdrawn: its link does not work any more."))
    return redirect_to("people.people", kind=kind, slug=slug)


@on_both_desks("/<uuid:user_id>")
@access("member")
def change(kind: TeamKind, slug: str, user_id: uuid.UUID) -> Page:
    """Change somebody's role and what they do."""
    team = managed_team(kind, slug)
    form = load_form(MemberInput())
    if not form.ok:
        return _page(team, own_team(kind, slug)[1], Form(errors=form.errors), 422)
    return _changed(
        team,
        lambda: service.change(
            team=managed_team(kind, slug),
            user_id=user_id,
            by=current_user,
            now=clock.now(),
            **form.data,
        ),
        _("Saved."),
    )


@on_both_desks("/<uuid:user_id>/remove")
@access("member")
def remove(kind: TeamKind, slug: str, user_id: uuid.UUID) -> Page:
    """Let somebody work there no more."""
    return _changed(
        managed_team(kind, slug),
        lambda: service.remove(
            team=managed_team(kind, slug), user_id=user_id, by=current_user, now=clock.now()
        ),
        _("Removed. What this person did stays as it is."),
    )


@on_both_desks("/leave")
@access("member")
def leave(kind: TeamKind, slug: str) -> Page:
    """Leave."""
    return _changed(
        own_team(kind, slug)[0],
        lambda: service.remove(
            team=own_team(kind, slug)[0],
            user_id=current_user.id,
            by=current_user,
            now=clock.now(),
        ),
        _("You do not work there any more."),
    )


@on_both_desks("/hand-over")
@access("member")
def hand_over(kind: TeamKind, slug: str) -> Page:
    """Name the next owner and leave."""
    try:
        to_id = uuid.UUID(request.form.get("to", ""))
    except ValueError:
        raise NotFound from None
    return _changed(
        managed_team(kind, slug),
        lambda: service.hand_over(
            team=managed_team(kind, slug), to_id=to_id, by=current_user, now=clock.now()
        ),
        _("Handed over. You do not work there any more."),
    )


def _changed(team: Team, change: Callable[[], None], done: str) -> Page:
    """Do something to a team's people and go on; without an owner left the page says why not."""
    try:
        with atomic():
            change()
    except (service.LastOwner, Invalid) as fact:
        form = Form(errors={"people": str(fact.message)})
        if isinstance(fact, Invalid):
            form = Form(errors={name: str(text) for name, text in fact.fields.items()})
        return _page(team, own_team(team.kind, team.slug)[1], form, fact.status)
    flash(done)
    if queries.find_membership(team, current_user.id) is None:
        return redirect_to("accounts.account")
    return redirect_to("people.people", kind=team.kind, slug=team.slug)


@blueprint.get("/invitation/<token>")
@access("public")
def invitation(token: str) -> Page:
    """Ask whether to accept; programs that open links change nothing."""
    return _ask(_invitation_of(token), token, Form())


def _ask(invitation: Invitation, token: str, form: Form, status: int = 200) -> Page:
    return render(
        "people/invitation.html",
        status,
        invitation=invitation,
        team=queries.get_team_of(invitation),
        known=accounts.find_user(invitation.email),
        token=token,
        form=form,
    )


@blueprint.post("/invitation/<token>")
@access("public")
def accept(token: str) -> Page:
    """Begin to work there, with the account that is signed in or with a new one."""
    invitation = _invitation_of(token)
    now = clock.now()
    if current_user.is_authenticated:
        with atomic():
            team = service.accept(invitation_id=invitation.id, user=current_user, now=now)
        return _welcome(team)
    if accounts.find_user(invitation.email) is not None:
        return redirect_to("people.invitation", token=token)
    form = load_form(JoinInput())
    if form.ok:
        with attempt(form):
            user = account_service.admit(
                email=invitation.email, locale=current_language(), now=now, **form.data
            )
            team = service.accept(invitation_id=invitation.id, user=user, now=now)
            present.begin(user, stays=False)
            return _welcome(team)
    return _ask(invitation, token, form, 422)


def _welcome(team: Team) -> Response:
    flash(_("Welcome to %(team)s.", team=team.name))
    return redirect_to(TODAY[team.kind], slug=team.slug)


def _invitation_of(token: str) -> Invitation:
    """Return what a link invites to.

    :raises Conflict: it is forged or too old, was used or withdrawn, or a newer letter was sent.
    """
    key, now = str(current_app.secret_key), clock.now()
    read = rules.read_invitation_token(token, secret_key=key, now=now)
    found = queries.find_invitation(read[0]) if read is not None else None
    if read is None or found is None or found.ended_at or found.expires_at <= now:
        raise Conflict(
            _l("This invitation was used or withdrawn, or it is too old. Ask for a new one.")
        )
    if not rules.is_latest_letter(read[1], invited_at=found.invited_at, secret_key=key):
        raise Conflict(_l("A newer letter was sent to you. Please follow the link in that one."))
    return found
