"""The operator's view of companies: suspend; `verification` lets them sell."""

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.checkout import service as checkout
from marketplace.companies import queries, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import access, redirect_to, render
from marketplace.ledger import queries as ledger
from marketplace.payouts import queries as payouts

blueprint = Blueprint("companies_staff", __name__)


@blueprint.get("/staff/companies")
@access("staff")
def companies() -> tuple[str, int]:
    """List every company with its state."""
    return render(
        "staff/companies.html",
        companies=queries.list_all(),
        owed={one.owner_id: one for one in ledger.list_owed_by_companies()},
    )


@blueprint.post("/staff/companies/<slug>/recover")
@access("staff")
def recover(slug: str) -> Response:
    """Take back what a company owes from the last payout that it got, as far as that reaches."""
    company = next((one for one in queries.list_all() if one.slug == slug), None)
    if company is None:
        raise NotFound
    paid = next(
        (one for one in payouts.list_of(company.id) if one.paid_at and one.provider_id), None
    )
    if paid is None:
        raise Conflict(_l("This company was paid nothing that could be taken back."))
    with atomic():
        checkout.recover(
            company_id=company.id,
            transfer_id=str(paid.provider_id),
            paid_minor=paid.amount_minor - paid.returned_minor,
            currency=paid.currency,
            by=current_user,
            reason=request.form.get("reason", "")[:500],
            now=clock.now(),
        )
    flash(_("The payment provider is asked to take it back. Until it does, the debt stands."))
    return redirect_to("companies_staff.companies")


@blueprint.post("/staff/companies/<slug>/suspend")
@access("staff")
def suspend(slug: str) -> Response:
    """Suspend a company; the reason goes into the audit log."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Invalid(_l("Say why: it goes into the audit log."))
    with atomic():
        service.move(
            slug=slug, how="suspend", operator=current_user, reason=reason[:500], now=clock.now()
        )
    return redirect_to("companies_staff.companies")
