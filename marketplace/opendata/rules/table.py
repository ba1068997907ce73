"""The grants as a table for spreadsheets; no cell can be taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from marketplace.core.cells import csv_cell
from marketplace.core.money import to_decimal_text
from marketplace.opendata.rules.records import LICENCE, CheckedTold, Grant, Publisher

COLUMNS = (
    *("id", "month", "giver_id", "giver", "source", "project_id", "project", "organisation"),
    *("place", "country", "cause", "sdgs", "currency", "amount", "gifts"),
    *("first_confirmed_on", "last_confirmed_on", "url", "licence"),
    *("project_verification", "project_verified_on", "project_verified_until", "project_checks"),
    *("giver_verification", "giver_verified_on", "giver_verified_until", "giver_checks"),
)


def rows(grants: Iterable[Grant], publisher: Publisher) -> Iterator[str]:
    """Yield the file, a line at a time."""
    yield _line(COLUMNS)
    for grant in grants:
        project = grant.project
        giver, place = publisher.giver(grant), project.place
        words = (project.title, project.organisation, place)
        title, organisation, where = (csv_cell(text) for text in words)
        yield _line(
            (
                publisher.grant_id(grant),
                f"{grant.month:%Y-%m}",
                publisher.giver_id(grant),
                csv_cell(giver),
                grant.source,
                publisher.activity_id(project.id),
                *(title, organisation, where, project.country or "", csv_cell(project.cause)),
                " ".join(str(number) for number in project.sdgs),
                project.currency,
                to_decimal_text(grant.amount_minor, project.currency),
                grant.gifts,
                *(grant.first_on.isoformat(), grant.last_on.isoformat()),
                publisher.page(project, "/money"),
                LICENCE,
                *_checked(grant.recipient_checked),
                *_checked(grant.giver_checked),
            )
        )


def _checked(told: CheckedTold) -> tuple[str, ...]:
    """Return what was checked; nothing where nothing is written down, or nobody can be checked."""
    days = (day.isoformat() if day else "" for day in (told.decided_on, told.valid_until))
    return (told.level or "", *days, told.steps or "")


def _line(cells: Sequence[object]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue()
