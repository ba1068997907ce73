"""Somebody asks to be forgotten: their receipts prove nothing any more, the log stays whole."""

import pytest

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.invariants.queries import check_all
from marketplace.orders.models import Order
from marketplace.proofs import service
from tests import factories
from tests.journeys.purchase import pay, place


@pytest.fixture
def bought(app, db, shop, provider):
    """Return an order of somebody who is signed up, in the log."""
    person = factories.make_user(email="elena@example.org")
    order = db.get(Order, pay(place(shop), provider).id)
    order.customer_id = person.id
    db.commit()
    with atomic():
        service.sequence(signer=app.config["LOG_SIGNER"], now=clock.now())
    return person, order


class TestOperator:
    def test_makes_the_entries_of_a_person_anonymous(self, client, bought, run_jobs):
        """Fails if the leaves can still be opened, or if the tree no longer proves what it did."""
        person, order = bought
        at = f"/receipt/{order.token}/proof.json"
        before = client.get(at).get_json()
        assert before["events"]
        assert before["forgotten"] == 0
        operator = factories.make_user(is_operator=True)
        factories.sign_in(client, operator)
        desk = f"/staff/people/{person.id}"
        assert "Entries in the public log" in client.get(desk).text
        assert client.post(f"{desk}/forget-proofs", data={"reason": ""}).status_code == 422
        assert client.post(f"{desk}/forget-proofs", data={"reason": "Art. 17"}).status_code == 303
        assert "forget_proofs" in run_jobs()
        after = client.get(at).get_json()
        assert after["events"] == []
        assert after["forgotten"] == len(before["events"])
        assert after["checkpoint"] == before["checkpoint"]
        assert [one.invariant.name for one in check_all() if not one.holds] == []
        assert "Art. 17" in client.get(desk).text

    def test_is_an_operator(self, client, bought):
        person, _order = bought
        factories.sign_in(client, person)
        answer = client.post(f"/staff/people/{person.id}/forget-proofs", data={"reason": "Mine"})
        assert answer.status_code == 403
