"""The figures of a report, and the entries behind each, as the book was or as it is."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable

from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.core.paging import Page, page_of
from marketplace.planning.rules import TARGETS
from marketplace.reports.models import Report, ReportProject, Version
from marketplace.reports.queries import entries as sql
from marketplace.reports.queries import sums
from marketplace.reports.rules import COUNTS, STORED, By, Figure, Figures, Row

PER_PAGE = 50
LATEST = 2**63 - 1
BEGINNING = (-1, -(2**63))
"""Before the first entry: a transaction's number and a place in it."""
MOST_PRODUCTS = 50
"""So many products stand in a report, those that sold most; what the others are is the rest."""

_WITH_NOTHING = (By.ALL, By.COUNTRY, By.TARGET)
"""Where a group without a name is told: a project may have no country, and name no target."""
_TARGETS = {number: place for place, number in enumerate(TARGETS)}

Period = dict[str, object]


@dataclass(frozen=True)
class Entry:
    """One entry that a figure is made of, without anybody's personal data."""

    number: int
    """The transaction's in the book."""
    place: int
    """Tells the entries of one transaction apart."""
    at: datetime
    what: str
    about: str
    amount: int
    """In minor units, or pieces."""


@dataclass(frozen=True)
class Wanted:
    """A figure, and of it only one group."""

    figure: Figure
    by: By = By.ALL
    of: str = ""

    @property
    def way(self) -> tuple[Figure, bool]:
        """Return which statement finds it: by target, entries are split."""
        return self.figure, self.by is By.TARGET


_GROUPS = sa.text(
    sums.groups_of(sql.PARAMETERS, ", ".join(f"{sums.SUMS[one]} as {one}" for one in Figure))
    + " order by 1, net_sales desc, given desc, 2"
)
_PLACED = """
    insert into report_project (version_id, project_id, slug, title, organisation, country, goal,
                                sdgs, targets, cost_minor)
    select :version, project.id, project.slug, project.title, project.organisation,
           project.country, cause.sdg, project.sdgs, project.sdg_targets, project.goal_minor
    from project join cause on cause.id = project.cause_id
    where project.id in (select project_id from ({entries}) entry)
"""
_TAKE_PROJECTS = sa.text(_PLACED.format(entries=sql.entries_of(sql.PARAMETERS)))


def _narrowed(*, is_split: bool) -> str:
    """Return which entries are of a group; only what is split knows targets."""
    groups = " ".join(
        f"when '{by}' then {column} = :of"
        for by, column in sums.COLUMN_OF.items()
        if is_split or by is not By.TARGET
    )
    return f"case cast(:by as text) {groups} else true end"


_ABOUT = "coalesce(project_title, product_title, '')"


def _list(figure: Figure, *, is_split: bool) -> str:
    which, amount = sums.MADE_OF[figure]
    return (
        f"select number, place, at, what, {_ABOUT}, {amount} "  # noqa: S608  # our own
        f"from ({sql.entries_of(sql.PARAMETERS, is_split=is_split)}) entry "
        f"where {which} and {_narrowed(is_split=is_split)} and (number, place) > (:number, :place) "
        "order by number, place limit :limit"
    )


def _sum(figure: Figure, *, is_split: bool) -> str:
    which, amount = sums.MADE_OF[figure]
    return (
        f"select count(*), coalesce(sum({amount}), 0)::bigint "  # noqa: S608  # our own constants
        f"from ({sql.entries_of(sql.PARAMETERS, is_split=is_split)}) entry "
        f"where {which} and {_narrowed(is_split=is_split)}"
    )


_WAYS = [(figure, is_split) for figure in sums.MADE_OF for is_split in (False, True)]
_LISTS = {(one, is_split): sa.text(_list(one, is_split=is_split)) for one, is_split in _WAYS}
_TOTALS = {(one, is_split): sa.text(_sum(one, is_split=is_split)) for one, is_split in _WAYS}


def lock_end_of_book() -> int:
    """Return the number of the book's last transaction; until the commit nobody adds to it.

    Everything with a lower number is there then: who was still writing has been waited for. So
    commit at once: figures up to that number may be taken afterwards, while others go on.

    :raises Conflict: somebody writes for longer than one waits.
    """
    try:
        return int(session.execute(sa.text("select ledger_end()")).scalar_one())
    except sa.exc.OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise Conflict(_l("The ledger is being written to. Please try again.")) from error
        raise


