"""The marketplace's totals for programs."""

from dataclasses import asdict

from flask import current_app
from flask_smorest import Blueprint

from marketplace.core.web import access
from marketplace.impact import queries
from marketplace.impact.schemas import PlatformTotalsOutput

blueprint = Blueprint("impact-api", __name__, description="What became of the money")


@blueprint.route("/impact")
@access("public")
@blueprint.response(200, PlatformTotalsOutput)
def impact() -> dict[str, object]:
    """Show the totals of the whole marketplace."""
    currency = str(current_app.config["SETTINGS"].currency)
    totals = queries.platform_totals(currency)
    return {
        **asdict(totals),
        "currency": currency,
        "given_minor": totals.given_minor,
        "by_companies_minor": totals.by_companies_minor,
    }
