"""Companies as everybody sees them: who they are, what they promise, what they gave."""

from flask import Blueprint, abort, request

from marketplace.catalog import queries as catalog
from marketplace.companies import queries, rules
from marketplace.companies.models import Company
from marketplace.companies.queries import CompanyRow
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.paging import decode_cursor
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import path
from marketplace.following import service as following
from marketplace.giving import service as giving
from marketplace.giving.rules import Pledge
from marketplace.people.rules import TeamKind
from marketplace.questions.models import of_company
from marketplace.questions.views import talk
from marketplace.reconciliation.queries import publishing as published
from marketplace.reports import queries as reports
from marketplace.verification import queries as verification

blueprint = Blueprint("companies", __name__)


@blueprint.get("/companies")
@access("public")
def companies() -> tuple[str, int]:
    """List the companies that sell here, by name."""
    after = rules.place_of(decode_cursor(request.args.get("after"), 2))
    found = queries.list_companies(after=after)
    return render(
        "companies/companies.html",
        companies=[(one, _promise(one)) for one in found.rows],
        next_url=f"{path('/companies')}?after={found.next_cursor}" if found.next_cursor else None,
        first_url=path("/companies") if after else None,
    )


@blueprint.get("/companies/<slug>")
@access("public")
def company(slug: str) -> tuple[str, int]:
    """Show one company: its people by name, its promise, its products, what it gave."""
    found = queries.find_company(slug)
    if found is None:
        abort(404)
    shown = published.company_totals([found.id])
    return render(
        "companies/company.html",
        company=found,
        about=render_markdown(found.about),
        promise=_promise(found),
        people=queries.list_people(found.id),
        standing=verification.get_shown(TeamKind.COMPANY, found.id),
        today=clock.now().date(),
        cards=catalog.list_of_company(found.id, limit=8),
        totals=shown.totals[found.id],
        shown=shown,
        counted_at=shown.counted_at(clock.now()),
        reports=reports.list_published(found.id),
        talk=talk.newest(of_company(found)),
        structured=_structured(found),
    )


@blueprint.get("/companies/<slug>/promises")
@access("public")
def promises(slug: str) -> tuple[str, int]:
    """Show what a company promises, and what it promised before, with the days."""
    found = queries.find_company(slug)
    if found is None:
        abort(404)
    return render(
        "companies/promises.html",
        company=found,
        promise=_promise(found),
        changes=[
            (
                one,
                following.promise_in_words(
                    one.before_bp, one.before_unit_minor, found.currency, current_language()
                ),
                following.promise_in_words(
                    one.after_bp, one.after_unit_minor, found.currency, current_language()
                ),
            )
            for one in queries.list_pledge_changes(found.id)
        ],
    )


def _promise(company: Company | CompanyRow) -> str:
    return giving.pledge_sentence(
        company=company.name,
        pledge=Pledge(company.pledge_bp, company.pledge_unit_minor),
        currency=company.currency,
        language=current_language(),
    )


def _structured(found: Company) -> dict[str, object]:
    """Return what search engines read: schema.org's Organization."""
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": found.name,
        "description": found.tagline,
        "url": public_url(f"/companies/{found.slug}"),
        "address": {
            "@type": "PostalAddress",
            "addressLocality": found.city,
            "addressCountry": found.country,
        },
    }
