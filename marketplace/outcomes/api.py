"""What projects measured, for programs."""

from flask_smorest import Blueprint

from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.web import access
from marketplace.outcomes import queries
from marketplace.outcomes.models import Outcome, OutcomeEvidence
from marketplace.outcomes.queries import Told
from marketplace.outcomes.rules import plain_number
from marketplace.outcomes.schemas import OutcomesOutput
from marketplace.projects.views.public import load

blueprint = Blueprint("outcomes-api", __name__, description="What became of it")


@blueprint.route("/projects/<slug>/outcomes")
@access("public")
@blueprint.response(200, OutcomesOutput)
@blueprint.alt_response(404)
def outcomes(slug: str) -> dict[str, object]:
    """Show what a project measured, with proofs, reviews, corrections and what a unit cost."""
    project, _membership = load(slug)
    told = queries.list_told(project.id, today=clock.now().date())
    return {
        "project": project.slug,
        "indicators": [_indicator(one, project.currency) for one in told],
    }


def _indicator(told: Told, currency: str) -> dict[str, object]:
    one = told.indicator
    return {
        "id": one.id,
        "title": one.title,
        "unit": one.unit,
        "code": one.code,
        "kind": one.kind.value,
        "baseline": None if one.baseline is None else plain_number(one.baseline),
        "baseline_on": one.baseline_on,
        "target": None if one.target is None else plain_number(one.target),
        "target_on": one.target_on,
        "present": None if told.present is None else plain_number(told.present),
        "cost_per_unit": {
            "currency": currency,
            "cost_minor": told.cost.minor,
            "lowest_minor": told.cost.lowest_minor,
            "highest_minor": told.cost.highest_minor,
            "reports": told.cost.reports,
            "newest_on": told.cost.newest_on,
            "freshness": told.cost.freshness.value,
        },
        "outcomes": [_outcome(value, told) for value in told.outcomes],
    }


def _outcome(value: Outcome, told: Told) -> dict[str, object]:
    return {
        "id": value.id,
        "value": plain_number(value.value),
        "measured_on": value.measured_on,
        "method": value.method,
        "note": value.note,
        "author": value.author.name,
        "published_at": value.published_at,
        "corrects": value.corrects_id,
        "counts": value.id in told.counting,
        "evidence": [{"title": one.title, "url": _url(one)} for one in value.evidence],
        "reviews": [
            {"by": one.reviewer.name, "role": one.role.value, "at": one.at, "note": one.note}
            for one in value.reviews
        ],
    }


def _url(proof: OutcomeEvidence) -> str:
    return proof.url or public_url(proof.path)
