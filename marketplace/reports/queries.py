"""The figures of a report, each defined by one query over the ledger and the orders."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from sqlalchemy.orm import joinedload

from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _l
from marketplace.core.paging import Page, page_of
from marketplace.reports.models import Report, ReportState
from marketplace.reports.rules import Figure, Figures, MonthFigure, ProjectFigure

PER_PAGE = 50
LATEST = 2**63 - 1
BEGINNING = (-1, -1)
"""Before the first entry: a transaction's number and a place in it."""


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
    amount_minor: int


# Every entry of every figure, as far as the book had come: what was captured in the period, and
# what was taken back. An entry is in a report if its transaction's number is; a payment that is
# settled later, however old, has a higher one.
# What went to another project leaves the one and comes to the other, and adds up to nothing.
# A project that was paid keeps what a late return takes back; the company owes it, so it was given.
_GIFTS = """
    select transaction.id as number, way.place, transaction.effective_at as at,
           transaction.kind as what, project.slug as project, project.title as about,
           way.minor, 0::bigint as net_minor,
           exists (select from ledger_transfer moved
                   join ledger_transaction release on release.id = moved.transaction_id
                   where moved.origin_id = captured.id and release.kind = 'release'
                     and release.id <= :last) as is_confirmed
    from allocation
    join ledger_transfer captured on captured.allocation_id = allocation.id
    join ledger_transfer transfer
      on transfer.id = captured.id or transfer.origin_id = captured.id
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
    cross join lateral (
        select credit.owner_id, transfer.amount_minor, transfer.id
        where transaction.kind in ('capture', 'reroute')
        union all
        select debit.owner_id, -transfer.amount_minor,
            case transaction.kind when 'reroute' then -transfer.id else transfer.id end
        where transaction.kind in ('refund', 'dispute_lost', 'reroute')
            and debit.purpose in ('project_pending', 'project_available', 'dispute_hold')
    ) way (project_id, minor, place)
    join project on project.id = way.project_id
    where transaction.effective_at >= :starts and transaction.effective_at < :ends
      and transaction.id <= :last and {whose}
"""
# What is given back of a line in several parts is told without VAT so that all of it gives back
# exactly what the line was without VAT: each part is what the sum so far adds, rounded.
_ENTRIES = f"""
    select 'given' as class, gift.* from ({
    _GIFTS.format(whose="allocation.company_id = :company and allocation.source = 'pledge'")
}) gift
    union all
    select 'top_up', gift.* from ({
    _GIFTS.format(
        whose="allocation.source = 'top_up' and exists (select from company_order part "
        "where part.order_id = allocation.order_id and part.company_id = :company)"
    )
}) gift
    union all
    select 'sales', sold.id, line.position, sold.effective_at, sold.kind, null, line.title,
           line.gross_minor - line.discount_minor, line.net_minor, null
    from order_line line
    join ledger_transaction sold on sold.subject_id = line.order_id and sold.kind = 'capture'
    where line.company_id = :company and sold.id <= :last
      and sold.effective_at >= :starts and sold.effective_at < :ends
    union all
    select 'returned', number, position, at, what, null, title, minor,
           (round(net * so_far / paid) - round(net * (so_far - minor) / paid))::bigint, null
    from (
        select taken.id as number, line.position, taken.effective_at as at, taken.kind as what,
               line.title, part.amount_minor as minor, line.net_minor::numeric as net,
               line.gross_minor - line.discount_minor as paid,
               sum(part.amount_minor) over (partition by line.id order by taken.id) as so_far
        from order_line line
        join refund_line part on part.line_id = line.id
        join refund on refund.id = part.refund_id and refund.state = 'done'
        join ledger_transaction taken on taken.effect_key in (
            'refund:' || refund.provider_id,
            concat_ws(chr(58), 'dispute', refund.provider_id, 'lost'))
        where line.company_id = :company and taken.id <= :last
    ) part
    where at >= :starts and at < :ends
"""  # noqa: S608  # our own constants
_SALES = "class in ('sales', 'returned')"
_NET = "case class when 'returned' then -net_minor else net_minor end"
_KEPT = "case class when 'returned' then -minor else minor end"
_MADE_OF = {
    Figure.SALES: ("class = 'sales'", "minor"),
    Figure.RETURNED: ("class = 'returned'", "minor"),
    Figure.KEPT: (_SALES, _KEPT),
    Figure.NET_SALES: (_SALES, _NET),
    Figure.VAT: (_SALES, f"{_KEPT} - {_NET}"),
    Figure.GIVEN: ("class = 'given'", "minor"),
    Figure.PENDING: ("class = 'given' and not is_confirmed", "minor"),
    Figure.CONFIRMED: ("class = 'given' and is_confirmed", "minor"),
    Figure.TOP_UP: ("class = 'top_up'", "minor"),
}
"""Of which entries each figure is the sum, and of what of them."""
_MONTH = "to_char(at at time zone 'UTC', 'YYYY-MM')"

_SUMS = sa.text(
    "select "
    + ", ".join(
        f"coalesce(sum({amount}) filter (where {which}), 0)::bigint as {figure}"
        for figure, (which, amount) in _MADE_OF.items()
    )
    + f", count(distinct number) filter (where class = 'sales') as orders "
    f"from ({_ENTRIES}) entry"
)
_BY_PROJECT = sa.text(
    f"select project, about, sum(minor)::bigint, count(*) from ({_ENTRIES}) entry "  # noqa: S608
    "where class = 'given' group by project, about order by 3 desc, about"
)
_BY_MONTH = sa.text(
    f"select {_MONTH}, sum(minor)::bigint from ({_ENTRIES}) entry "  # noqa: S608
    "where class = 'given' group by 1 order by 1"
)
_NARROWED = (
    "(cast(:project as text) is null or project = :project) "
    f"and (cast(:month as text) is null or {_MONTH} = :month)"
)


