"""Tell of one purchase what the companies give of it, in the words of a version."""

from collections.abc import Iterator
from datetime import date

from babel.dates import format_date

from marketplace.core.i18n import _
from marketplace.core.money import format_minor
from marketplace.disclosures.rules import (
    CompanyTold,
    Disclosed,
    Jurisdiction,
    LineTold,
    ProjectTold,
    PurchaseTold,
    Times,
    jurisdiction_of,
)
from marketplace.disclosures.service.wording import Version, current
from marketplace.giving.rules import Pledge


def disclose(purchase: PurchaseTold, *, language: str, day: date) -> Disclosed:
    """Return what the shopper is told before paying, in the language in use.

    `language` is its code, for amounts and days.
    """
    version = current(jurisdiction_of(purchase.country), day)
    return Disclosed(version.id, "\n".join(_paragraphs(version, purchase, language)))


def _paragraphs(version: Version, purchase: PurchaseTold, language: str) -> Iterator[str]:
    def amount(minor: int) -> str:
        return format_minor(minor, purchase.currency, language)

    for company in purchase.companies:
        yield str(version.company) % {
            "company": company.name,
            "amount": amount(company.share_minor),
            "net": amount(company.net_minor),
            "terms": _terms(company, purchase.currency, language),
        } + _end(version, company, language)
    projects = "; ".join(
        f"{one.title} ({one.organisation}), {amount(one.amount_minor)}"
        for one in purchase.projects
        if one.amount_minor
    )
    if projects:
        yield str(version.projects) % {"projects": projects}
    times = {
        "return_days": purchase.times.return_days,
        "payout_days": purchase.times.payout_days,
    }
    for text in version.closing:
        yield str(text) % times
    if purchase.top_up_minor:
        yield str(version.top_up) % {"amount": amount(purchase.top_up_minor)}


def _end(version: Version, company: CompanyTold, language: str) -> str:
    """Return until when a company has promised it, where that has to be said."""
    if company.until is not None and version.until is not None:
        day = format_date(company.until, "long", locale=language)
        return " " + str(version.until) % {"company": company.name, "day": day}
    return " " + str(version.endless) % {"company": company.name} if version.endless else ""


def _terms(company: CompanyTold, currency: str, language: str) -> str:
    """Return by what a company's part is counted: of each thing where they differ."""
    by_pledge: dict[Pledge, list[LineTold]] = {}
    for line in company.lines:
        by_pledge.setdefault(line.pledge, []).append(line)
    if len(by_pledge) == 1:
        return _rate(company.lines[0].pledge, currency, language)
    return "; ".join(
        f"{_rate(pledge, currency, language)}: {', '.join(line.title for line in lines)}"
        for pledge, lines in by_pledge.items()
    )


def _rate(pledge: Pledge, currency: str, language: str) -> str:
    if pledge.unit_minor is not None:
        return _("%(amount)s per item", amount=format_minor(pledge.unit_minor, currency, language))
    share = f"{(pledge.share_bp or 0) / 100:g}"
    return _(
        "%(share)s%% of the price without VAT",
        share=share if language == "en" else share.replace(".", ","),
    )


_EXAMPLE_OF = {
    Jurisdiction.EU: ("IT", "EUR"),
    Jurisdiction.UK: ("GB", "GBP"),
    Jurisdiction.US: ("US", "USD"),
    Jurisdiction.OTHER: ("CH", "CHF"),
}


def example(version: Version, *, times: Times, language: str) -> list[str]:
    """Return the paragraphs of a version, told of an invented purchase."""
    country, currency = _EXAMPLE_OF[version.jurisdiction]
    line = LineTold(_("Scarf"), Pledge(share_bp=800, unit_minor=None), 3000, 240)
    purchase = PurchaseTold(
        country=country,
        currency=currency,
        companies=[CompanyTold(_("Example Weavers"), [line], date(version.since.year + 1, 12, 31))],
        projects=[
            ProjectTold(_("A well for the school"), _("Example Association"), 160),
            ProjectTold(_("Books for everybody"), _("Another Association"), 80),
        ],
        top_up_minor=200,
        times=times,
    )
    return list(_paragraphs(version, purchase, language))
