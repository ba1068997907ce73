"""What a page says of a version: its parts with figures and words, published or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.companies.models import Company
from marketplace.core.i18n import _
from marketplace.core.rich_text import render_markdown
from marketplace.core.web.texts import amount_writer, long_date, long_time, number, percent
from marketplace.look.charts import Series, bar_chart
from marketplace.reports.models import Claim, ReportProject, Section, Version
from marketplace.reports.queries import Share
from marketplace.reports.rules import (
    INPUTS,
    OWN_WORDS,
    By,
    Figure,
    Figures,
    Group,
    Part,
    part_of,
)
from marketplace.reports.views.indexing import index_of, index_text, inputs_text, target_text
from marketplace.reports.views.words import PARTS, amount_of, country_name, group_name, terms_name


@dataclass(frozen=True)
class Told:
    """One part as a page shows it."""

    part: Part
    title: str
    html: str
    """The company's own words."""


def parts_of(version: Version) -> list[Told]:
    """Return the parts that are shown, in the company's order, with its words as HTML."""
    return [
        Told(section.part, str(PARTS[section.part]), render_markdown(section.text))
        for section in sorted(version.sections, key=lambda one: one.position)
        if is_told(section)
    ]


def is_told(section: Section) -> bool:
    """Say whether a part is shown: one that is words only needs some."""
    return section.is_shown and (section.part not in OWN_WORDS or bool(section.text.strip()))


def period_text(version: Version) -> str:
    """Return from when to when a report goes."""
    start, end = long_date(version.report.starts_on), long_date(version.report.ends_on)
    return str(_("%(start)s to %(end)s", start=start, end=end))


def scope_text(version: Version) -> str:
    """Return what of the company's sales a report is about."""
    if not version.countries:
        return str(_("It is about all sales here, wherever they were sent."))
    names = ", ".join(country_name(code) for code in version.countries)
    return str(_("It is about what was sent to: %(countries)s.", countries=names))


def as_of_text(version: Version) -> str:
    """Return up to which entry of the ledger the figures go."""
    return str(
        _(
            "Figures as of %(moment)s UTC, up to entry %(number)s of the ledger.",
            moment=long_time(version.as_of),
            number=version.last_transaction_id,
        )
    )


def method_texts(version: Version) -> list[str]:
    """Return how the figures are counted, in sentences that no company writes itself."""
    return [
        str(_("Sales are the goods of orders that were paid in the period, without delivery.")),
        scope_text(version),
        str(
            _(
                "What was given back later is taken from the sale that it belongs to, up to the "
                "last entry that counts."
            )
        )
        if version.query_version > 1
        else str(_("What was given back counts on the day on which it was given back.")),
        str(
            _(
                "The share is reckoned on each line of an order, on the price after discounts and "
                "without VAT, and rounded there to the nearest cent."
            )
        ),
        str(
            _(
                "Money is pending while goods can be returned, then confirmed, then paid out; what "
                "was confirmed first is paid first. A project that was paid keeps its part of a "
                "late return, and we owe it."
            )
        ),
        str(
            _(
                "A project with several goals is counted under that of its cause; goals, targets "
                "and countries are those it had when the figures were taken."
            )
        ),
    ]


def chart_of(company: Company, currency: str, figures: Figures) -> object:
    """Return what was given by month, as far as its money has come."""
    months = figures.by(By.MONTH)
    is_split = any(Figure.PAID in one.amounts for one in months)
    return bar_chart(
        title=_("What %(company)s gave, by month", company=company.name),
        labels=[_short(one) for one in months],
        series=[
            Series("paid", _("Paid out"), [one[Figure.PAID] for one in months]),
            Series("in", _("Held"), [one[Figure.GIVEN] - one[Figure.PAID] for one in months]),
        ]
        if is_split
        else [Series("in", _("Given"), [one[Figure.GIVEN] for one in months])],
        write=amount_writer(currency),
    )


def _short(month: Group) -> str:
    return f"{month.of[5:]}/{month.of[2:4]}"


def claim_text() -> str:
    """Return what "our share" means."""
    return str(
        _(
            "Our share is what the project was paid of our money of this period, out of what the "
            "whole project costs, whoever pays for it. It is rounded down. All companies together "
            "never claim more than the whole, less what is paid for elsewhere."
        )
    )


def share_text(ppm: int) -> str:
    """Return a share in millionths as people read it: "3.42%"."""
    return percent(ppm // 100) if ppm >= 100 else percent(0)


@dataclass(frozen=True)
class Result:
    """A measured value as a page shows it: the whole project's, and the company's share."""

    slug: str
    project: str
    title: str
    whole: str
    share: str
    part: str
    measured_on: date
    method: str
    reviews: int
    proofs: int
    paid_minor: int
    cost_minor: int


def outcomes_of(shares: Sequence[Claim | Share], facts: list[ReportProject]) -> list[Result]:
    """Return what came of it, project by project."""
    known = {fact.project_id: fact for fact in facts}
    return [
        Result(
            slug=known[one.project_id].slug,
            project=known[one.project_id].title,
            title=one.title,
            whole=f"{number(one.value)} {one.unit}",
            share=share_text(one.share_ppm),
            part=f"{number(part_of(one.value, one.share_ppm))} {one.unit}",
            measured_on=one.measured_on,
            method=one.method,
            reviews=one.reviews,
            proofs=one.proofs,
            paid_minor=one.paid_minor,
            cost_minor=one.cost_minor,
        )
        for one in shares
        if one.project_id in known
    ]


def telling(
    version: Version,
    figures: Figures,
    facts: list[ReportProject],
    *,
    base: str,
    shares: Sequence[Claim | Share] = (),
) -> dict[str, Any]:  # Any: a template's
    """Return what the templates of the parts want; `base` is where the entries are, if anywhere."""
    report = version.report
    return {
        "version": version,
        "report": report,
        "company": report.company,
        "currency": report.currency,
        "figures": figures,
        "facts": {fact.slug: fact for fact in facts},
        "parts": parts_of(version),
        "base": base,
        "claim_text": claim_text(),
        "outcomes": outcomes_of(shares, facts),
        "period": period_text(version),
        "scope": scope_text(version),
        "method": method_texts(version),
        "amount_of": amount_of,
        "group_name": group_name,
        "terms_name": terms_name,
        "index": index_of(version, has_outcomes=bool(shares)),
        "index_text": index_text(),
        "target_text": target_text(),
        "inputs_text": inputs_text(),
        "inputs": INPUTS,
        "chart": chart_of(report.company, report.currency, figures),
    }
