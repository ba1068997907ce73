"""Published reports for programs."""

from flask import current_app
from flask_smorest import Blueprint

from marketplace.companies.models import CompanyState
from marketplace.core.errors import NotFound
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access
from marketplace.reports import queries
from marketplace.reports.models import Report, ReportState
from marketplace.reports.rules import Figures
from marketplace.reports.schemas import ReportOutput, ReportsOutput

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
def report(slug: str, report_slug: str) -> dict[str, object]:
    """Show a published report: its figures as they were taken, and the company's words."""
    found = queries.get_report(slug, report_slug)
    if found.state is not ReportState.PUBLISHED:
        raise NotFound
    return {
        **_card(found, slug),
        "is_company_suspended": found.company.state is CompanyState.SUSPENDED,
        "message_html": render_markdown(found.message),
        "done_badly_html": render_markdown(found.done_badly),
        "figures": Figures.from_json(found.figures),
    }


def _card(found: Report, company: str) -> dict[str, object]:
    names = ("slug", "title", "starts_on", "ends_on", "currency", "as_of", "published_at")
    address = f"/companies/{company}/reports/{found.slug}"
    return {
        **{name: getattr(found, name) for name in names},
        "last_transaction": found.last_transaction_id,
        "url": f"{current_app.config['PUBLIC_URL']}{address}",
    }
