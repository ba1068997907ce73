"""What a project measured, as everybody sees it."""

from flask import Blueprint

from marketplace.core import clock
from marketplace.core.web import access, render
from marketplace.outcomes import queries
from marketplace.outcomes.views.charts import chart
from marketplace.projects.views.public import load

blueprint = Blueprint("outcomes", __name__)


@blueprint.get("/projects/<slug>/outcomes")
@access("public")
def outcomes(slug: str) -> tuple[str, int]:
    """Show what was measured, how, by whom, and what each unit cost."""
    project, membership = load(slug)
    return render(
        "outcomes/outcomes.html",
        project=project,
        membership=membership,
        told=queries.list_told(project.id, today=clock.now().date()),
        chart=chart,
    )
