"""The desk's page of the budget: what the goal is needed for."""

import uuid
from itertools import zip_longest

from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _
from marketplace.core.money import to_decimal_text
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.projects import queries, service
from marketplace.projects.models import Project
from marketplace.projects.schemas import BudgetInput
from marketplace.projects.views.desk import amount_of, blueprint, own

SPARE_LINES = 3
"""Empty lines below the budget's own, to be filled in without a script."""

Row = tuple[str, str, str, str]
"""Id, title and amount of a line, and `minimum` or nothing, as written in the form."""


@blueprint.get("/project-desk/<slug>/budget")
@access("member")
def budget(slug: str) -> tuple[str, int]:
    """Show the budget as a form."""
    project = own(slug)
    rows = [
        (
            *(str(line.id), line.title, to_decimal_text(line.amount_minor, project.currency)),
            "minimum" if line.is_minimum else "",
        )
        for line, _spent in queries.list_budget(project.id)
    ]
    return _page(project, rows, Form(), 200)


@blueprint.post("/project-desk/<slug>/budget")
@access("member")
def set_budget(slug: str) -> tuple[str, int] | Response:
    """Change the budget; on a mistake the form comes back as it was."""
    project = own(slug)
    form = load_form(BudgetInput())
    columns = [form.values.get(name, []) for name in ("ids", "titles", "amounts", "needed")]
    rows: list[Row] = list(zip_longest(*columns, fillvalue=""))
    written = [row for row in rows if row[1].strip() or row[2].strip()]
    if not form.ok:
        return _page(project, written, form, 422)
    try:
        with atomic():
            project = own(slug)
            service.change_budget(
                project=project,
                lines=[_line(row, project.currency) for row in written],
                goal_minor=_goal(form, project),
                reason=form.data["reason"],
                by=current_user,
                now=clock.now(),
            )
    except Invalid as error:
        form.refuse(error.fields)
        return _page(own(slug), written, form, 422)
    return redirect_to("project_desk.budget", slug=slug)


def _page(project: Project, rows: list[Row], form: Form, status: int) -> tuple[str, int]:
    empty = [("", "", "", "")] * SPARE_LINES
    page = "projects/desk/budget.html"
    goal = to_decimal_text(project.goal_minor, project.currency)
    shown = {"project": project, "rows": [*rows, *empty], "goal": goal}
    return render(page, status, form=form, **shown)


def _goal(form: Form, project: Project) -> int:
    """Read the goal of the form; one left empty stays as it is.

    :raises Invalid: it is no amount.
    """
    goal = form.data["goal"].strip()
    amount = amount_of(goal, project.currency) if goal else project.goal_minor
    if amount is None:
        raise Invalid(fields={"goal": _("Write an amount like 12000.")})
    return amount


def _line(row: Row, currency: str) -> tuple[uuid.UUID | None, str, int, bool]:
    """Read a line of the form.

    :raises Invalid: it has no title, or its amount is none.
    """
    amount = amount_of(row[2], currency)
    if not row[1].strip():
        raise Invalid(fields={"titles": _("Say what each amount is for.")})
    if amount is None:
        raise Invalid(fields={"amounts": _("Write an amount like 686.00 in each line.")})
    try:
        line_id = uuid.UUID(row[0]) if row[0] else None
    except ValueError:
        raise Invalid(fields={"titles": _("Reload the page and try again.")}) from None
    return line_id, row[1].strip(), amount, row[3] == "minimum"