def _list(figure: Figure) -> str:
    which, amount = _MADE_OF[figure]
    return (
        f"select number, place, at, what, about, {amount} from ({_ENTRIES}) entry "  # noqa: S608
        f"where {which} and {_NARROWED} and (number, place) > (:number, :place) "
        "order by number, place limit :limit"
    )


def _sum(figure: Figure) -> str:
    which, amount = _MADE_OF[figure]
    return (
        f"select count(*), coalesce(sum({amount}), 0)::bigint "  # noqa: S608  # our own constants
        f"from ({_ENTRIES}) entry where {which} and {_NARROWED}"
    )


_LISTS = {figure: sa.text(_list(figure)) for figure in Figure}
_TOTALS = {figure: sa.text(_sum(figure)) for figure in Figure}


def lock_end_of_book() -> int:
    """Return the number of the book's last transaction; until the commit nobody adds to it.

    Everything with a lower number is there then: who was still writing has been waited for.

    :raises Conflict: somebody writes for longer than one waits.
    """
    try:
        return int(session.execute(sa.text("select ledger_end()")).scalar_one())
    except sa.exc.OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise Conflict(_l("The ledger is being written to. Please try again.")) from error
        raise


def _period(
    company_id: uuid.UUID, starts_on: date, ends_on: date, last_transaction_id: int | None
) -> dict[str, object]:
    return {
        "company": company_id,
        "last": last_transaction_id if last_transaction_id is not None else LATEST,
        "starts": datetime.combine(starts_on, time(), UTC),
        "ends": datetime.combine(ends_on + timedelta(days=1), time(), UTC),
    }


def figures(
    company_id: uuid.UUID, starts_on: date, ends_on: date, last_transaction_id: int | None = None
) -> Figures:
    """Return a company's figures for a period, both days included.

    They are as the book was up to a transaction, or as it is now; up to the same transaction they
    are always the same.
    """
    wanted = _period(company_id, starts_on, ends_on, last_transaction_id)
    sums = session.execute(_SUMS, wanted).one()
    return Figures(
        sales_minor=sums.sales,
        returned_minor=sums.returned,
        orders=sums.orders,
        given_minor=sums.given,
        pending_minor=sums.pending,
        confirmed_minor=sums.confirmed,
        top_up_minor=sums.top_up,
        projects=[ProjectFigure(*row) for row in session.execute(_BY_PROJECT, wanted)],
        months=[MonthFigure(*row) for row in session.execute(_BY_MONTH, wanted)],
        net_sales_minor=sums.net_sales,
    )


def _behind(report: Report, project: str | None, month: str | None) -> dict[str, object]:
    bounds = (report.company_id, report.starts_on, report.ends_on, report.last_transaction_id)
    return _period(*bounds) | {"project": project, "month": month}


def list_entries(
    report: Report,
    figure: Figure,
    *,
    project: str | None = None,
    month: str | None = None,
    after: tuple[int, int] = BEGINNING,
    limit: int = PER_PAGE,
) -> Page[Entry]:
    """Return the entries that a figure of a report is made of, as they were recorded, by key."""
    bounds = {"number": after[0], "place": after[1], "limit": limit + 1}
    rows = session.execute(_LISTS[figure], _behind(report, project, month) | bounds)
    found = [Entry(*row) for row in rows]
    return page_of(found, limit, lambda entry: (entry.number, entry.place))


def list_all_entries(
    report: Report, figure: Figure, *, project: str | None = None, month: str | None = None
) -> Iterator[Entry]:
    """Return every entry that a figure is made of, a thousand at a time from the database."""
    bounds = {"number": BEGINNING[0], "place": BEGINNING[1], "limit": None}
    rows = session.execute(
        _LISTS[figure],
        _behind(report, project, month) | bounds,
        execution_options={"yield_per": 1_000},
    )
    return (Entry(*row) for row in rows)


def count_entries(
    report: Report, figure: Figure, *, project: str | None = None, month: str | None = None
) -> tuple[int, int]:
    """Return how many entries a figure is made of, and their sum in minor units."""
    counted, total = session.execute(_TOTALS[figure], _behind(report, project, month)).one()
    return counted, total


def find_company(slug: str) -> Company | None:
    """Return a company whose reports everybody may read: one that is or was verified."""
    states = (CompanyState.VERIFIED, CompanyState.SUSPENDED)
    return session.scalar(sa.select(Company).where(Company.slug == slug, Company.state.in_(states)))


def list_of_company(company_id: uuid.UUID) -> Sequence[Report]:
    """Return a company's reports, the newest period first."""
    return session.scalars(
        sa.select(Report).where(Report.company_id == company_id).order_by(Report.starts_on.desc())
    ).all()


def list_published(company_id: uuid.UUID) -> Sequence[Report]:
    """Return a company's published reports, the newest period first."""
    return session.scalars(
        sa.select(Report)
        .where(Report.company_id == company_id, Report.state == ReportState.PUBLISHED)
        .order_by(Report.starts_on.desc())
    ).all()


def get_report(company_slug: str, slug: str) -> Report:
    """Return a report with its company and who signed it.

    :raises NotFound: no such report.
    """
    found = session.scalar(
        sa.select(Report)
        .join(Report.company)
        .options(joinedload(Report.company), joinedload(Report.published_by))
        .where(Report.slug == slug, sa.text("company.slug = :company"))
        .params(company=company_slug)
    )
    if found is None:
        raise NotFound
    return found
