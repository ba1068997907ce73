"""Asking every published figure again: what `flask check` proves of reports."""

from marketplace.reports.queries import sums
from marketplace.reports.queries.entries import COLUMNS
from marketplace.reports.rules import Figure

_MEASURES = ", ".join(f"'{figure}', {sums.SUMS[figure]}" for figure in Figure)
_AGAIN = sums.groups_of(COLUMNS, f"jsonb_build_object({_MEASURES}) as sums")

SAME = f"""
    with told as materialized (
        select version.id as version_id, report.company_id, version.last_transaction_id,
               version.countries, version.query_version, version.figures,
               report.starts_on::timestamp at time zone 'UTC' as starts,
               (report.ends_on + 1)::timestamp at time zone 'UTC' as ends
        from report_version version join report on report.id = version.report_id
        where version.state = 'published'
    ), again as materialized (
        select told.version_id, groups.by, groups.of, groups.sums
        from told cross join lateral ({_AGAIN}) groups
    )
    select count(*), count(*) filter (
        where coalesce((again.sums ->> kept.figure)::bigint, 0) <> kept.amount
    )
    from told
    cross join lateral jsonb_to_recordset(told.figures)
        as kept(figure text, by text, of text, amount bigint)
    left join again on again.version_id = told.version_id
        and again.by = kept.by and again.of = kept.of
"""  # noqa: S608  # our own constants
"""Two figures: how many were published, and how many of them the book does not give again."""
