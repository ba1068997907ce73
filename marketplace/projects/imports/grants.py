"""Grants in 360Giving's format: what was given to an organisation, for what."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.text import one_line, plain, repaired
from marketplace.projects.imports.records import (
    INDIVIDUAL,
    NO_ID,
    NO_ORGANISATION,
    ProjectRecord,
    check_texts,
    country_of,
    goal_of,
    sdg_of,
    summary_of,
)

Grant = Mapping[str, Any]  # Any: JSON

_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def name_of(line: int, grant: Grant) -> str:
    """Return the grant's id."""
    name = grant.get("id")
    if not isinstance(name, str) or not name.strip():
        raise Refused(line, NO_ID, grant.get("title", ""))
    return name.strip()


def project_of(group: Group) -> ProjectRecord:
    """Make a project of a grant; its amount is the goal, its recipient the organisation."""
    line, grant = group.rows[0]
    if grant.get("recipientIndividual") or grant.get("toIndividualsDetails"):
        raise Refused(line, INDIVIDUAL)
    recipient = _first(grant, "recipientOrganization")
    organisation = _text(recipient, "name")
    if not organisation:
        raise Refused(line, NO_ORGANISATION, group.name)
    title = _text(grant, "title")
    story = plain(repaired(str(grant.get("description") or "")))
    programme = _text(_first(grant, "grantProgramme"), "title")
    currency = _text(grant, "currency").upper()
    place = _first(grant, "beneficiaryLocation")
    country = country_of(
        _text(place, "countryCode"), _text(place, "name"), _text(recipient, "addressCountry")
    )
    where = _text(place, "name")
    if not where or country_of(where):
        where = _text(recipient, "addressLocality")
    return check_texts(
        ProjectRecord(
            external_ref=group.name,
            line=line,
            title=title,
            summary=summary_of(story),
            story=story,
            organisation=organisation,
            place=where,
            country=country,
            sdg=sdg_of(programme, title, story),
            currency=currency,
            goal_minor=goal_of(line, grant.get("amountAwarded"), currency),
            source=_source(grant, group.name),
        )
    )


def _first(grant: Grant, name: str) -> Grant:
    """Return the first of a list of objects, or an object alone; whatever else is nothing."""
    value = grant.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}


def _text(grant: Grant, name: str) -> str:
    value = grant.get(name)
    return one_line(repaired(value)) if isinstance(value, str) else ""


def _source(grant: Grant, name: str) -> str:
    funder = _text(_first(grant, "fundingOrganization"), "name")
    day = day_of(_text(grant, "awardDate"))
    awarded = f", awarded on {day.isoformat()}" if day else ""
    licence = _text(grant, "license")
    return f"{funder or '360Giving'}, grant {name}{awarded}" + (f", {licence}" if licence else "")


def day_of(text: str) -> date | None:
    """Return a date written as in ISO 8601 or with the day first; None for anything else."""
    try:
        match = _DAY_FIRST.match(text)
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
