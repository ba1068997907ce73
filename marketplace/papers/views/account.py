"""A year of a signed-in person's own gifts."""

from datetime import MAXYEAR, MINYEAR

from flask import Response, request
from flask_login import current_user

from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.web import access, render
from marketplace.papers import queries
from marketplace.papers.views import documents
from marketplace.papers.views.routes import blueprint, pdf, private


@blueprint.get("/account/gifts")
@access("signed_in")
def gifts() -> Response:
    """Show the gift receipts of a year, what they add up to, and what may still be asked for."""
    years = queries.list_years(current_user.id)
    wanted = request.args.get("year", "")
    year = next((one for one in years if str(one) == wanted), max(years, default=None))
    receipts = queries.list_receipts_of_person(current_user.id, year) if year else []
    sums: dict[str, int] = {}
    for one in receipts:
        if one.cancelled_at is None:
            sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
    return private(
        render(
            "papers/gifts.html",
            years=years,
            year=year,
            receipts=receipts,
            sums=sums,
            orders=queries.list_own_gifts(current_user.id, year) if year else [],
            tokens=queries.tokens_of({one.order_id for one in receipts}),
        )
    )


@blueprint.get("/account/gifts/<int:year>.pdf")
@access("signed_in")
def gifts_pdf(year: int) -> Response:
    """Serve the summary of a year."""
    if not MINYEAR <= year <= MAXYEAR:
        raise NotFound
    receipts = queries.list_receipts_of_person(current_user.id, year)
    if not receipts:
        raise NotFound
    return pdf(documents.year_pdf(year, receipts, current_user.name, clock.now()), f"gifts-{year}")
