"""What the PDF of a report says, in the page's language: data, never markup."""

from marketplace.core.addresses import public_url
from marketplace.core.i18n import _
from marketplace.core.rich_text import markdown_blocks
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import long_date, plain_money
from marketplace.look.art import art_url, draw
from marketplace.reports import queries
from marketplace.reports.models import Version
from marketplace.reports.policies import is_suspended
from marketplace.reports.rules import Figure, Figures
from marketplace.reports.views.indexing import index_of, index_text
from marketplace.reports.views.public import SUSPENDED, own_address, restated
from marketplace.reports.views.tables import Block, blocks_of, table_of
from marketplace.reports.views.telling import as_of_text, is_told, period_text, scope_text
from marketplace.reports.views.words import PARTS


def document_of(version: Version, *, is_newest: bool, attached: str) -> dict[str, object]:
    """Return what `report.typ` prints, and the data that goes with it."""
    company, figures = version.report.company, Figures.from_json(version.figures)
    currency = version.report.currency
    stands = queries.list_versions(version.report_id, before=version.number)
    address = own_address(version, is_newest=is_newest)
    given = plain_money(figures[Figure.GIVEN], currency)
    return {
        "lang": current_language(),
        "company": company.name,
        "place": ", ".join(part for part in (company.name, company.city) if part),
        "title": version.title,
        "period": period_text(version),
        "lead": _("We gave %(amount)s to projects that our customers chose.", amount=given),
        "scope": scope_text(version),
        "cloth": _cloth(company.palette, company.name),
        "notice": str(SUSPENDED) if is_suspended(company) else "",
        "superseded": _superseded(version, stands[0].number),
        "restated": _restated(version, restated(version, stands, figures)),
        "parts": [
            {
                "title": str(PARTS[section.part]),
                "words": markdown_blocks(section.text),
                "blocks": blocks_of(section.part, version, figures),
            }
            for section in sorted(version.sections, key=lambda one: one.position)
            if is_told(section)
        ],
        "index": _index(version),
        "signatures": _signatures(version),
        "edition": _(
            "Version %(number)s, published on %(day)s.",
            number=version.number,
            day=long_date(version.published_at),
        ),
        "as_of": as_of_text(version),
        "address": public_url(address),
        "check": _("Every figure opens down to its entries at"),
        "signed_by": _("Signed by"),
        "published_on": _("Published on Causeway"),
        "attached": attached,
        "attached_name": f"{version.report.slug}-{version.number}.json",
        "attached_about": _("The figures of this report for programs"),
    }


def _cloth(palette: str, name: str) -> str:
    """Return the company's cloth as the site draws it."""
    address = art_url("cloth", palette, name).removesuffix(".svg").split("/")
    return draw(address[2], tuple(address[3:])) or ""


def _superseded(version: Version, newest: int) -> str:
    if version.number == newest:
        return ""
    return str(_("This version was restated: version %(number)s is the newest.", number=newest))


def _restated(version: Version, rows: list[tuple[str, str, str, str]]) -> Block | None:
    if version.number == 1:
        return None
    return {
        "title": _("What was restated, and why"),
        "reason": version.reason,
        "table": table_of([_("Figure"), _("Was"), _("Is"), _("Difference")], rows)
        if rows
        else None,
    }


def _signatures(version: Version) -> list[dict[str, str]]:
    found = []
    if version.published_by:
        when = long_date(version.published_at)
        found.append({"name": version.published_by.name, "role": _joined(version.signed_as, when)})
    if version.reviewed_by:
        when = str(_("reviewed on %(day)s", day=long_date(version.reviewed_at)))
        found.append({"name": version.reviewed_by.name, "role": _joined(version.reviewed_as, when)})
    else:
        found.append({"name": "", "role": str(_("Not reviewed by a second person."))})
    return found


def _index(version: Version) -> Block:
    """Return where the points of standards are found; on paper, places are titles."""
    has_outcomes = bool(queries.list_claims(version.id))
    head = [str(_("Point")), str(_("What it asks for")), str(_("Where it is told"))]
    return {
        "title": _("Where standards find their points"),
        "text": index_text(),
        "standards": [
            {
                "name": standard.name,
                "head": head,
                "rows": [
                    [
                        point.code,
                        point.label,
                        ", ".join(title for _anchor, title in point.places) or _("not reported"),
                    ]
                    for point in standard.points
                ],
            }
            for standard in index_of(version, has_outcomes=has_outcomes)
        ],
    }


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
