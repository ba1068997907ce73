"""Kiva's loans. The file tells loan amounts in US dollars, whatever currency was paid out."""

from collections.abc import Mapping

from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.text import one_line, plain, repaired
from marketplace.projects.imports.records import (
    LONGEST_TITLE,
    NO_ID,
    ProjectRecord,
    check_texts,
    country_of,
    goal_of,
    sdg_of,
    summary_of,
)

CURRENCY = "USD"
NEEDS = frozenset({"id", "loan_amount", "sector", "use"})

_GOALS = {
    "agriculture": 2, "food": 2, "education": 4, "health": 3, "housing": 11, "personal use": 1,
    "retail": 8, "services": 8, "clothing": 8, "wholesale": 8, "entertainment": 8, "arts": 8,
    "manufacturing": 9, "construction": 9, "transportation": 11,
}  # fmt: skip


def name_of(line: int, cells: Mapping[str, str]) -> str:
    """Return the loan's name among all projects."""
    number = cells.get("id", "")
    if not number:
        raise Refused(line, NO_ID)
    return f"kiva:{number}"


def project_of(group: Group) -> ProjectRecord:
    """Make a project of a loan: what it is for is its title, the field partner its organisation."""
    line, cells = group.rows[0]
    use = one_line(repaired(cells.get("use", "")))
    place = one_line(repaired(cells.get("region", "")))
    activity = one_line(cells.get("activity", ""))
    title = use[:1].upper() + use[1:].rstrip(". ")
    if not title or len(title) > LONGEST_TITLE:
        where = place or one_line(cells.get("country", ""))
        title = ", ".join(part for part in (activity, where) if part)
    partner = cells.get("partner_id", "").removesuffix(".0")
    sector = one_line(cells.get("sector", ""))
    tags = plain(cells.get("tags", ""))
    story = "\n\n".join(part for part in (use, f"{sector}: {activity}", tags) if part.strip(": "))
    return check_texts(
        ProjectRecord(
            external_ref=group.name,
            line=line,
            title=title,
            summary=summary_of(use),
            story=story,
            organisation=f"Kiva, field partner {partner}" if partner else "Kiva",
            place=place,
            country=country_of(cells.get("country_code"), cells.get("country")),
            sdg=_GOALS.get(sector.lower()) or sdg_of(use, activity),
            currency=CURRENCY,
            goal_minor=goal_of(line, cells.get("loan_amount", ""), CURRENCY),
            source=f"Kiva, loan {group.name.removeprefix('kiva:')}",
        )
    )
