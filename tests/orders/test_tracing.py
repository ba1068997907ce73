"""The trace of a receipt: which payout and which receipt an order's money is in, and how late."""

from datetime import date, timedelta

import pytest

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, Entry, Kind, Purpose, Source
from marketplace.media.models import Photo
from marketplace.orders.models import Order
from marketplace.orders.queries import get_order
from marketplace.projects.models import Spending
from tests import factories
from tests.journeys.purchase import pay, place
from tests.orders.world import confirm_all, pay_out
from tests.statements import statements


@pytest.fixture
def bought(shop, provider):
    """Return two orders alike, the first of them confirmed first."""
    orders = [place(shop), place(shop)]
    return [pay(order, provider).id for order in orders]


@pytest.fixture
def project(shop):
    return shop["projects"][0].id


def told(client, order_id, place=0):
    order = session.get(Order, order_id)
    return client.get(f"/receipt/{order.token}.json").get_json()["projects"][place]


def page(client, order_id):
    return client.get(f"/receipt/{session.get(Order, order_id).token}").text


def spend(project_id, minor, day, purpose):
    person = factories.make_user()
    photo = Photo(
        id=new_id(),
        key=new_id().hex,
        sha256=new_id().bytes * 2,
        widths=[480],
        width=480,
        height=360,
        created_at=clock.now(),
    )
    session.add(photo)
    session.flush()
    session.add(
        Spending(
            id=new_id(),
            project_id=project_id,
            amount_minor=minor,
            spent_on=day,
            payee="Ironmonger",
            purpose=purpose,
            receipt_id=photo.id,
            created_by_id=person.id,
            created_at=clock.now(),
        )
    )
    session.commit()


class TestTrace:
    def test_tells_the_day_of_the_confirmation(self, client, bought):
        assert told(client, bought[0])["confirmed_at"] is None
        at = confirm_all(bought[0])
        assert told(client, bought[0])["confirmed_at"] == at.isoformat()

    def test_names_the_payout_and_how_much_of_others_was_in_it(self, client, bought, project):
        for order_id in bought:
            confirm_all(order_id)
        paid = pay_out(project)
        first, second = (told(client, one) for one in bought)
        for one in (first, second):
            [payout] = one["payouts"]
            assert payout["number"] == paid.number
            assert payout["amount_minor"] == paid.amount_minor
            assert payout["part_minor"] == one["paid_out_minor"] == one["confirmed_minor"]
            assert payout["part_minor"] + payout["together_with_others_minor"] == paid.amount_minor
        assert sum(one["confirmed_minor"] for one in (first, second)) == paid.amount_minor
        assert f"in payout #{paid.number} of" in page(client, bought[0])
        assert "together with" in page(client, bought[0])

    def test_pays_what_was_confirmed_first_first(self, client, bought, project):
        confirm_all(bought[0])
        early = pay_out(project)
        confirm_all(bought[1])
        late = pay_out(project)
        assert [one["number"] for one in told(client, bought[0])["payouts"]] == [early.number]
        assert [one["number"] for one in told(client, bought[1])["payouts"]] == [late.number]
        assert "which was nothing but this" in page(client, bought[1])

    def test_matches_receipts_first_in_first_out(self, client, bought, project):
        for order_id in bought:
            confirm_all(order_id)
        pay_out(project)
        mine = told(client, bought[0])["confirmed_minor"]
        spend(project, mine - 10, date(2026, 4, 1), "Cement")
        spend(project, 25, date(2026, 4, 9), "Pipe")
        first, second = (told(client, one)["spendings"] for one in bought)
        assert [(one["purpose"], one["part_minor"]) for one in first] == [
            ("Cement", mine - 10),
            ("Pipe", 10),
        ]
        assert [(one["purpose"], one["part_minor"]) for one in second] == [("Pipe", 15)]
        text = page(client, bought[0])
        assert "Cement" in text
        assert "Ironmonger" in text

    def test_says_how_late_a_confirmation_is(self, client, bought, db):
        order = get_order(bought[0])
        for part in order.company_orders:
            part.window_closes_at = clock.now() - timedelta(days=3, hours=1)
        db.commit()
        assert told(client, bought[0])["confirmation_is_late_by_days"] == 3
        assert "3 days late" in page(client, bought[0])

    def test_says_how_late_a_payout_is(self, client, app, bought, project):
        age = app.config["SETTINGS"].payout_maximum_age_days
        confirm_all(bought[0], clock.now() - timedelta(days=age + 5, hours=1))
        assert told(client, bought[0])["payout_is_late_by_days"] == 5
        assert "5 days late" in page(client, bought[0])
        pay_out(project)
        assert told(client, bought[0])["payout_is_late_by_days"] == 0
        assert "Paid by" not in page(client, bought[0]).split("Aurora")[0]

    def test_is_late_no_day_too_soon(self, client, bought):
        confirm_all(bought[0])
        assert told(client, bought[0])["payout_is_late_by_days"] == 0
        assert "Paid by" in page(client, bought[0])

    def test_leaves_the_outcome_open(self, client, bought):
        assert told(client, bought[0])["outcome"] is None
        assert "Not reported yet" in page(client, bought[0])

    def test_asks_two_more_statements_at_most(self, client, engine, bought, project):
        with statements(engine) as before:
            page(client, bought[0])
        for order_id in bought:
            confirm_all(order_id)
        pay_out(project)
        spend(project, 50, date(2026, 4, 1), "Cement")
        with statements(engine) as after:
            page(client, bought[0])
        assert len(after) <= len(before) + 3  # and what was confirmed before

    def test_shows_what_a_dispute_froze(self, client, bought):
        order = get_order(bought[0])
        owner = order.allocations[0].project_id
        pending = AccountKey(Purpose.PROJECT_PENDING, owner, Source.PLEDGE)
        hold = AccountKey(Purpose.DISPUTE_HOLD, owner, Source.PLEDGE)
        with atomic():
            ledger.post(
                kind=Kind.DISPUTE_OPENED,
                effect_key="dispute:dp_1:opened",
                currency="EUR",
                entries=[Entry(pending, hold, 100)],
                subject_id=order.id,
                effective_at=clock.now(),
            )
        assert told(client, order.id)["frozen_by_a_dispute_minor"] == 100
        assert "is frozen until a dispute" in page(client, order.id)
