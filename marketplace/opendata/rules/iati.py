"""IATI's XML: an activity for each project (iatistandard.org, version 2.03).

What came in is told by giver and month, what was paid out payout by payout. What projects spent is
theirs to tell: as our own expenditure it would count the same money twice.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from marketplace.core.money import split
from marketplace.opendata.rules.records import (
    LICENCE,
    Activity,
    Grant,
    PayoutTold,
    ProjectTold,
    Publisher,
    amount_of,
)
from marketplace.opendata.rules.results import milestone, result
from marketplace.opendata.rules.xml import element, quoted, said

VERSION = "2.03"
PRIVATE_SECTOR, OTHER = "70", "90"
FUNDING, EXTENDING, IMPLEMENTING = "1", "3", "4"
BEGAN = "2"
IN_PROGRESS, CLOSED, SUSPENDED = "2", "4", "6"
STATUSES = {"closed": CLOSED, "archived": CLOSED, "suspended": SUSPENDED}
INCOMING, DISBURSEMENT = "1", "3"
SDG_SECTOR, SDG_TAG = "7", "2"
WHOLE = 10_000
WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
WEB_PAGE = "text/html"
OVERVIEW, ACCOUNTS = "A12", "A11"


def activities(told: Iterable[Activity], publisher: Publisher, now: datetime) -> Iterator[str]:
    """Yield the file, a piece of an activity at a time."""
    at = now.isoformat(timespec="seconds")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<!-- {publisher.name}, {LICENCE} -->\n"
    yield f'<iati-activities version="{VERSION}" generated-datetime="{at}">\n'
    for one in told:
        yield from _activity(one, publisher)
    yield "</iati-activities>\n"


def _activity(told: Activity, publisher: Publisher) -> Iterator[str]:
    project = told.project
    yield f'<iati-activity xml:lang="en" default-currency="{project.currency}">\n'
    yield from _heading(told, publisher)
    yield from _where(project)
    yield from _goals(project)
    for grant in told.grants:
        yield _incoming(grant, publisher)
    for payout in told.payouts:
        yield _disbursement(payout, project, publisher)
    yield _link(publisher.page(project), project.title, OVERVIEW)
    yield _link(publisher.page(project, "/money"), "Every entry of the project's ledger", ACCOUNTS)
    for one in told.results:
        yield from result(one, project)
    for step in told.steps:
        yield from milestone(step, project)
    yield "</iati-activity>\n"


def _heading(told: Activity, publisher: Publisher) -> Iterator[str]:
    project = told.project
    yield element("iati-identifier", text=publisher.activity_id(project.id))
    yield said("reporting-org", publisher.name, {"ref": publisher.reference, "type": OTHER})
    yield said("title", project.title)
    yield said("description", project.summary or project.title, {"type": "1"})
    givers = f"Companies that sell on {publisher.name}, and their customers"
    yield said("participating-org", givers, {"role": FUNDING, "type": PRIVATE_SECTOR})
    for funder in told.funders:
        yield said("participating-org", funder.name, {"role": FUNDING})
    role = {"role": EXTENDING, "ref": publisher.reference, "type": OTHER}
    yield said("participating-org", publisher.name, role)
    role = {"role": IMPLEMENTING, "ref": publisher.organisation_id(project.id)}
    yield said("participating-org", project.organisation, role)
    yield element("activity-status", {"code": STATUSES.get(project.state, IN_PROGRESS)})
    yield element("activity-date", {"type": BEGAN, "iso-date": project.began_on.isoformat()})


def _where(project: ProjectTold) -> Iterator[str]:
    if project.country:
        yield element("recipient-country", {"code": project.country, "percentage": "100"})
    has_point = project.latitude is not None and project.longitude is not None
    if project.place or has_point:
        yield "<location>"
        yield said("name", project.place) if project.place else ""
        if has_point:
            place = f"{project.latitude:.5f} {project.longitude:.5f}"
            yield f'<point srsName="{WGS84}"><pos>{place}</pos></point>'
        yield "</location>\n"


def _goals(project: ProjectTold) -> Iterator[str]:
    """Yield the goals as sectors, which share a hundred per cent, and as tags."""
    goals = project.sdgs
    for number, part in zip(goals, split(WHOLE, [1] * len(goals)) if goals else [], strict=True):
        share = f"{part // 100}.{part % 100:02d}"
        sector = {"vocabulary": SDG_SECTOR, "code": str(number), "percentage": share}
        yield element("sector", sector)
    for number in goals:
        yield element("tag", {"vocabulary": SDG_TAG, "code": str(number)})


def _incoming(grant: Grant, publisher: Publisher) -> str:
    day = grant.last_on.isoformat()
    giver = {"ref": publisher.giver_id(grant)}
    if grant.company_id:
        giver["type"] = PRIVATE_SECTOR
    value = _value(grant.amount_minor, grant.project.currency, day)
    return _transaction(
        publisher.grant_id(grant),
        (INCOMING, day, value),
        f"Gifts confirmed in {grant.month_in_words}",
        said("provider-org", publisher.giver(grant), giver)
        + said("receiver-org", publisher.name, {"ref": publisher.reference, "type": OTHER}),
    )


def _disbursement(payout: PayoutTold, project: ProjectTold, publisher: Publisher) -> str:
    day = payout.paid_on.isoformat()
    return _transaction(
        f"{publisher.reference}-payout-{payout.number}",
        (DISBURSEMENT, day, _value(payout.amount_minor, payout.currency, day)),
        f"Payout #{payout.number}",
        said("provider-org", publisher.name, {"ref": publisher.reference, "type": OTHER})
        + said(
            "receiver-org", project.organisation, {"ref": publisher.organisation_id(project.id)}
        ),
    )


def _transaction(name: str, what: tuple[str, str, str], words: str, parties: str) -> str:
    kind, day, value = what
    return (
        f"<transaction ref={quoted(name)}>"
        + element("transaction-type", {"code": kind})
        + element("transaction-date", {"iso-date": day})
        + value
        + said("description", words)
        + parties
        + "</transaction>\n"
    )


def _value(minor: int, currency: str, day: str) -> str:
    text = f"{amount_of(minor, currency):f}"
    return element("value", {"currency": currency, "value-date": day}, text)


def _link(address: str, title: str, category: str) -> str:
    return (
        f'<document-link format="{WEB_PAGE}" url={quoted(address)}>'
        + said("title", title)
        + element("category", {"code": category})
        + element("language", {"code": "en"})
        + "</document-link>\n"
    )
