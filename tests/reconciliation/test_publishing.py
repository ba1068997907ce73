"""Totals of projects and companies that stand still while a difference may concern them."""

import json

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.impact import queries as impact
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from marketplace.orders import queries as orders
from marketplace.reconciliation import jobs, queries
from marketplace.reconciliation.models import Figure
from tests import factories
from tests.journeys.purchase import pay, place
from tests.reconciliation.test_staff import explain_all
from tests.statements import statements


def write(effect_key, *, subject_id=None):
    """Write into the book what the provider knows nothing of."""
    with atomic():
        ledger.post(
            kind=Kind.REFUND,
            effect_key=effect_key,
            currency="EUR",
            entries=[Entry(AccountKey(Purpose.COMMISSION), CLEARING, 100)],
            subject_id=subject_id,
            effective_at=clock.now(),
        )


@pytest.fixture
def concerned(buys):
    """Return the order, the company and the project of a purchase that was reconciled."""
    order = buys()
    jobs.reconcile_now()
    found = orders.get_order(order.id)
    project = next(one.project for one in found.allocations)
    return found, found.company_orders[0].company, project


@pytest.fixture
def buys_again(db, shop, provider):
    """Return a function that buys once more, after others have looked at the shop."""

    def buy():
        seen = [session.merge(product) for product in shop["products"]]
        for product in seen:
            db.refresh(product, ["variants"])
        return pay(place(shop | {"products": seen}), provider)

    return buy


@pytest.fixture
def bystanders(db):
    """Return a company and a project that have nothing to do with it."""
    pair = factories.make_company(name="Beside"), factories.make_project(title="Aside")
    db.commit()
    return pair


def given(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    return told["is_held_back"], told["totals"]


class TestDifferenceOfAnOrder:
    def test_holds_its_project_and_company_and_nobody_else(
        self, app, client, db, concerned, bystanders, buys_again, later
    ):
        order, company, project = concerned
        company_at, project_at = (
            f"/api/v1/companies/{company.slug}",
            f"/api/v1/projects/{project.slug}",
        )
        before = given(client, company_at), given(client, project_at)
        assert [is_held for is_held, _totals in before] == [False, False]
        write("refund:re_unknown", subject_id=order.id)
        later(2)
        jobs.reconcile_now()
        buys_again()
        after = given(client, company_at), given(client, project_at)
        assert [is_held for is_held, _totals in after] == [True, True]
        assert [totals for _is_held, totals in after] == [totals for _is_held, totals in before]
        listed = client.get("/api/v1/projects").get_json()["items"]
        assert {one["title"]: one["is_held_back"] for one in listed}["Aside"] is False
        assert {one["slug"]: one["is_held_back"] for one in listed}[project.slug] is True
        for slug, held in ((project.slug, True), (bystanders[1].slug, False)):
            page = client.get(f"/projects/{slug}").text
            assert ("Figures here are being checked since" in page) is held
        for slug, held in ((company.slug, True), (bystanders[0].slug, False)):
            page = client.get(f"/companies/{slug}").text
            assert ("Figures here are being checked since" in page) is held
        assert "Figures here are being checked since" in client.get("/projects").text

        factories.make_user(is_operator=True)
        explain_all()
        live = given(client, project_at)
        assert live[0] is False
        assert live[1]["pending_minor"] == 2 * before[1][1]["pending_minor"]

    def test_takes_the_figures_kept_at_the_last_run_without_one(self, concerned, buys_again, later):
        order, company, project = concerned
        [at_first] = impact.project_totals([project.id]).values()
        write("refund:re_unknown", subject_id=order.id)
        buys_again()
        later(2)
        jobs.reconcile_now()
        jobs.reconcile_now()
        shown = queries.project_totals([project.id])
        assert shown.totals[project.id] == at_first
        assert shown.checked_since
        assert shown.counted_at(clock.now()) < clock.now()
        assert queries.company_totals([company.id]).held == {company.id}


class TestDifferenceOfNobodyKnowsWho:
    def test_holds_all(self, client, concerned, bystanders, later):
        write("capture:pi_invented")
        later(2)
        jobs.reconcile_now()
        assert queries.find_hold().is_whole
        _order, _company, project = concerned
        for slug in (project.slug, bystanders[1].slug):
            assert given(client, f"/api/v1/projects/{slug}")[0]
        told = client.get("/solvency.json").get_json()
        assert told["checked_since"]
        assert "These figures are being checked since" in client.get("/solvency").text
        assert "Figures here are being checked since" not in client.get("/").text  # it says so once

    def test_shows_nothing_of_who_had_nothing_when_the_sides_agreed(
        self, client, concerned, bystanders, later, db
    ):
        db.execute(sa.delete(Figure))
        write("capture:pi_invented")
        later(2)
        jobs.reconcile_now()
        _order, _company, project = concerned
        assert given(client, f"/api/v1/projects/{project.slug}")[1]["pending_minor"] == 0


class TestDifferenceOfAFee:
    def test_is_the_platforms_own_and_holds_no_project(self, client, concerned, later):
        order, _company, project = concerned
        write(f"fee:{order.payment_id}:again")
        later(2)
        jobs.reconcile_now()
        hold = queries.find_hold()
        assert hold.since
        assert not hold.is_whole
        assert not given(client, f"/api/v1/projects/{project.slug}")[0]


class TestHold:
    def test_costs_one_statement(self, db, engine, concerned):
        with statements(engine) as asked:
            assert queries.find_hold().since is None
        assert len(asked) == 1

    def test_keeps_figures_only_where_they_changed(self, db, concerned, buys_again):
        def rows():
            return dict(
                db.execute(sa.text("select owner_id, xmin::text from reconciliation_figure")).all()
            )

        before = rows()
        jobs.reconcile_now()
        assert rows() == before
        buys_again()
        jobs.reconcile_now()
        assert rows() != before
        assert json.dumps(db.scalars(sa.select(Figure.figures)).first())
