"""Reports for tests, made by the services that make them for people."""

from datetime import timedelta

from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.reports import queries, service
from marketplace.reports.models import Version
from marketplace.reports.rules import Part
from marketplace.reports.service.drafting import Written
from tests import factories


def make_draft(company: Company, title: str = "What we gave", days: int = 30) -> Version:
    """Begin a report of the last days."""
    now = clock.now()
    with atomic():
        return service.begin(
            company=company,
            title=title,
            starts_on=now.date() - timedelta(days=days),
            ends_on=now.date(),
            now=now,
        )


def words_of(version: Version, **said) -> Written:  # any part's text, title, reason, ...
    """Return what somebody writes: everything shown, and that something was late."""
    texts = {part: said.pop(part, "") for part in Part}
    texts[Part.BADLY] = texts[Part.BADLY] or "Two parcels were late."
    told = {
        "revision": version.revision,
        "title": version.title,
        "countries": version.countries,
        "reason": version.reason,
        "texts": texts,
        "shown": frozenset(Part),
    }
    return Written(**told | said)


def hand_in(version: Version, by, **said) -> None:
    """Write the words, take the figures, and let a second person read."""
    with atomic():
        service.write(version_id=version.id, written=words_of(version, **said))
    with atomic():
        last = queries.lock_end_of_book()
    with atomic():
        service.submit(version_id=version.id, last_transaction_id=last, by=by, now=clock.now())


def make_published(
    company: Company, title: str = "What we gave", *, is_draft: bool = False, **said
) -> Version:
    """Publish a report of a company of one person."""
    version = make_draft(company, title)
    if is_draft:
        return version
    owner = factories.make_user()
    factories.make_member(company, owner)
    hand_in(version, owner, **said)
    with atomic():
        return service.publish(version_id=version.id, by=owner, now=clock.now())


def restate(version: Version, by, reason: str = "Something came back.") -> Version:
    """Publish the next version, handed in and signed by the same person."""
    with atomic():
        new = service.restate(version=version, now=clock.now())
    hand_in(new, by, reason=reason)
    with atomic():
        return service.publish(version_id=new.id, by=by, now=clock.now())
