"""The figures of a report, each defined by one query over the ledger and the orders."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.reports.models import Report, ReportState
from marketplace.reports.rules import Figure, Figures, MonthFigure, ProjectFigure

PER_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One entry that a figure is made of, without anybody's personal data."""

    place: int
    at: datetime
    what: str
    about: str
    amount_minor: int


# Every entry of every figure: what was captured in the period, and (negative) what was taken back.
# A project that was paid keeps what a late return takes back; the company owes it, so it was given.
_ENTRIES = """
    select transfer.id as place, transaction.effective_at as at, transaction.kind as what,
           'given' as figure, project.slug as project, project.title as about,
           to_char(transaction.effective_at at time zone 'UTC', 'YYYY-MM') as month,
           case transaction.kind when 'refund' then -transfer.amount_minor
                else transfer.amount_minor end as minor,
           coalesce(transfer.origin_id, transfer.id) as captured_id
    from allocation
    join project on project.id = allocation.project_id
    join ledger_transfer captured on captured.allocation_id = allocation.id
    join ledger_transfer transfer
      on transfer.id = captured.id or transfer.origin_id = captured.id
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    where allocation.company_id = :company and allocation.source = 'pledge'
      and (transaction.kind = 'capture' or transaction.kind = 'refund'
           and debit.purpose in ('project_pending', 'project_available'))
      and transaction.effective_at >= :starts and transaction.effective_at < :ends
      and transaction.created_at <= :as_of
    union all
    select ('x' || right(replace(line.id::text, '-', ''), 15))::bit(60)::bigint, o.paid_at,
           'capture', 'sales', null, line.title, null,
           line.gross_minor - line.discount_minor, null
    from order_line line join customer_order o on o.id = line.order_id
    where line.company_id = :company and o.state = 'paid'
      and o.paid_at >= :starts and o.paid_at < :ends and o.paid_at <= :as_of
    union all
    select ('x' || right(replace(part.id::text, '-', ''), 15))::bit(60)::bigint, refund.done_at,
           'refund', 'returned', null, line.title, null, part.amount_minor, null
    from refund_line part join refund on refund.id = part.refund_id
    join order_line line on line.id = part.line_id
    where line.company_id = :company and refund.state = 'done'
      and refund.done_at >= :starts and refund.done_at < :ends and refund.done_at <= :as_of
    union all
    select transfer.id, transaction.effective_at, transaction.kind, 'top_up', project.slug,
           project.title, null,
           case transaction.kind when 'refund' then -transfer.amount_minor
                else transfer.amount_minor end, null
    from allocation
    join project on project.id = allocation.project_id
    join ledger_transfer captured on captured.allocation_id = allocation.id
    join ledger_transfer transfer
      on transfer.id = captured.id or transfer.origin_id = captured.id
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    where allocation.source = 'top_up'
      and (transaction.kind = 'capture' or transaction.kind = 'refund'
           and debit.purpose in ('project_pending', 'project_available'))
      and exists (select from company_order part
                  where part.order_id = allocation.order_id and part.company_id = :company)
      and transaction.effective_at >= :starts and transaction.effective_at < :ends
      and transaction.created_at <= :as_of
"""

_SUMS = sa.text(
    f"""
    with entry as ({_ENTRIES}),
    totals as (select figure, sum(minor)::bigint as minor from entry group by figure)
    select coalesce((select minor from totals where figure = 'sales'), 0),
           coalesce((select minor from totals where figure = 'returned'), 0),
           coalesce((select minor from totals where figure = 'given'), 0),
           coalesce((select minor from totals where figure = 'top_up'), 0),
           coalesce((select sum(entry.minor) from entry where figure = 'given' and exists (
               select from ledger_transfer moved
               join ledger_transaction release on release.id = moved.transaction_id
               where moved.origin_id = entry.captured_id and release.kind = 'release')), 0)::bigint,
           (select count(distinct part.order_id) from company_order part
            join customer_order o on o.id = part.order_id
            where part.company_id = :company and o.state = 'paid'
              and o.paid_at >= :starts and o.paid_at < :ends)
    """  # noqa: S608  # our own constant
)
_BY_PROJECT = sa.text(
    f"select project, about, sum(minor)::bigint, count(*) from ({_ENTRIES}) entry "  # noqa: S608
    "where figure = 'given' group by project, about order by 3 desc, about"
)
_BY_MONTH = sa.text(
    f"select month, sum(minor)::bigint from ({_ENTRIES}) entry "  # noqa: S608
    "where figure = 'given' group by month order by month"
)
_LIST = sa.text(
    f"select place, at, what, about, minor from ({_ENTRIES}) entry "  # noqa: S608
    "where figure = :figure and (cast(:project as text) is null or project = :project) "
    "and (cast(:month as text) is null or month = :month) and place > :after "
    "order by place limit :limit"
)


def _period(
    company_id: uuid.UUID, starts_on: date, ends_on: date, as_of: datetime | None = None
) -> dict[str, object]:
    return {
        "company": company_id,
        "as_of": as_of or datetime.max.replace(tzinfo=UTC),
        "starts": datetime.combine(starts_on, time(), UTC),
        "ends": datetime.combine(ends_on + timedelta(days=1), time(), UTC),
    }


def figures(company_id: uuid.UUID, starts_on: date, ends_on: date) -> Figures:
    """Return a company's figures for a period, both days included, as they are now."""
    wanted = _period(company_id, starts_on, ends_on)
    sales, returned, given, top_up, confirmed, orders = session.execute(_SUMS, wanted).one()
    return Figures(
        sales_minor=sales,
        returned_minor=returned,
        orders=orders,
        given_minor=given,
        pending_minor=given - confirmed,
        confirmed_minor=confirmed,
        top_up_minor=top_up,
        projects=[ProjectFigure(*row) for row in session.execute(_BY_PROJECT, wanted)],
        months=[MonthFigure(*row) for row in session.execute(_BY_MONTH, wanted)],
    )


def list_entries(
    report: Report,
    figure: Figure,
    *,
    project: str | None = None,
    month: str | None = None,
    after: int = -1,
    limit: int = PER_PAGE,
) -> Page[Entry]:
    """Return the entries that a figure of a report is made of, in a fixed order, by key."""
    rows = session.execute(
        _LIST,
        _period(report.company_id, report.starts_on, report.ends_on, report.as_of)
        | {
            "figure": figure.value,
            "project": project,
            "month": month,
            "after": after,
            "limit": limit + 1,
        },
    )
    return page_of([Entry(*row) for row in rows], limit, lambda entry: (entry.place,))


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
