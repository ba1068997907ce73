"""The operator's pages of checks: what waits, and one company or project step by step."""

import uuid

from flask import Blueprint, Response, flash
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import MemberRole
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.media.views import private_paper
from marketplace.papers import queries as gift_papers
from marketplace.payouts import queries as payouts
from marketplace.people import queries as people
from marketplace.people import service as people_service
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification import queries, rules, service
from marketplace.verification.rules import RENEW_BEFORE, PaperState, Result, Step
from marketplace.verification.schemas import (
    AskInput,
    CheckInput,
    HandoverInput,
    JudgeInput,
    ReasonInput,
)

blueprint = Blueprint("verification_staff", __name__)

Page = tuple[str, int] | BaseResponse
KINDS = {"companies": TeamKind.COMPANY, "projects": TeamKind.PROJECT}
ONE = "/staff/<any(companies,projects):kind>/<slug>"


@blueprint.get("/staff/verification")
@access("staff")
def waiting() -> Page:
    """List papers to look at, what ends soon, and projects that nobody answers for."""
    now = clock.now()
    return render(
        "staff/verification.html",
        given=queries.list_given(),
        ending=queries.list_ending((now + RENEW_BEFORE).date()),
        orphans=queries.list_orphans(now),
        today=now.date(),
    )


@blueprint.get(f"{ONE}/verification")
@access("staff")
def one(kind: str, slug: str) -> Page:
    """Show everything about who is behind a company or project, and what may be decided."""
    return _page(kind, people.get_team(KINDS[kind], slug), Form())


def _page(kind: str, team: Team, form: Form, status: int = 200) -> Page:
    today = clock.now().date()
    is_project = team.kind is TeamKind.PROJECT
    checks = queries.list_checks(team)
    last = queries.last_of(checks)
    backing = queries.find_backing(team)
    return render(
        "staff/verify.html",
        422 if form.errors and status == 200 else status,
        kind=kind,
        team=team,
        members=people.list_members(team),
        backing=backing,
        papers=queries.list_papers(team),
        checks=checks,
        missing=rules.missing(last, today),
        level=rules.level_of(last, backing.kind if backing else None, today),
        verification=queries.find_verification(team),
        concerns=queries.count_new_concerns(team),
        account=payouts.find_current(team.id),
        qualified=gift_papers.list_recipients_of([team.id], today) if is_project else {},
        steps=list(Step),
        results=list(Result),
        today=today,
        form=form,
    )


@blueprint.post(f"{ONE}/verification/checks")
@access("staff")
def check(kind: str, slug: str) -> Page:
    """Write down one check."""
    team, form = people.get_team(KINDS[kind], slug), load_form(CheckInput())
    if form.ok:
        with attempt(form):
            service.check(team=team, operator=current_user, now=clock.now(), **form.data)
            flash(_("Written down."))
            return redirect_to("verification_staff.one", kind=kind, slug=slug)
    return _page(kind, team, form)


@blueprint.post(f"{ONE}/verification/decision")
@access("staff")
def decide(kind: str, slug: str) -> Page:
    """Let what was checked hold; what waited or was suspended is opened."""
    team, form = people.get_team(KINDS[kind], slug), load_form(ReasonInput())
    if form.ok:
        try:
            with attempt(form):
                service.decide(
                    team=team,
                    reason=form.data["reason"],
                    operator=current_user,
                    now=clock.now(),
                )
                flash(_("Decided. The public page says what was checked, and until when."))
                return redirect_to("verification_staff.one", kind=kind, slug=slug)
        except Conflict as fact:
            form.refuse({"reason": fact.message})
            return _page(kind, team, form, fact.status)
    return _page(kind, team, form)


@blueprint.post(f"{ONE}/verification/papers")
@access("staff")
def ask(kind: str, slug: str) -> Page:
    """Ask for another paper."""
    team, form = people.get_team(KINDS[kind], slug), load_form(AskInput())
    if form.ok:
        with atomic():
            service.ask_for(
                team=team,
                what=form.data["what"],
                operator=current_user,
                now=clock.now(),
            )
        flash(_("It is asked for on its desk."))
        return redirect_to("verification_staff.one", kind=kind, slug=slug)
    return _page(kind, team, form)


@blueprint.post(f"{ONE}/verification/papers/<uuid:paper_id>")
@access("staff")
def judge(kind: str, slug: str, paper_id: uuid.UUID) -> Page:
    """Accept a paper or refuse it."""
    team, form = people.get_team(KINDS[kind], slug), load_form(JudgeInput())
    if form.ok:
        try:
            with attempt(form):
                service.judge(
                    paper=queries.get_paper(paper_id, team=team),
                    accepts=form.data["what"] == "accept",
                    reason=form.data["reason"],
                    operator=current_user,
                    now=clock.now(),
                )
                return redirect_to("verification_staff.one", kind=kind, slug=slug)
        except Conflict as fact:
            form.refuse({"reason": fact.message})
            return _page(kind, team, form, fact.status)
    return _page(kind, team, form)


@blueprint.get(f"{ONE}/verification/papers/<uuid:paper_id>/file")
@access("staff")
def file(kind: str, slug: str, paper_id: uuid.UUID) -> Response:
    """Give out a paper to the operator."""
    team = people.get_team(KINDS[kind], slug)
    found = [one for one in queries.list_papers(team) if one.id == paper_id]
    if not found or found[0].state is PaperState.ASKED:
        raise NotFound
    return private_paper(found[0].document)


@blueprint.post("/staff/projects/<slug>/handover")
@access("staff")
def hand_over(slug: str) -> Page:
    """Name who answers for a project from now on; who has no account gets an invitation."""
    team, form = people.get_team(TeamKind.PROJECT, slug), load_form(HandoverInput())
    if form.ok:
        with attempt(form):
            now, said = clock.now(), form.data
            user = accounts.find_user(said["email"])
            if user is not None:
                people_service.appoint(
                    team=team,
                    user=user,
                    title=said["title"],
                    said=said["said"],
                    operator=current_user,
                    now=now,
                )
                flash(_("%(name)s answers for it from now on.", name=user.name))
            else:
                people_service.invite(
                    team=team,
                    role=MemberRole.OWNER,
                    locale=current_language(),
                    by=current_user,
                    now=now,
                    **said,
                )
                flash(_("The letter to %(email)s is on its way.", email=said["email"]))
            return redirect_to("verification_staff.one", kind="projects", slug=slug)
    return _page("projects", team, form)
