"""Numbers without gaps: given in the transaction that writes the paper, or not at all."""

import sqlalchemy as sa

from marketplace.core.db import session

_NEXT = sa.text(
    """
    insert into paper_series as series (name, last) values (:name, 1)
    on conflict (name) do update set last = series.last + 1
    returning last
    """
)


def next_serial(series: str, year: int) -> int:
    """Return the next number of a series in a year; others wait for this one's commit."""
    return int(session.execute(_NEXT, {"name": f"{series}:{year}"}).scalar_one())
