"""Things that are shared, each with the same few facts: for pictures, cards, posters, links."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten
from urllib.parse import urlsplit

from babel import Locale
from flask import request

from marketplace.catalog import queries as catalog
from marketplace.catalog.views import offering
from marketplace.community import queries as community
from marketplace.community.queries import Standing
from marketplace.community.views.routes import load_team
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _, ngettext
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import long_date, plain_money
from marketplace.giving import service as giving
from marketplace.impact.queries import CompanyTotals, ProjectTotals
from marketplace.look.art import art_url, draw
from marketplace.projects.views.public import load
from marketplace.reconciliation import queries as published
from marketplace.reconciliation.queries import Published
from marketplace.reports import queries as reports
from marketplace.reports.rules import Figure, Figures

LONGEST_SUMMARY = 150
WHOLE_BP = 10_000


@dataclass(frozen=True)
class Shown:
    """What is told of a thing; `page` is its address without the language."""

    page: str
    eyebrow: str
    title: str
    summary: str
    figure: str
    note: str
    art: str
    """The address of its drawing."""
    parts: tuple[tuple[str, float], ...] = ()
    """Of a bar: which colour, and what share of the whole."""

    @property
    def url(self) -> str:
        """Return the whole address in the language of this page."""
        return f"{public_url()}{request.script_root}{self.page}"

    @property
    def picture_url(self) -> str:
        """Return the whole address of its picture, in the language of this page."""
        return f"{public_url()}{request.script_root}/share{self.page}.png"

    @property
    def bar(self) -> list[tuple[str, int]]:
        """Return the parts of its bar in basis points."""
        return [(kind, round(share * WHOLE_BP)) for kind, share in self.parts]

    @property
    def told(self) -> dict[str, object]:
        """Return what a drawing needs to know."""
        kind, *rest = self.art.removeprefix("/art/").removesuffix(".svg").split("/")
        return {
            "lang": current_language(),
            "art": draw(kind, tuple(rest)) or "",
            "is_land": kind != "cloth",
            "eyebrow": self.eyebrow,
            "title": self.title,
            "summary": shorten(self.summary, LONGEST_SUMMARY, placeholder=" …"),
            "figure": self.figure,
            "note": self.note,
            "parts": [list(part) for part in self.parts],
            "place": urlsplit(public_url()).netloc,
        }


def _counted_on(shown: Published[ProjectTotals] | Published[CompanyTotals]) -> str:
    return long_date(shown.counted_at(clock.now()).date())


def of_project(slug: str) -> Shown:
    """Return a project that the caller may see.

    :raises NotFound: there is none, or they may not know of it.
    """
    found, _membership = load(slug)
    shown = published.project_totals([found.id])
    totals = shown.totals[found.id]
    whole = max(found.goal_minor, totals.given_minor, 1)
    stages = (
        ("spent", totals.spent_of_paid_minor),
        ("paid", totals.unspent_minor),
        ("held", totals.held_minor),
    )
    return Shown(
        page=f"/projects/{found.slug}",
        eyebrow=", ".join(
            filter(None, [found.organisation, found.place or _country(found.country)])
        ),
        title=found.title,
        summary=found.summary,
        figure=plain_money(totals.given_minor, found.currency),
        note=_(
            "of %(goal)s, counted %(day)s",
            goal=plain_money(found.goal_minor, found.currency),
            day=_counted_on(shown),
        ),
        art=art_url("topo", found.slug),
        parts=tuple((kind, minor / whole) for kind, minor in stages if minor > 0),
    )


def of_company(slug: str) -> Shown:
    """Return a company.

    :raises NotFound: there is none that sells.
    """
    found = companies.find_company(slug)
    if found is None:
        raise NotFound
    shown = published.company_totals([found.id])
    totals = shown.totals[found.id]
    return Shown(
        page=f"/companies/{found.slug}",
        eyebrow=", ".join(filter(None, [found.city, _country(found.country)])),
        title=found.name,
        summary=found.tagline,
        figure=plain_money(totals.given_minor, found.currency),
        note=ngettext(
            "given to %(num)d project, counted %(day)s",
            "given to %(num)d projects, counted %(day)s",
            totals.projects,
            day=_counted_on(shown),
        ),
        art=art_url("cloth", found.palette, found.name),
    )


def of_report(slug: str, report_slug: str) -> Shown:
    """Return a published report.

    :raises NotFound: there is none.
    """
    found = reports.get_published(slug, report_slug)
    report, given_minor = found.report, Figures.from_json(found.figures)[Figure.GIVEN]
    period = _(
        "%(start)s to %(end)s", start=long_date(report.starts_on), end=long_date(report.ends_on)
    )
    return Shown(
        page=f"/companies/{report.company.slug}/reports/{report.slug}",
        eyebrow=_("Report of %(company)s", company=report.company.name),
        title=found.title,
        summary=period,
        figure=plain_money(given_minor, report.currency),
        note=_("given to projects that customers chose"),
        art=art_url("cloth", report.company.palette, report.company.name),
    )


def of_product(slug: str) -> Shown:
    """Return a product that is offered.

    :raises NotFound: there is none.
    """
    found = catalog.find_product(slug)
    if found is None:
        raise NotFound
    pledge = offering.pledge_of(found)
    return Shown(
        page=f"/products/{found.slug}",
        eyebrow=found.company.name,
        title=found.title,
        summary=giving.pledge_sentence(
            company=found.company.name,
            pledge=pledge,
            currency=found.currency,
            language=current_language(),
        ),
        figure=plain_money(found.price_from_minor, found.currency),
        note=_("VAT included, as of %(day)s", day=long_date(clock.now().date())),
        art=art_url("cloth", found.company.palette, found.company.name),
    )


def of_team(slug: str) -> Shown:
    """Return a team that everybody may see, with what companies gave through it.

    :raises NotFound: there is none; one by invitation is not shown elsewhere.
    """
    found, _membership = load_team(slug)
    if not found.is_public or found.suspended_at is not None:
        raise NotFound
    is_held = published.hold().since is not None
    standing = Standing() if is_held else community.standing_of_team(found.id, found.currency)
    return Shown(
        page=f"/teams/{found.slug}",
        eyebrow=_("A team on Causeway"),
        title=found.name,
        summary=_people(community.count_members(found.id)),
        figure="" if is_held else plain_money(standing.pledge.given_minor, found.currency),
        note=ngettext(
            "from companies’ prices to %(num)d project, counted %(day)s",
            "from companies’ prices to %(num)d projects, counted %(day)s",
            len(standing.projects),
            day=long_date(clock.now().date()),
        ),
        art=art_url("topo", found.slug),
    )


def _people(count: int) -> str:
    return ngettext("%(num)d person", "%(num)d people", count)


OF: dict[str, Callable[[str], Shown]] = {
    "projects": of_project,
    "companies": of_company,
    "products": of_product,
    "teams": of_team,
}
"""By the first part of the address."""


def at(page: str) -> Shown:
    """Return what stands at an address without a language.

    :raises NotFound: nothing that is shared.
    """
    match page.strip("/").split("/"):
        case [kind, slug] if kind in OF:
            return OF[kind](slug)
        case ["companies", slug, "reports", report_slug]:
            return of_report(slug, report_slug)
    raise NotFound


def _country(code: str | None) -> str:
    names = Locale.parse(current_language()).territories
    return str(names.get(code, code)) if code else ""
