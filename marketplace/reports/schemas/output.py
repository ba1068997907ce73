"""What programs are told of a report."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from marshmallow import Schema, fields

from marketplace.accounts.models import User
from marketplace.core.rich_text import render_markdown
from marketplace.outcomes.rules import plain_number
from marketplace.reports.models import Claim, Version
from marketplace.reports.policies import is_suspended, told_in
from marketplace.reports.rules import (
    COUNTS,
    STANDARDS,
    By,
    Figures,
    Row,
    Standard,
    address_of,
    found_in,
    part_of,
)


class ReportCardOutput(Schema):
    """A published report as a list shows it, by its newest version."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, metadata={"description": "Included."})
    currency = fields.String(required=True)
    version = fields.Integer(
        required=True,
        metadata={"description": "1; more where it was restated. Older ones stay readable."},
    )
    as_of = fields.AwareDateTime(
        required=True, format="iso", metadata={"description": "When the figures were taken."}
    )
    last_transaction = fields.Integer(
        required=True,
        metadata={"description": "The last transaction of the ledger that the figures know of."},
    )
    published_at = fields.AwareDateTime(required=True, format="iso")
    url = fields.Url(required=True, require_tld=False)


class ReportsOutput(Schema):
    """A company's published reports, the newest period first; there are few."""

    items = fields.List(fields.Nested(ReportCardOutput), required=True)


class FigureOutput(Schema):
    """One figure: the sum of a stored query over the entries of the ledger."""

    query = fields.String(
        required=True, metadata={"description": "The query's id; definitions in the manual."}
    )
    version = fields.Integer(
        required=True, metadata={"description": "The version of its definition."}
    )
    by = fields.String(
        required=True,
        metadata={
            "description": "all, project, month, goal, target, country, product, terms, pool."
        },
    )
    of = fields.String(
        required=True, metadata={"description": "Which project, month, ...; empty for all."}
    )
    label = fields.String(required=True)
    amount = fields.Integer(
        required=True, metadata={"description": "In minor units; a number where `unit` says so."}
    )
    unit = fields.String(
        required=True, metadata={"description": "The currency, or `pieces` or `orders`."}
    )
    entries = fields.Url(required=True, require_tld=False)


class ReportPartOutput(Schema):
    """A part of a report, with the company's own words."""

    part = fields.String(required=True)
    text_html = fields.String(required=True)


class SignerOutput(Schema):
    """Somebody of the company who answers for the report."""

    name = fields.String(required=True)
    role = fields.String(required=True)
    at = fields.AwareDateTime(required=True, format="iso")


class ClaimOutput(Schema):
    """A measured value of a project, and what of it the company paid for."""

    outcome = fields.UUID(required=True)
    title = fields.String(required=True)
    unit = fields.String(required=True)
    value = fields.String(
        required=True, metadata={"description": "Of the whole project, as decimal text."}
    )
    part = fields.String(
        required=True, metadata={"description": "The company's share of it, rounded down."}
    )
    measured_on = fields.Date(required=True)
    method = fields.String(required=True)
    reviews = fields.Integer(required=True)
    proofs = fields.Integer(required=True)
    paid_minor = fields.Integer(
        required=True, metadata={"description": "What of its money the project was paid."}
    )
    cost_minor = fields.Integer(
        required=True, metadata={"description": "What the whole project costs."}
    )
    share_ppm = fields.Integer(
        required=True, metadata={"description": "Paid of cost, in millionths, rounded down."}
    )


class PointOutput(Schema):
    """A point of a reporting standard, and where the report tells it."""

    code = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "In words of our own."})
    is_reported = fields.Boolean(required=True)
    places = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Parts of the report, or head, restated, questions."},
    )


