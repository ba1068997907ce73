"""Pages read months: as exact as the book itself, and no more rows behind more days."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.impact.queries import Group, group_totals, list_months, platform_totals
from marketplace.invariants.queries import INVARIANTS
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, Entry, Kind, Source
from marketplace.planning import queries as planning
from marketplace.projects import queries as projects
from tests.impact.test_queries import available, in_flight, pending
from tests.statements import rows_taken

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
_numbers = count(1)


def post(kind, *entries, day):
    ledger.post(
        kind=kind,
        effect_key=f"{kind}:months-{next(_numbers)}",
        currency="EUR",
        entries=entries,
        effective_at=FIRST + timedelta(days=day),
    )


def trade(project, days):
    """Let money come, be confirmed, go back and be paid out on each of these days."""
    for day in days:
        post(Kind.CAPTURE, Entry(CLEARING, pending(project), 100), day=day)
        post(Kind.CAPTURE, Entry(CLEARING, pending(project, Source.TOP_UP), 50), day=day)
        post(Kind.REFUND, Entry(pending(project), CLEARING, 10), day=day)
        post(Kind.RELEASE, Entry(pending(project), available(project), 80), day=day)
        post(Kind.PAYOUT, Entry(available(project), in_flight(project), 70), day=day)
        post(Kind.PAYOUT_SETTLED, Entry(in_flight(project), CLEARING, 60), day=day)


def fold():
    while ledger.compact():
        pass


def told(project):
    """Return everything that pages read by month."""
    platform = platform_totals("EUR")
    return (
        (platform.since, platform.given_minor, platform.own_gifts_minor, platform.paid_out_minor),
        group_totals(Group(), "EUR"),
        list_months(Group(), "EUR"),
        projects.list_months(project.id),
    )


def broken(name):
    query = next(one.query for one in INVARIANTS if one.name == name)
    return session.execute(sa.text(query)).one()[1]


class TestFolding:
    def test_changes_no_figure(self, world):
        wells = world["wells"]
        fold()
        trade(wells, (0, 1, 40, 45))
        before = told(wells)
        assert [month for month, *_rest in before[3]][:2] == [
            FIRST.date(),
            FIRST.date().replace(month=2),
        ]
        assert before[3][0][1:] == (280, 120, 0)  # 2 * (100 + 50 - 10), 2 * 60
        fold()
        assert session.scalar(sa.text("select count(*) from ledger_delta")) == 0
        assert told(wells) == before
        assert (broken("months"), broken("roll-ups")) == (0, 0)

    def test_is_found_out_where_a_month_is_wrong(self, world):
        fold()
        session.execute(sa.text("set local role none"))
        session.execute(
            sa.text(
                "update ledger_account_month set credit_minor = credit_minor + 1 "
                "where account_id = (select min(account_id) from ledger_account_month)"
            )
        )
        assert broken("months") > 0

    def test_keeps_the_days_on_which_money_went_on_or_came_back(self, world):
        wells, books = world["wells"], world["books"]
        post(Kind.REROUTE, Entry(pending(wells), pending(books), 30), day=3)
        post(Kind.PAYOUT, Entry(available(wells), in_flight(wells), 20), day=4)
        post(Kind.PAYOUT_RETURNED, Entry(in_flight(wells), available(wells), 20), day=5)
        today = (FIRST + timedelta(days=9)).date()
        before = planning.get_plan(wells.id, today=today).wrong
        moved = {one.kind: (one.on_day, one.minor) for one in before if one.minor}
        assert sorted(moved.values()) == [
            (FIRST.date() + timedelta(days=3), 30),
            (FIRST.date() + timedelta(days=5), 20),
        ]
        fold()
        assert planning.get_plan(wells.id, today=today).wrong == before


def rows_read(db, client, path):
    """Return how many rows a page's statements take from tables, those thrown away included."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if statement.lstrip().lower().startswith(("select", "with")):
            asked.append((statement, parameters))

    connection = db.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    sa.event.remove(connection, "before_cursor_execute", note)
    assert asked
    connection.exec_driver_sql("set local enable_seqscan = off")
    total = 0
    for statement, parameters in asked:
        explained = f"explain (analyze, format json) {statement}"
        plan = connection.exec_driver_sql(explained, parameters).scalar_one()
        total += rows_taken(plan[0]["Plan"])
    return total


class TestPages:
    @pytest.mark.parametrize("page", ["everything", "goal", "project"])
    def test_read_no_more_rows_behind_more_days(self, db, client, world, page):
        wells = world["wells"]
        path = {
            "everything": "/impact",
            "goal": "/impact/goals/6",
            "project": f"/projects/{wells.slug}",
        }[page]
        trade(wells, range(2))
        fold()
        few = rows_read(db, client, path)
        trade(wells, range(2, 28))
        fold()
        assert rows_read(db, client, path) == few
        assert few > 0
