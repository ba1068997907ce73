"""360Giving's JSON: a package of grants (standard.threesixtygiving.org, version 1.4)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from marketplace.ledger.rules import Source
from marketplace.opendata.rules.records import (
    LICENCE,
    Format,
    Grant,
    ProjectTold,
    Publisher,
    amount_of,
)

VERSION = "1.4"
SDG_VOCABULARY = "UN Sustainable Development Goals"

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | Decimal | None


def written(value: Json) -> str:
    """Return JSON in which amounts are exact: a Decimal keeps its digits."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        parts = (f"{json.dumps(name)}: {written(one)}" for name, one in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(written(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def package(grants: Iterable[Grant], publisher: Publisher, now: datetime) -> Iterator[str]:
    """Yield the file, a grant at a time."""
    address = f"{publisher.website}/open-data"
    about: dict[str, Json] = {
        "version": VERSION,
        "title": f"Grants made through sales on {publisher.name}",
        "description": "What companies and shoppers gave to community projects, by giver, project "
        "and month of confirmation. Made anew every night.",
        "identifier": f"{address}/{Format.GIVING_360.file_name}",
        "issued": now.date().isoformat(),
        "modified": _moment(now),
        "publisher": {"name": publisher.name, "website": publisher.website},
        "license": LICENCE,
        "accessURL": address,
        "downloadURL": f"{address}/{Format.GIVING_360.file_name}",
    }
    yield written(about).removesuffix("}") + ', "grants": ['
    between = "\n"
    for grant in grants:
        yield between + written(document(grant, publisher))
        between = ",\n"
    yield "\n]}\n"


def document(grant: Grant, publisher: Publisher) -> Mapping[str, Json]:
    """Return a grant in the words of the standard."""
    project = grant.project
    told: dict[str, Json] = {
        "id": publisher.grant_id(grant),
        "title": f"{publisher.giver(grant)}: to {project.title}, {grant.month_in_words}",
        "description": _description(grant, publisher),
        "currency": project.currency,
        "amountAwarded": amount_of(grant.amount_minor, project.currency),
        "awardDate": grant.last_on.isoformat(),
        "url": publisher.page(project, "/money"),
        "actualDates": [
            {
                "title": "First and last confirmation of a gift",
                "startDate": grant.first_on.isoformat(),
                "endDate": grant.last_on.isoformat(),
            }
        ],
        "recipientOrganization": [_recipient(project, publisher)],
        "fundingOrganization": [{"id": publisher.giver_id(grant), "name": publisher.giver(grant)}],
        "grantProgramme": [{"code": project.cause_slug, "title": project.cause}],
        "fundingType": [{"vocabulary": publisher.name, **_funding(grant)}],
        "classifications": [
            {"vocabulary": SDG_VOCABULARY, "code": str(number), "title": f"SDG {number}"}
            for number in project.sdgs
        ],
        "relatedActivity": [publisher.activity_id(project.id)],
        "dateModified": _moment(grant.changed_at),
        "dataSource": f"{publisher.website}/open-data",
    }
    location = _location(project)
    return told | {"beneficiaryLocation": [location]} if location else told


def _description(grant: Grant, publisher: Publisher) -> str:
    gifts = "1 gift" if grant.gifts == 1 else f"{grant.gifts} gifts"
    came = {
        Source.PLEDGE: f"came out of the price of what {grant.company} sold",
        Source.TOP_UP: "shoppers added of their own to what they bought",
        Source.MATCH: "sponsors added to those of others",
    }[Source(grant.source)]
    return (
        f"{gifts} to {grant.project.title} that {came} on {publisher.name}; shoppers chose the "
        f"project. Counted in {grant.month_in_words}, when the goods could no longer be returned, "
        f"less what was taken back later. {grant.project.summary}"
    ).strip()


def _recipient(project: ProjectTold, publisher: Publisher) -> Mapping[str, Json]:
    found: dict[str, Json] = {
        "id": publisher.organisation_id(project.id),
        "name": project.organisation,
        "url": publisher.page(project),
    }
    if project.country:
        found["addressCountry"] = project.country
    return found


def _funding(grant: Grant) -> Mapping[str, Json]:
    words = {
        Source.PLEDGE: "A share of the price, given by the seller",
        Source.TOP_UP: "Shoppers' own gifts",
        Source.MATCH: "Matching gifts",
    }
    return {"code": grant.source, "title": words[Source(grant.source)]}


def _location(project: ProjectTold) -> Mapping[str, Json]:
    found: dict[str, Json] = {}
    if project.place:
        found["name"] = project.place
    if project.country:
        found["countryCode"] = project.country
    if project.latitude is not None and project.longitude is not None:
        found |= {"latitude": project.latitude, "longitude": project.longitude}
    return found


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
