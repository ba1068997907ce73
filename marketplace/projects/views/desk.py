"""The desk of those who answer for a project: what came, what to tell, what to change."""

from flask import Blueprint, current_app, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import LANGUAGES, _
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.drafts import queries as drafts
from marketplace.federation import queries as federated
from marketplace.federation.models import CommentState
from marketplace.following import queries as following
from marketplace.following.rules import Kind
from marketplace.impact import queries as impact
from marketplace.payouts import queries as payouts
from marketplace.projects import policies, queries, service
from marketplace.projects.models import Project
from marketplace.projects.rules import MOST_PHOTOS
from marketplace.projects.schemas import ProposalInput, TextsInput
from marketplace.questions import queries as questions
from marketplace.questions.models import of_project
from marketplace.volunteer_translations import queries as translations

blueprint = Blueprint("project_desk", __name__)


def own(slug: str) -> Project:
    """Return a project of the caller's.

    :raises NotFound: it is not theirs.
    """
    project = queries.get_by_slug(slug)
    membership = queries.find_membership(project.id, current_user.id)
    if not policies.may_write(membership):
        raise NotFound
    return project


@blueprint.get("/project-desk")
@access("member")
def projects() -> tuple[str, int] | Response:
    """List the caller's projects; who answers for one goes straight to it."""
    owned = queries.list_owned(current_user.id)
    if len(owned) == 1:
        return redirect_to("project_desk.today", slug=owned[0].slug)
    totals = impact.project_totals([project.id for project in owned])
    return render("projects/desk/projects.html", projects=[(one, totals[one.id]) for one in owned])


@blueprint.get("/project-desk/<slug>")
@access("member")
def today(slug: str) -> tuple[str, int]:
    """Show what can be spent, what is to do, and the form for an update."""
    return today_page(own(slug), Form(), 200)


def today_page(project: Project, form: Form, status: int) -> tuple[str, int]:
    """Render it, with what was typed into the form for an update."""
    totals = impact.project_totals([project.id])[project.id]
    return render(
        "projects/desk/today.html",
        status,
        project=project,
        totals=totals,
        next_release=queries.find_next_release(project.id) if totals.pending_minor else None,
        payouts=payouts.list_of(project.id, 5),
        budget=queries.list_budget(project.id),
        followers=following.count_followers(Kind.PROJECT, project.id),
        answers=federated.count_comments(CommentState.WAITING, project_id=project.id),
        questions=questions.count_unanswered(of_project(project)),
        translations=translations.count_waiting(project.id),
        last=next(iter(queries.list_updates(project.id).rows), None),
        form=form,
        drafts=drafts.list_drafts(project.id),
        most_photos=MOST_PHOTOS,
        today=clock.now().date(),
        languages=LANGUAGES,
        language=current_language(),
    )


def amount_of(text: str, currency: str) -> int | None:
    """Return more than zero minor units, or None where the text is no such amount."""
    try:
        return parse_minor(text, currency) or None
    except NotAnAmount:
        return None


@blueprint.route("/project-desk/<slug>/texts", methods=["GET", "POST"])
@access("member")
def texts(slug: str) -> tuple[str, int] | Response:
    """Change what the project says of itself."""
    project = own(slug)
    if request.method == "GET":
        return render("projects/desk/texts.html", project=project, form=Form())
    form = load_form(TextsInput())
    if not form.ok:
        return render("projects/desk/texts.html", 422, project=project, form=form)
    with atomic():
        service.edit(project=own(slug), **form.data)
    return redirect_to("project_desk.today", slug=slug)


@blueprint.route("/projects/propose", methods=["GET", "POST"])
@access("signed_in")
def propose() -> tuple[str, int] | Response:
    """Propose a project to the operator."""
    causes = queries.list_causes()
    currency = current_app.config["SETTINGS"].currency
    if request.method == "GET":
        return render("projects/desk/propose.html", causes=causes, currency=currency, form=Form())
    form = load_form(ProposalInput())
    cause = next((one for one in causes if one.slug == form.data.get("cause")), None)
    goal = amount_of(form.data.pop("goal", ""), currency)
    if form.ok and goal is None:
        form.refuse({"goal": _("Write an amount like 12000.")})
    if "cause" in form.data and cause is None:
        form.refuse({"cause": _("Choose one of the causes.")})
    if not form.ok or cause is None or goal is None:
        return render(
            "projects/desk/propose.html", 422, causes=causes, currency=currency, form=form
        )
    form.data.pop("cause")
    form.data["country"] = form.data["country"] or None
    with atomic():
        project = service.propose(
            **form.data,
            cause=cause,
            goal_minor=goal,
            currency=currency,
            by=current_user,
            now=clock.now(),
        )
    return redirect_to("project_desk.today", slug=project.slug)
