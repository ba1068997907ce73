"""Companies for programs: who they are, what they promise, what they gave."""

from typing import Any

from flask_smorest import Blueprint

from marketplace.companies import queries, rules
from marketplace.companies.models import Company, CompanyState
from marketplace.companies.queries import CompanyRow
from marketplace.companies.schemas import CompaniesOutput, CompanyOutput
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.documents import PageQuery
from marketplace.core.errors import NotFound
from marketplace.core.paging import decode_cursor
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access
from marketplace.core.web.api import next_url
from marketplace.core.web.languages import current_language
from marketplace.giving import service as giving
from marketplace.giving.rules import Pledge
from marketplace.people.rules import TeamKind
from marketplace.reconciliation.queries import publishing as published
from marketplace.verification.views import programs

blueprint = Blueprint("companies-api", __name__, description="Who sells here")


@blueprint.route("/companies")
@access("public")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CompaniesOutput)
def companies(given: dict[str, Any]) -> dict[str, object]:  # Any: typed by PageQuery
    """List the companies that sell here, by name."""
    found = queries.list_companies(after=rules.place_of(decode_cursor(given["after"], 2)))
    checked = programs.told(TeamKind.COMPANY, [one.id for one in found.rows])
    return {
        "items": [_card(one, checked) for one in found.rows],
        "next": next_url("/companies", {}, found.next_cursor),
    }


@blueprint.route("/companies/<slug>")
@access("public")
@blueprint.response(200, CompanyOutput)
@blueprint.alt_response(404)
def company(slug: str) -> dict[str, object]:
    """Show one company, its promise and what it gave."""
    found = queries.find_company(slug)
    if found is None or found.state is not CompanyState.VERIFIED:
        raise NotFound
    shown = published.company_totals([found.id])
    return {
        **_card(found, programs.told(TeamKind.COMPANY, [found.id])),
        "about_html": render_markdown(found.about),
        "country": found.country,
        "pledge_sentence": giving.pledge_sentence(
            company=found.name,
            pledge=_pledge(found),
            currency=found.currency,
            language=current_language(),
        ),
        "shipping_minor": found.shipping_minor,
        "free_shipping_from_minor": found.free_shipping_from_minor,
        "people": queries.list_people(found.id),
        "totals": shown.totals[found.id],
        "is_held_back": bool(shown.held),
        "counted_at": shown.counted_at(clock.now()).replace(microsecond=0),
    }


def _pledge(found: Company | CompanyRow) -> Pledge:
    return Pledge(found.pledge_bp, found.pledge_unit_minor)


def _card(found: Company | CompanyRow, checked: programs.Told) -> dict[str, object]:
    return {
        "slug": found.slug,
        "name": found.name,
        "tagline": found.tagline,
        "city": found.city,
        "currency": found.currency,
        "pledge": _pledge(found),
        "verification": checked.get(found.id),
        "url": public_url(f"/companies/{found.slug}"),
    }
