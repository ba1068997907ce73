"""All figures of a report against plain SQL of their own: see `recount`."""

import pytest

from marketplace.reports import queries
from marketplace.reports.rules import Figures
from tests.journeys.purchase import pay, place
from tests.reports.making import make_published
from tests.reports.recount import recount
from tests.reports.test_queries import confirm, give_all_back, give_back_a_piece, holds, pay_out


@pytest.fixture
def year(db, shop, provider):
    """Orders that stayed, that came back in parts and at once, before and after the payout."""
    springs, aurora, _nora = shop["projects"]
    springs.sdg_targets, aurora.sdg_targets = ["6.1", "6.2", "3.9"], ["12.5", "4.4"]
    db.commit()
    for choice in ((186, 112, 74), (100, 271, 1), (1, 371, 0)):
        order = pay(place(shop, choice=choice), provider)
        confirm(order)
    pay_out(springs)
    give_all_back(order)
    parts = pay(place(shop), provider)
    beans = next(one for one in parts.lines if one.quantity == 2)
    give_back_a_piece(parts, beans)
    give_back_a_piece(parts, beans)
    return shop


def counted(db, company, version):
    report = queries.get_version(version.id).report
    asked = {"starts": f"{report.starts_on}", "ends": f"{report.ends_on}"}
    connection = db.connection().connection.driver_connection
    return recount(connection, company=company.slug, last=version.last_transaction_id, **asked)


def told(version):
    rows = Figures.from_json(version.figures).rows
    return {(row.figure, row.by, row.of): row.amount for row in rows if row.amount}


class TestFigures:
    def test_are_those_of_an_independent_count(self, db, year):
        for company in year["companies"]:
            version = make_published(company)
            db.flush()
            assert told(version) == counted(db, company, version)
        assert holds()[1] == 0

    def test_by_target_add_up_to_what_was_given(self, db, year):
        for company in year["companies"]:
            figures = Figures.from_json(make_published(company).figures)
            for figure in ("given", "pending", "confirmed", "paid"):
                groups = figures.by("target")
                assert sum(one[figure] for one in groups) == figures[figure]
            names = [one.of for one in figures.by("target")]
            assert names == sorted(names, key=names.index)
            assert names[:2] == ["3.9", "4.4"]
            assert names[-1] == ""

    def test_by_promise_explain_each_cent(self, year):
        for company in year["companies"]:
            figures = Figures.from_json(make_published(company).figures)
            for one in figures.terms():
                explained = one.reckoned_minor + one.rounding_minor + one.cap_minor
                assert explained - one.taken_back_minor == one.given_minor
            assert sum(one.given_minor for one in figures.terms()) == figures["given"]
