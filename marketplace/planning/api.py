"""What projects plan, for programs."""

from dataclasses import asdict

from flask_smorest import Blueprint

from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.web import access
from marketplace.outcomes import queries as outcomes
from marketplace.outcomes.queries import Told
from marketplace.outcomes.rules import plain_number
from marketplace.planning import queries
from marketplace.planning.rules import target_name
from marketplace.planning.schemas import PlanOutput
from marketplace.projects.views.public import load

blueprint = Blueprint("planning-api", __name__, description="What is planned")


@blueprint.route("/projects/<slug>/plan")
@access("public")
@blueprint.response(200, PlanOutput)
@blueprint.alt_response(404)
def plan(slug: str) -> dict[str, object]:
    """Show what a project plans: budget and its changes, milestones, targets, needs, and more.

    With it comes what went wrong and what it has or applied for elsewhere.
    """
    project, _membership = load(slug)
    today = clock.now().date()
    found = queries.get_plan(project.id, today=today)
    base = public_url()
    return {
        "project": project.slug,
        "currency": project.currency,
        "goal_minor": project.goal_minor,
        "minimum_minor": sum(line.amount_minor for line, _ in found.budget if line.is_minimum),
        "budget": [{**asdict(line), "spent_minor": spent} for line, spent in found.budget],
        "changes": [asdict(one) for one in found.revisions],
        "milestones": [
            {
                "title": one.title,
                "due_on": one.due_on,
                "reached_on": one.reached_on,
                "is_late": one.is_late(today),
                "update": one.update_id,
            }
            for one in found.milestones
        ],
        "sdgs": project.sdgs,
        "targets": [
            {"number": number, "name": target_name(number, "en")} for number in project.sdg_targets
        ],
        "indicators": [_indicator(one) for one in outcomes.list_told(project.id, today=today)],
        "outcomes_url": f"{base}/api/v1/projects/{project.slug}/outcomes",
        "needs": [
            {
                "id": need,
                "kind": kind,
                "title": title,
                "until_on": until,
                "url": f"{base}/projects/{project.slug}/needs/{need}",
            }
            for need, kind, title, until in found.needs
        ],
        "funding_elsewhere": [asdict(one) for one in found.funding],
        "went_wrong": [asdict(one) for one in found.wrong],
    }


def _indicator(told: Told) -> dict[str, object]:
    one = told.indicator
    return {
        "id": one.id,
        "title": one.title,
        "unit": one.unit,
        "code": one.code,
        "kind": one.kind.value,
        "baseline": None if one.baseline is None else plain_number(one.baseline),
        "target": None if one.target is None else plain_number(one.target),
        "target_on": one.target_on,
        "present": None if told.present is None else plain_number(told.present),
    }
