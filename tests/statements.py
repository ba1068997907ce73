"""Counting what a page asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

BOOKKEEPING = ("savepoint", "release savepoint", "rollback to savepoint", "set constraints")


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """Collect the SQL statements that are executed, without the tests' own savepoints.

    with statements(engine) as asked:
        client.get("/")
    assert len(asked) <= 8
    """
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.lstrip().lower().startswith(BOOKKEEPING):
            asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def rows_taken(node: dict[str, Any], table: str | None = None) -> int:  # Any: JSON
    """Return how many rows an explained plan took from tables, or one, with those thrown away."""
    rows = 0
    if "Relation Name" in node and table in {None, node["Relation Name"]}:
        each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        rows = round(each * node["Actual Loops"])
    return rows + sum(rows_taken(below, table) for below in node.get("Plans", []))