def _day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def period_of(report: Report, version: Version, last_transaction_id: int | None) -> Period:
    """Return what the figures of a version are asked about."""
    is_taken = version.last_transaction_id is not None
    return {
        "company": report.company_id,
        "version": version.id,
        "starts": _day(report.starts_on),
        "ends": _day(report.ends_on + timedelta(days=1)),
        "last": LATEST if last_transaction_id is None else last_transaction_id,
        "countries": version.countries,
        "by_sale": (version.query_version if is_taken else sql.VERSION) > 1,
    }


def take_figures(period: Period) -> Figures:
    """Return the figures of a period: a company's, as the book was up to a transaction.

    Up to the same transaction they are always the same.
    """
    rows: list[Row] = []
    found = session.execute(_GROUPS, period).mappings().all()
    products = 0
    for group in sorted(found, key=_place):
        by, of = By(group["by"]), group["of"]
        if of == "" and by not in _WITH_NOTHING:
            continue
        products += by is By.PRODUCT
        if by is By.PRODUCT and products > MOST_PRODUCTS:
            continue
        told = STORED[by]
        if by is By.ALL or any(group[figure] for figure in told):
            rows += [Row(figure, by, of, group["label"], group[figure]) for figure in told]
    return Figures(rows)


def _place(group: sa.RowMapping) -> tuple[int, int, str]:
    """Return where a group stands: months by time, targets as the UN numbers them, no target last.

    Others stay as they came, the greatest first.
    """
    by, of = By(group["by"]), group["of"]
    target = _TARGETS.get(of, len(_TARGETS)) if by is By.TARGET else 0
    return list(By).index(by), target, of if by is By.MONTH else ""


def figures_now(report: Report, version: Version) -> Figures:
    """Return what the book says of a version's period now."""
    return take_figures(period_of(report, version, None))


def figures_again(report: Report, version: Version) -> Figures:
    """Return the figures of a version, asked anew up to where it went."""
    return take_figures(period_of(report, version, version.last_transaction_id))


def take_projects(period: Period) -> None:
    """Keep with a version what the projects in its figures are now."""
    session.execute(_TAKE_PROJECTS, period)


def list_projects(version_id: uuid.UUID) -> Sequence[ReportProject]:
    """Return what the projects of a version were."""
    return session.scalars(
        sa.select(ReportProject).where(ReportProject.version_id == version_id)
    ).all()


def _behind(version: Version, wanted: Wanted) -> dict[str, object]:
    period = period_of(version.report, version, version.last_transaction_id)
    return period | {"by": wanted.by, "of": wanted.of}


def list_entries(
    version: Version,
    wanted: Wanted,
    *,
    after: tuple[int, int] = BEGINNING,
    limit: int = PER_PAGE,
) -> Page[Entry]:
    """Return the entries that a figure of a version is made of, as they were recorded, by key."""
    bounds = {"number": after[0], "place": after[1], "limit": limit + 1}
    rows = session.execute(_LISTS[wanted.way], _behind(version, wanted) | bounds)
    found = [Entry(*row) for row in rows]
    return page_of(found, limit, lambda entry: (entry.number, entry.place))


def list_all_entries(version: Version, wanted: Wanted) -> Iterator[Entry]:
    """Return every entry that a figure is made of, a thousand at a time from the database."""
    bounds = {"number": BEGINNING[0], "place": BEGINNING[1], "limit": None}
    rows = session.execute(
        _LISTS[wanted.way],
        _behind(version, wanted) | bounds,
        execution_options={"yield_per": 1_000},
    )
    return (Entry(*row) for row in rows)


def count_entries(version: Version, wanted: Wanted) -> tuple[int, int]:
    """Return how many entries a figure is made of, and their sum: minor units, or pieces."""
    counted, total = session.execute(_TOTALS[wanted.way], _behind(version, wanted)).one()
    return counted, total


def is_count(figure: str) -> bool:
    """Say whether a figure counts things and not money."""
    return figure in COUNTS
