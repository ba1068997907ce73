"""Who made projects possible: recounted from the book by a job, never added up by hand."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session

MOST_GIVERS = 8


@dataclass(frozen=True)
class Giver:
    """Through whom money came: a company, or nobody's company. `rest` stands for many."""

    slug: str | None
    name: str | None
    purchases: int
    amount_minor: int
    counted_at: datetime
    companies: int = 1
    """How many it stands for."""


_GIVERS = sa.text(
    """
    select company.slug, company.name, giver.purchases, giver.amount_minor, giver.counted_at
    from project_giver giver left join company on company.id = giver.company_id
    where giver.project_id = :project
    order by giver.amount_minor desc, giver.id
    """
)


def list_givers(project_id: uuid.UUID) -> Sequence[Giver]:
    """Return who gave most, all the smaller companies as one, and what was no company's, last."""
    found = [Giver(*row) for row in session.execute(_GIVERS, {"project": project_id})]
    companies = [one for one in found if one.slug is not None]
    shown, others = companies[:MOST_GIVERS], companies[MOST_GIVERS:]
    if others:
        purchases, minor = (
            sum(one.purchases for one in others),
            sum(one.amount_minor for one in others),
        )
        shown.append(Giver(None, "", purchases, minor, others[0].counted_at, len(others)))
    return [*shown, *(one for one in found if one.slug is None)]


# What stands of each captured row: what came to a project's accounts less what left them again.
_COUNTED = """
    with captured as (
        select allocation.project_id, allocation.company_id, allocation.order_id,
            transfer.id, transfer.amount_minor
        from allocation join ledger_transfer transfer on transfer.allocation_id = allocation.id
    ), back as (
        select moved.origin_id, sum(moved.amount_minor) as minor
        from ledger_transfer moved
        join ledger_transaction booked on booked.id = moved.transaction_id
        where moved.origin_id is not null
            and booked.kind in ('refund', 'dispute_lost', 'reroute')
        group by 1
    )
    select project_id, company_id, count(distinct order_id)::int,
        sum(greatest(amount_minor - coalesce(back.minor, 0), 0))::bigint
    from captured left join back on back.origin_id = captured.id
    group by 1, 2
"""

COUNT_GIVERS = f"""
    insert into project_giver (id, project_id, company_id, purchases, amount_minor, counted_at)
    select gen_random_uuid(), counted.project_id, counted.company_id, counted.purchases,
        counted.minor, :now
    from ({_COUNTED}) counted (project_id, company_id, purchases, minor)
    where counted.minor > 0
"""  # noqa: S608  # our own constant
"""SQL that writes down who gave how much, from the book."""
