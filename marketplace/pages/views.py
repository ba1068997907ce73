"""Home, how it works, the open ledger, the small print, and what machines ask for."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, request, stream_with_context

from marketplace.catalog import queries as catalog
from marketplace.core.addresses import public_url
from marketplace.core.i18n import LANGUAGES
from marketplace.core.web import access, render
from marketplace.giving import rules as giving
from marketplace.pages import queries
from marketplace.reconciliation import queries as reconciliation

blueprint = Blueprint("pages", __name__)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
PLAIN_PAGES = (
    "/",
    "/products",
    "/projects",
    "/companies",
    "/how-it-works",
    "/ledger",
    "/solvency",
    "/open-data",
    "/impact",
    "/verify",
    "/disclosures",
    "/legal",
    "/privacy",
    "/accessibility",
)
PRIVATE = ("/account", "/basket", "/checkout", "/desk", "/staff", "/orders", "/api", "/webhooks")
"""What search engines have no business with, in any language."""


@blueprint.get("/")
@access("public")
def home() -> tuple[str, int]:
    """Say what this is, show what came of it, and lead into the shop."""
    projects = queries.list_projects_to_show()
    now = reconciliation.hold()
    public = reconciliation.public_totals(_currency(), now)
    shown = reconciliation.project_totals([project.id for project in projects], now)
    return render(
        "pages/home.html",
        totals=public.totals,
        public=public,
        currency=_currency(),
        count=catalog.count_products(catalog.Filters()),
        most=catalog.MOST_COUNTED,
        cards=catalog.list_latest(),
        projects=projects,
        shown=shown,
        money_of=shown.totals,
        return_days=current_app.config["SETTINGS"].return_window_days,
        structured=_organisation(),
    )


@blueprint.get("/how-it-works")
@access("public")
def how_it_works() -> tuple[str, int]:
    """Tell a shopper what happens to the money, step by step."""
    settings = current_app.config["SETTINGS"]
    return render(
        "pages/how_it_works.html",
        return_days=settings.return_window_days,
        commission_bp=settings.commission_bp,
        most_projects=giving.MOST_PROJECTS,
    )


@blueprint.get("/ledger")
@access("public")
def ledger() -> tuple[str, int]:
    """Show the totals, and the whole book by purpose, as they stand at this moment."""
    public = reconciliation.public_totals(_currency())
    return render(
        "pages/ledger.html",
        totals=public.totals,
        public=public,
        currency=_currency(),
        standings=[] if public.is_held else queries.list_standings(_currency()),
    )


@blueprint.get("/legal")
@access("public")
def legal() -> tuple[str, int]:
    """Say who runs this and on what terms."""
    return render("pages/legal.html")


@blueprint.get("/privacy")
@access("public")
def privacy() -> tuple[str, int]:
    """Say what is kept about people, why and how long."""
    return render("pages/privacy.html")


@blueprint.get("/accessibility")
@access("public")
def accessibility() -> tuple[str, int]:
    """Say for whom this works, and for whom not yet."""
    return render("pages/accessibility.html")


@blueprint.get("/robots.txt")
@access("public")
def robots() -> Response:
    """Tell robots where the shop is and what is nobody's business."""
    lines = ["User-agent: *"]
    for place in PRIVATE:
        lines += [f"Disallow: {place}", f"Disallow: /*{place}"]
    lines += ["Disallow: /*?*sort=", "", f"Sitemap: {public_url()}/sitemap.xml", ""]
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
@access("public")
def sitemap() -> Response:
    """List every public page of one language; without a language, the list of those lists."""
    language = request.environ.get("causeway.language")
    parts = _addresses(language) if language else _languages()
    return Response(
        stream_with_context(parts),
        content_type="application/xml; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _languages() -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SITEMAP}">\n'
    for code in LANGUAGES:
        yield f"<sitemap><loc>{public_url()}/{code}/sitemap.xml</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _addresses(language: str) -> Iterator[str]:
    root = f"{public_url()}/{language}"
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}">\n'
    for page in PLAIN_PAGES:
        yield f"<url><loc>{escape(root + page.rstrip('/'))}</loc></url>\n"
    for address in queries.list_addresses():
        yield f"<url><loc>{escape(root + address)}</loc></url>\n"
    yield "</urlset>\n"


def _currency() -> str:
    return str(current_app.config["SETTINGS"].currency)


def _organisation() -> dict[str, object]:
    """Return what search engines read: schema.org's Organization."""
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "Causeway",
        "url": public_url(),
    }
