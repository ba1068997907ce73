"""Published reports for programs."""

from flask import Response, current_app, jsonify
from flask_smorest import Blueprint

from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.web import access
from marketplace.reports import queries
from marketplace.reports.queries import Card
from marketplace.reports.schemas import ReportOutput, ReportsOutput, signed_output

blueprint = Blueprint("reports-api", __name__, description="What companies report")


@blueprint.route("/companies/<slug>/reports")
@access("public")
@blueprint.response(200, ReportsOutput)
@blueprint.alt_response(404)
def reports(slug: str) -> dict[str, object]:
    """List a company's published reports, the newest period first."""
    company = queries.find_company(slug)
    if company is None:
        raise NotFound
    return {"items": [_card(one, slug) for one in queries.list_published(company.id)]}


@blueprint.route("/companies/<slug>/reports/<report_slug>")
@access("public")
@blueprint.response(200, ReportOutput)
@blueprint.alt_response(404)
def report(slug: str, report_slug: str) -> Response:
    """Show the newest version of a report: its figures as they were taken, and its words."""
    found = queries.get_published(slug, report_slug)
    told = signed_output(
        found,
        queries.list_claims(found.id),
        public_url=public_url(),
        is_newest=True,
        signer=current_app.config["LOG_SIGNER"],
    )
    return jsonify(told)


def _card(found: Card, company: str) -> dict[str, object]:
    names = ("slug", "title", "starts_on", "ends_on", "currency", "as_of", "published_at")
    address = f"/companies/{company}/reports/{found.slug}"
    return {
        **{name: getattr(found, name) for name in names},
        "version": found.number,
        "last_transaction": found.last_transaction_id,
        "url": public_url(address),
    }
