"""The operator's view of companies: verify and suspend."""

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies import queries, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.web import access, redirect_to, render

blueprint = Blueprint("companies_staff", __name__)


@blueprint.get("/staff/companies")
@access("staff")
def companies() -> tuple[str, int]:
    """List every company with its state."""
    return render("staff/companies.html", companies=queries.list_all())


@blueprint.post("/staff/companies/<slug>/<how>")
@access("staff")
def move(slug: str, how: str) -> Response:
    """Verify or suspend a company; the reason goes into the audit log."""
    if how not in ("verify", "suspend"):
        raise NotFound
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Invalid(_l("Say why: it goes into the audit log."))
    with atomic():
        service.move(
            slug=slug, how=how, operator=current_user, reason=reason[:500], now=clock.now()
        )
    return redirect_to("companies_staff.companies")
