"""The desk's page of a project's end: what becomes of its money, and who comes after it."""

from flask import flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.models import MemberRole
from marketplace.checkout.queries import routes
from marketplace.core import clock
from marketplace.core.errors import Forbidden, Invalid, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.impact import queries as impact
from marketplace.payouts import queries as payouts
from marketplace.projects import queries, service
from marketplace.projects.models import Project, ProjectState
from marketplace.projects.schemas import ClosingInput, SuccessorInput
from marketplace.projects.views.desk import blueprint

Page = tuple[str, int] | Response
CAN_END = (ProjectState.OPEN, ProjectState.FULL, ProjectState.PAUSED)


def _owned(slug: str) -> Project:
    """Return a project of which the caller is an owner.

    :raises NotFound: it is not theirs.
    :raises Forbidden: they are an editor.
    """
    project = queries.get_by_slug(slug)
    membership = queries.find_membership(project.id, current_user.id)
    if membership is None:
        raise NotFound
    if membership.role is not MemberRole.OWNER:
        raise Forbidden(_l("Only an owner may end a project."))
    return project


@blueprint.get("/project-desk/<slug>/closing")
@access("member")
def closing(slug: str) -> Page:
    """Show what would become of the money, before anything is ended."""
    return _page(_owned(slug), Form())


def _page(project: Project, form: Form) -> Page:
    following = routes.find_next(project.id, project.currency)
    named = {one for one in (following, project.successor_id) if one}
    return render(
        "projects/desk/closing.html",
        422 if form.errors else 200,
        project=project,
        totals=impact.project_totals([project.id])[project.id],
        waiting=payouts.on_accounts(project.id, project.currency),
        slugs=queries.slugs_of(named),
        following=following,
        titles=routes.list_titles(named),
        can_end=project.state in CAN_END,
        form=form,
    )


@blueprint.post("/project-desk/<slug>/closing/successor")
@access("member")
def name_successor(slug: str) -> Page:
    """Name who gets what is left."""
    form = load_form(SuccessorInput())
    project = _owned(slug)
    if form.ok:
        with attempt(form):
            wanted = form.data["successor"].rstrip("/").rpartition("/")[2]
            service.name_successor(
                project=_owned(slug),
                successor=_named(wanted) if wanted else None,
                by=current_user,
                now=clock.now(),
            )
            flash(_("Saved. Everybody can read it on the public page."))
            return redirect_to("project_desk.closing", slug=slug)
    return _page(project, form)


def _named(slug: str) -> Project:
    try:
        return queries.get_by_slug(slug)
    except NotFound:
        message = _("There is no project at this address.")
        raise Invalid(fields={"successor": message}) from None


@blueprint.post("/project-desk/<slug>/closing")
@access("member")
def close(slug: str) -> Page:
    """End a project for good; what it has goes on by a job."""
    form = load_form(ClosingInput())
    project = _owned(slug)
    if form.ok and not form.data["is_meant"]:
        form.refuse({"is_meant": _("Tick this, if you mean it.")})
    if form.ok:
        with attempt(form):
            service.move(
                project=_owned(slug),
                how="close",
                operator=current_user,
                reason=form.data["reason"],
                now=clock.now(),
            )
            flash(_("The project is closed. What it had with us goes on its way now."))
            return redirect_to("project_desk.closing", slug=slug)
    return _page(project, form)
