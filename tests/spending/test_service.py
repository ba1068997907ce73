"""Receipts, corrections and tables: what counts, what stays, what changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.ids import new_id
from marketplace.core.reading.report import Report
from marketplace.impact import queries as impact
from marketplace.media import service as media
from marketplace.payouts.models import PayeeKind, Payout, PayoutState
from marketplace.projects import queries as projects
from marketplace.projects.models import Spending
from marketplace.projects.service import Foreign
from marketplace.spending import queries, service
from marketplace.spending.models import SpendingDraft
from marketplace.spending.rules import read_row
from marketplace.spending.service import Line
from tests import factories
from tests.factories import NOW
from tests.spending.conftest import picture

TODAY = NOW.date()


def spent(project):
    return impact.project_totals([project.id])[project.id].spent_minor


class TestCorrection:
    def test_counts_instead(self, project, spend):
        first = spend(500)
        spend(450, corrects=first, note="Read wrong")
        assert spent(project) == 450
        assert len(queries.list_spendings(project.id).rows) == 2

    def test_of_zero_takes_it_back(self, project, spend):
        spend(0, corrects=spend(500), note="Was not ours")
        assert spent(project) == 0

    def test_takes_it_off_the_budget_line(self, project, spend):
        pipe, tea = (line.id for line, _spent in projects.list_budget(project.id))
        spend(450, corrects=spend(500, budget_line_id=pipe), budget_line_id=tea)
        assert [spent for _line, spent in projects.list_budget(project.id)] == [0, 450]

    def test_is_the_only_one(self, spend):
        first = spend(500)
        spend(450, corrects=first)
        with pytest.raises(Conflict):
            spend(400, corrects=first)

    def test_is_what_alone_may_be_nothing(self, spend):
        with pytest.raises(Invalid):
            spend(0)

    @pytest.mark.parametrize(
        "statement", ["update spending set payee = 'x'", "delete from spending"]
    )
    def test_is_the_only_way_to_change_a_receipt(self, spend, db, statement):
        spend(500)
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.begin_nested():
            db.execute(sa.text(statement))


class TestForeign:
    def test_is_worth_what_the_rate_says(self, project, spend):
        foreign = Foreign(10_290_000, "KES", Decimal(150), TODAY, "Bank slip")
        made = spend(1, foreign=foreign)
        assert (made.amount_minor, made.local_minor, spent(project)) == (68_600, 10_290_000, 68_600)

    def test_has_no_rate_of_tomorrow(self, spend):
        foreign = Foreign(10_290_000, "KES", Decimal(150), TODAY + timedelta(1), "-")
        with pytest.raises(Invalid):
            spend(1, foreign=foreign)


def pay(db, project, minor, days, returned=0):
    payout = Payout(
        id=new_id(),
        payee_id=project.id,
        payee_kind=PayeeKind.PROJECT,
        currency="EUR",
        amount_minor=minor,
        returned_minor=returned,
        state=PayoutState.RETURNED if returned == minor else PayoutState.PAID,
        commanded_at=NOW,
        paid_at=NOW - timedelta(days=days),
    )
    db.add(payout)
    db.flush()


class TestPaidOut:
    def test_matches_what_was_paid_first_with_what_was_spent_first(self, project, spend, db):
        for minor, days, returned in ((1_000, 30, 0), (700, 20, 700), (600, 10, 100)):
            pay(db, project, minor, days, returned)
        for minor, days in ((400, 25), (800, 5)):
            spend(minor, days)
        spend(0, corrects=spend(9_999, 28))
        newest, oldest = queries.list_paid_out(project.id, "EUR")
        assert [(part.purpose, part.part_minor) for part in oldest.parts] == [
            ("Cement 400", 400),
            ("Cement 800", 600),
        ]
        assert [part.part_minor for part in newest.parts] == [200]
        assert (oldest.unspent_minor, newest.amount_minor, newest.unspent_minor) == (0, 500, 300)

    def test_shows_the_newest_only(self, project, db):
        for days in (3, 2, 1):
            pay(db, project, 100 + days, days)
        assert [one.amount_minor for one in queries.list_paid_out(project.id, "EUR", 2)] == [
            101,
            102,
        ]
        assert queries.list_paid_out(project.id, "USD") == []


ROWS = [
    {
        "date": "2026-03-01",
        "amount": "12.50",
        "paid to": "Riwa",
        "for": "Cement",
        "receipt": "A.png",
    },
    {"date": "2026-03-01", "amount": "2.00", "paid to": "Shop", "for": "Tea", "budget line": "TEA"},
    {"date": "2026-03-01", "amount": "2.00", "paid to": "Shop", "for": "Tea", "budget line": "TEA"},
    {"date": "2026-03-02", "amount": "3", "paid to": "Shop", "for": "Tea", "budget line": "Coffee"},
]


@pytest.fixture
def bring(project, owner):
    def bring(*rows):
        report = Report()
        lines = [
            Line(place, read_row(place, row, "EUR", TODAY)) for place, row in enumerate(rows, 2)
        ]
        photo = media.store_photo(upload=picture(), alt="", user_id=None, now=NOW)
        service.bring(
            project=project,
            by=owner,
            lines=lines,
            receipts=service.receipts_named([("C:\\scans\\a.png", photo)]),
            report=report,
            now=NOW,
        )
        return report

    return bring


class TestBring:
    def test_takes_each_row_whole_or_says_why_not(self, project, bring):
        report = bring(*ROWS)
        assert (report.created, report.skipped) == (3, 1)
        assert [(one.line, one.value) for one in report.refusals] == [(5, "Coffee")]
        assert spent(project) == 1_250
        assert [draft.purpose for draft in queries.list_drafts(project.id)] == ["Tea", "Tea"]

    def test_changes_nothing_the_second_time(self, project, bring, db):
        bring(*ROWS[:3])
        report = bring(*ROWS[:3])
        assert (report.created, report.updated, report.unchanged, report.skipped) == (0, 0, 3, 0)
        assert db.query(Spending).count() == 1
        assert db.query(SpendingDraft).count() == 3

    def test_changes_what_waits_and_refuses_what_is_recorded(self, project, bring):
        waiting, recorded = (ROWS[1] | {"reference": "1"}), (ROWS[0] | {"reference": "2"})
        bring(waiting, recorded)
        report = bring(waiting | {"amount": "2.20"}, recorded | {"amount": "99"})
        assert (report.updated, report.skipped) == (1, 1)
        assert queries.list_drafts(project.id)[0].amount_minor == 220
        assert spent(project) == 1_250

    def test_takes_the_same_reference_twice_in_a_file_as_one_row(self, bring, db):
        row = ROWS[1] | {"reference": "1"}
        report = bring(row, row)
        assert (report.created, report.unchanged) == (1, 1)
        assert db.query(SpendingDraft).count() == 1

    def test_leaves_other_currencies_to_the_rate(self, project, bring):
        bring(ROWS[0] | {"currency": "KES", "rate": "125", "rate source": "Bank", "amount": "1250"})
        assert spent(project) == 1_000

    def test_does_not_bring_again_what_was_thrown_away(self, project, bring):
        bring(ROWS[1])
        service.dismiss(draft=queries.list_drafts(project.id)[0], now=NOW)
        assert bring(ROWS[1]).unchanged == 1
        assert queries.list_drafts(project.id) == []


class TestDraft:
    def test_of_another_project_is_none(self, project, bring):
        bring(ROWS[1])
        draft = queries.list_drafts(project.id)[0]
        with pytest.raises(NotFound):
            queries.lock_draft(factories.make_project().id, draft.id)
