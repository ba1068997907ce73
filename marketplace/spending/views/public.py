"""What a project did with the money, as everybody sees it."""

from flask import Blueprint, request

from marketplace.core.web import access, render
from marketplace.projects import queries as projects
from marketplace.projects.views.public import load
from marketplace.reconciliation.queries import publishing as published
from marketplace.spending import queries
from marketplace.spending.rules import place

blueprint = Blueprint("spending", __name__)


@blueprint.get("/projects/<slug>/spending")
@access("public")
def spending(slug: str) -> tuple[str, int]:
    """Show budget, payouts with what each paid for, and every receipt."""
    project, membership = load(slug)
    after = place(request.args.get("after"))
    page = queries.list_spendings(project.id, after=after)
    return render(
        "spending/spending.html",
        project=project,
        membership=membership,
        totals=published.project_totals([project.id]).totals[project.id],
        budget=projects.list_budget(project.id),
        paid_out=[] if after else queries.list_paid_out(project.id, project.currency),
        page=page,
        corrections=queries.list_corrections([row.id for row in page.rows]),
        is_first=after is None,
    )
