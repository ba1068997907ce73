"""What projects spent, for programs."""

from typing import Any

from flask_smorest import Blueprint

from marketplace.core.addresses import public_url
from marketplace.core.documents import PageQuery
from marketplace.core.web import access
from marketplace.core.web.api import next_url
from marketplace.projects.models import Spending
from marketplace.projects.views.public import load
from marketplace.spending import queries
from marketplace.spending.rules import place
from marketplace.spending.schemas import SpendingsOutput

blueprint = Blueprint("spending-api", __name__, description="What was spent")


@blueprint.route("/projects/<slug>/spending")
@access("public")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, SpendingsOutput)
@blueprint.alt_response(404)
def spending(given: dict[str, Any], slug: str) -> dict[str, object]:  # Any: typed by the schema
    """List a project's receipts, the newest first, with those that were corrected since."""
    project, _membership = load(slug)
    page = queries.list_spendings(project.id, after=place(given["after"]))
    corrected = queries.list_corrections([row.id for row in page.rows])
    return {
        "currency": project.currency,
        "items": [_item(row, counts=row.id not in corrected) for row in page.rows],
        "next": next_url(f"/projects/{project.slug}/spending", {}, page.next_cursor),
    }


def _item(row: Spending, *, counts: bool) -> dict[str, object]:
    paid = None
    if row.rate is not None:
        paid = {
            "currency": row.local_currency,
            "amount_minor": row.local_minor,
            "rate": f"{row.rate.normalize():f}",
            "rate_on": row.rate_on,
            "rate_source": row.rate_source,
        }
    return {
        "id": row.id,
        "spent_on": row.spent_on,
        "amount_minor": row.amount_minor,
        "paid": paid,
        "payee": row.payee,
        "purpose": row.purpose,
        "note": row.note,
        "receipt_url": public_url(row.receipt_path),
        "corrects": row.corrects_id,
        "counts": counts,
    }
