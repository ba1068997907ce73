"""Differences on the operator's desk, and totals that stand still until they are explained."""

import pytest
import sqlalchemy as sa

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import User
from marketplace.checkout import jobs as checkout_jobs
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid
from marketplace.reconciliation import jobs, queries, service
from tests import factories
from tests.statements import statements

PAGE = "/staff/reconciliation"


@pytest.fixture
def operator(client, db, sign_in):
    person = factories.make_user(is_operator=True, name="Giulia Ferrero")
    sign_in(client, person)
    return person


def explain_all():
    operator = session.scalars(sa.select(User).where(User.is_operator)).one()
    for one in queries.list_differences("unexplained").rows:
        with atomic():
            service.explain(difference_id=one.id, reason="Seen", operator=operator, now=clock.now())


class TestTotals:
    def test_stand_still_until_the_difference_is_explained(self, app, buys, later, operator):
        visitor = app.test_client()
        buys()
        late = buys(noticed=False).checkout_session_id
        jobs.reconcile_now()
        assert "Our book and the payment provider" not in visitor.get("/ledger").text
        counted = visitor.get("/api/v1/impact").get_json()
        later(2)
        jobs.reconcile_now()
        other = visitor.get("/api/v1/impact").get_json()
        assert other == counted | {"is_held_back": True}
        for page in ("/", "/ledger"):
            text = visitor.get(page).text
            assert "stand as they were reconciled on" in text, page
        assert "Not published while a difference is not explained" in visitor.get("/ledger").text
        explain_all()
        live = visitor.get("/api/v1/impact").get_json()
        assert not live["is_held_back"]
        checkout_jobs.settle_session(late)
        live = visitor.get("/api/v1/impact").get_json()
        assert live["given_minor"] == 2 * counted["given_minor"]

    def test_say_that_they_were_never_reconciled(self, app, buys, later):
        buys(noticed=False)
        later(2)
        jobs.reconcile_now()
        assert "were not reconciled" in app.test_client().get("/ledger").text

    def test_cost_two_statements(self, db, engine, buys, later):
        buys()
        jobs.reconcile_now()
        with statements(engine) as asked:
            assert not queries.public_totals("EUR").is_held
        assert len(asked) == 2


class TestExplanation:
    def test_is_kept_with_its_author_and_in_the_audit_log(self, client, buys, later, operator):
        buys(noticed=False)
        later(2)
        jobs.reconcile_now()
        page = client.get(PAGE).text
        assert "2 differences are not explained" in page
        assert "€70.34" in page
        one = queries.list_differences("unexplained").rows[0]
        address = f"{PAGE}/differences/{one.id}/explain"
        assert client.post(address, data={"reason": " "}).status_code == 422
        assert client.post(address, data={"reason": "Paid by a test"}).status_code == 303
        assert client.post(address, data={"reason": "Again"}).status_code == 409
        page = client.get(f"{PAGE}?which=explained").text
        assert "Giulia Ferrero" in page
        assert "Paid by a test" in page
        [entry] = accounts.list_audit("difference", one.key)
        assert (entry.action, entry.reason) == ("difference.explain", "Paid by a test")

    def test_holds_as_long_as_the_sides_differ_in_this_way(self, db, buys, later, operator):
        buys(noticed=False)
        later(2)
        jobs.reconcile_now()
        explain_all()
        assert jobs.reconcile_now().unexplained == 0
        fee = next(one for one in queries.list_differences("explained").rows if "fee" in one.key)
        with atomic():
            fee.provider_minor -= 1  # as if it had been another amount
        assert jobs.reconcile_now().unexplained == 1

    def test_needs_a_reason(self, db, buys, later, operator):
        buys(noticed=False)
        later(2)
        jobs.reconcile_now()
        one = queries.list_differences("unexplained").rows[0]
        given = {"difference_id": one.id, "operator": operator, "now": clock.now()}
        with pytest.raises(Invalid), atomic():
            service.explain(reason="", **given)
        with atomic():
            service.explain(reason="Seen", **given)
        with pytest.raises(Conflict), atomic():
            service.explain(reason="Seen", **given)


class TestDesk:
    def test_says_that_nothing_was_compared(self, client, operator):
        assert "Nothing was compared yet" in client.get(PAGE).text
        assert client.get(f"{PAGE}?which=closed&after=x").status_code == 200

    def test_compares_when_asked(self, client, buys, operator, run_jobs):
        buys()
        assert client.post(f"{PAGE}/run").status_code == 303
        assert "reconcile" in run_jobs()
        assert "Everything is explained" in client.get(PAGE).text