class StandardOutput(Schema):
    """A reporting standard; the report does not claim to be made according to it."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    points = fields.List(fields.Nested(PointOutput), required=True)


class SignatureOutput(Schema):
    """Who vouches that this is what was published, word for word."""

    sha256 = fields.String(
        required=True, metadata={"description": "Of all other fields as RFC 8785 writes them."}
    )
    signed = fields.String(
        required=True, metadata={"description": "The line of a C2SP signed note."}
    )
    key = fields.String(required=True)


class ReportOutput(ReportCardOutput):
    """A version of a report with its figures and the company's own words."""

    company = fields.String(required=True)
    is_company_suspended = fields.Boolean(
        required=True,
        metadata={"description": "It stays readable then; the company publishes nothing new."},
    )
    countries = fields.List(
        fields.String(), required=True, metadata={"description": "All deliveries where empty."}
    )
    reason = fields.String(
        required=True, metadata={"description": "Why the version before was restated."}
    )
    signed_by = fields.Nested(
        SignerOutput, allow_none=True, metadata={"description": "Who answers for it."}
    )
    reviewed_by = fields.Nested(
        SignerOutput,
        allow_none=True,
        metadata={"description": "Null where nobody else reviewed it."},
    )
    parts = fields.List(fields.Nested(ReportPartOutput), required=True)
    figures = fields.List(fields.Nested(FigureOutput), required=True)
    outcomes = fields.List(fields.Nested(ClaimOutput), required=True)
    standards = fields.List(fields.Nested(StandardOutput), required=True)
    signature = fields.Nested(
        SignatureOutput, metadata={"description": "How to check it: docs/reports.md, Formats."}
    )


def output_of(
    version: Version, claims: Sequence[Claim], *, public_url: str, is_newest: bool
) -> dict[str, object]:
    """Return what `ReportOutput` writes."""
    report = version.report
    number = None if is_newest else version.number
    address = f"{public_url}{address_of(report.company.slug, report.slug, number)}"
    return {
        "slug": report.slug,
        "title": version.title,
        "starts_on": report.starts_on,
        "ends_on": report.ends_on,
        "currency": report.currency,
        "version": version.number,
        "as_of": version.as_of,
        "last_transaction": version.last_transaction_id,
        "published_at": version.published_at,
        "url": address,
        "company": report.company.slug,
        "is_company_suspended": is_suspended(report.company),
        "countries": version.countries,
        "reason": version.reason,
        "signed_by": _person(version.published_by, version.signed_as, version.published_at),
        "reviewed_by": _person(version.reviewed_by, version.reviewed_as, version.reviewed_at),
        "parts": [
            {"part": section.part, "text_html": render_markdown(section.text)}
            for section in sorted(version.sections, key=lambda one: one.position)
            if section.is_shown
        ],
        "outcomes": [_claim(one) for one in claims],
        "standards": [_standard(one, version, has_outcomes=bool(claims)) for one in STANDARDS],
        "figures": [
            _figure(row, version, address) for row in Figures.from_json(version.figures).rows
        ],
    }


def _standard(standard: Standard, version: Version, *, has_outcomes: bool) -> dict[str, object]:
    told = told_in(version, has_outcomes=has_outcomes)
    points = [(point, found_in(point, told)) for point in standard.points]
    return {
        "id": standard.id,
        "name": standard.name,
        "points": [
            {
                "code": point.code,
                "label": str(point.label),
                "is_reported": bool(places),
                "places": [str(place) for place in places],
            }
            for point, places in points
        ],
    }


def _claim(claim: Claim) -> dict[str, object]:
    names = ("title", "unit", "measured_on", "method", "reviews", "proofs")
    return {
        **{name: getattr(claim, name) for name in names},
        "outcome": claim.outcome_id,
        "value": plain_number(claim.value),
        "part": plain_number(part_of(claim.value, claim.share_ppm)),
        "paid_minor": claim.paid_minor,
        "cost_minor": claim.cost_minor,
        "share_ppm": claim.share_ppm,
    }


def _person(person: User | None, role: str, at: datetime | None) -> dict[str, object] | None:
    return None if person is None else {"name": person.name, "role": role, "at": at}


def _figure(row: Row, version: Version, address: str) -> dict[str, object]:
    asked = {"figure": row.figure}
    if row.by != By.ALL:
        asked |= {"by": row.by, "of": row.of}
    return {
        "query": row.figure,
        "version": version.query_version,
        "by": row.by,
        "of": row.of,
        "label": row.label,
        "amount": row.amount,
        "unit": _unit(row.figure, version.report.currency),
        "entries": f"{address}/entries?{urlencode(asked)}",
    }


def _unit(figure: str, currency: str) -> str:
    if figure not in COUNTS:
        return currency
    return "orders" if figure == "orders" else "pieces"
