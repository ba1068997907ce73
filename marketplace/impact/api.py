"""The marketplace's totals for programs."""

from dataclasses import asdict

from flask import current_app
from flask_smorest import Blueprint

from marketplace.core.web import access
from marketplace.impact.schemas import PlatformTotalsOutput
from marketplace.reconciliation.queries import public_totals

blueprint = Blueprint("impact-api", __name__, description="What became of the money")


@blueprint.route("/impact")
@access("public")
@blueprint.response(200, PlatformTotalsOutput)
def impact() -> dict[str, object]:
    """Show the totals of the whole marketplace."""
    currency = str(current_app.config["SETTINGS"].currency)
    public = public_totals(currency)
    totals = public.totals
    return {
        **asdict(totals),
        "is_held_back": public.is_held,
        "currency": currency,
        "given_minor": totals.given_minor,
        "by_companies_minor": totals.by_companies_minor,
    }
