"""What each figure is the sum of, and the groups in which it is told."""

from marketplace.reports.queries.entries import entries_of
from marketplace.reports.rules import By, Figure

_SOLD = "class in ('sales', 'returned')"
_NET = "case class when 'returned' then -net_minor else net_minor end"
_KEPT = "case class when 'returned' then -minor else minor end"
_PIECES = "case class when 'returned' then -pieces else pieces end"
_IS_BACK = "class = 'given' and what in ('refund', 'dispute_lost')"
MADE_OF = {
    Figure.SALES: ("class = 'sales'", "minor"),
    Figure.RETURNED: ("class = 'returned'", "minor"),
    Figure.KEPT: (_SOLD, _KEPT),
    Figure.VAT: (_SOLD, f"{_KEPT} - {_NET}"),
    Figure.NET_SALES: (_SOLD, _NET),
    Figure.NET_SOLD: ("class = 'sales'", "net_minor"),
    Figure.NET_RETURNED: ("class = 'returned'", "net_minor"),
    Figure.PIECES_SOLD: ("class = 'sales'", "pieces"),
    Figure.PIECES: (_SOLD, _PIECES),
    Figure.PROMISED: ("class = 'given' and what = 'capture'", "minor"),
    Figure.TAKEN_BACK: (_IS_BACK, "-minor"),
    Figure.GIVEN: ("class = 'given'", "minor"),
    Figure.PENDING: ("class = 'given' and not is_confirmed", "minor"),
    Figure.CONFIRMED: ("class = 'given' and is_confirmed", "minor"),
    Figure.PAID: ("class = 'paid'", "minor"),
    Figure.TOP_UP: ("class = 'top_up'", "minor"),
    Figure.MATCH: ("class = 'match'", "minor"),
    Figure.POOLS: ("class = 'pools'", "minor"),
}
"""Of which entries each figure is the sum, and of what of them."""
_BOUGHT = "class in ('sales', 'given') and what = 'capture'"
SUMS = {
    **{
        figure: f"coalesce(sum({amount}) filter (where {which}), 0)::bigint"
        for figure, (which, amount) in MADE_OF.items()
    },
    Figure.ORDERS: f"count(distinct order_id) filter (where {_BOUGHT})",
}
"""Each figure as it is counted."""
COLUMN_OF = {
    By.PROJECT: "project",
    By.MONTH: "month",
    By.GOAL: "goal",
    By.COUNTRY: "country",
    By.PRODUCT: "product",
    By.TERMS: "terms",
    By.TARGET: "target",
    By.POOL: "pool",
}


def groups_of(places: dict[str, str], sums: str) -> str:
    """Return all groups of the entries as SQL, in one pass: `by`, `of`, a label, and the sums."""
    columns = list(COLUMN_OF.values())
    by = "".join(
        f" when grouping({column}) = 0 then '{kind}'" for kind, column in COLUMN_OF.items()
    )
    of = f"coalesce({', '.join(columns)}, '')"
    label = (
        "coalesce(case when grouping(project) = 0 then max(project_title) "
        "when grouping(product) = 0 then max(product_title) "
        "when grouping(pool) = 0 then max(pool_title) end, '')"
    )
    sets = ", ".join(f"({column})" for column in columns)
    return (
        f"select case{by} else '{By.ALL}' end as by, {of} as of, {label} as label, {sums} "  # noqa: S608  # our own
        f"from ({entries_of(places, is_split=True)}) entry group by grouping sets ((), {sets})"
    )
