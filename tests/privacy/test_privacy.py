"""A copy of one's data, and being forgotten: everything goes that can, and not a cent moves."""

import json

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import Base, atomic
from marketplace.core.errors import Invalid
from marketplace.invariants import queries as invariants
from marketplace.orders.models import CompanyOrder
from marketplace.people.models import Invitation
from marketplace.privacy import queries, service
from marketplace.privacy.rules import GONE_NAME
from marketplace.proofs.jobs import sequence_log
from marketplace.proofs.models import Salt
from tests import factories
from tests.accounts.people import PASSWORD, make_person
from tests.journeys.test_purchase import pay, place, shop  # noqa: F401  # a fixture

NOW = factories.NOW


@pytest.fixture
def person(db):
    return make_person(
        name="Rosalba Quattrocchi", email="rosalba@example.org", is_public_supporter=True
    )


@pytest.fixture
def order(person, shop, provider, db):  # noqa: F811  # the fixture that is imported
    placed = pay(place(shop), provider)
    placed.customer_id, placed.is_public_supporter = person.id, True
    placed.name, placed.email = person.name, person.email
    db.flush()
    return placed


def release(order, db):
    db.execute(
        sa.update(CompanyOrder).where(CompanyOrder.order_id == order.id).values(released_at=NOW)
    )


def erase(person):
    with atomic():
        service.erase(user_id=person.id, actor=None, reason="", now=NOW)


class TestColumnsThatGo:
    def test_are_what_is_nothing_without_the_person(self):
        """Fails if what somebody offered, follows or has in a basket would outlive their name."""
        going = {f"{one.table.name}.{one.name}" for one in queries.columns_that_go()}
        assert going >= {
            "api_token.user_id", "basket.user_id", "company_member.user_id", "follow.user_id",
            "need_answer.user_id", "preference.user_id", "project_owner.user_id",
            "recovery_code.user_id", "user_session.user_id",
        }  # fmt: skip
        assert "customer_order.customer_id" not in going

    def test_are_all_whose_key_is_the_person_but_for_evidence(self):
        keyed = {
            f"{one.table.name}.{one.name}" for one in queries.owned_columns() if one.primary_key
        }
        going = {f"{one.table.name}.{one.name}" for one in queries.columns_that_go()}
        assert keyed - going <= STAYS_THOUGH_KEYED


STAYS_THOUGH_KEYED = {
    "outcome_review.reviewer_id",
    "payout_approval.operator_id",
    "question_complaint.by_id",
}
"""That somebody agreed or looked is evidence, also when nobody knows any more who it was."""


class TestCopy:
    def test_holds_everything_and_no_key(self, person, order):
        found = queries.collect(person.id)
        text = json.dumps(found)
        assert found["user_account"][0]["email"] == person.email
        assert [row["number"] for row in found["customer_order"]] == [order.number]
        assert len(found["order_line"]) == len(order.lines)
        assert "allocation" in found
        assert person.password_hash not in text
        assert order.token not in text

    def test_holds_nothing_of_others(self, person, order):
        other = factories.make_user(name="Somebody Else")
        assert set(queries.collect(other.id)) == {"user_account"}

    def test_is_a_file_for_the_person_alone(self, client, sign_in, person):
        assert client.get("/account/data.json").status_code == 303
        sign_in(client, person)
        answer = client.get("/account/data.json")
        assert answer.json["user_account"][0]["name"] == person.name
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "no-store" in answer.headers["Cache-Control"]


class TestErasure:
    def test_takes_the_name_out_of_every_table(self, person, order, db):
        release(order, db)
        erase(person)
        with atomic():
            assert service.erase_orders(now=NOW) == 1
            assert service.erase_orders(now=NOW) == 0
        for table in Base.metadata.sorted_tables:
            if table.name == "procrastinate_jobs":
                continue
            text = str(db.execute(sa.select(table)).all())
            assert "Rosalba" not in text, table.name
            assert "rosalba@example.org" not in text, table.name

    def test_leaves_every_sum_and_every_invariant(self, person, order, db):
        release(order, db)
        erase(person)
        with atomic():
            service.erase_orders(now=NOW)
        assert [one for one in invariants.check_all() if not one.holds] == []

    def test_waits_with_the_address_while_goods_are_under_way(self, person, order, db):
        erase(person)
        with atomic():
            assert service.erase_orders(now=NOW) == 0
        db.refresh(order)
        assert order.name == "Rosalba Quattrocchi"
        assert order.is_public_supporter is False
        release(order, db)
        with atomic():
            assert service.erase_orders(now=NOW) == 1
        db.refresh(order)
        assert (order.name, order.street, order.erased_at) == (GONE_NAME, GONE_NAME, NOW)

    def test_makes_the_entries_in_the_log_anonymous(self, person, order, db, run_jobs):
        sequence_log()
        before = db.scalar(sa.select(sa.func.count()).select_from(Salt))
        erase(person)
        run_jobs()
        assert db.scalar(sa.select(sa.func.count()).select_from(Salt)) < before

    def test_closes_the_account_for_good(self, person, db):
        erase(person)
        db.refresh(person)
        assert (person.name, person.is_active, person.erased_at) == (GONE_NAME, False, NOW)
        erase(person)  # a second time changes nothing
        assert db.get(User, person.id).erased_at == NOW

    def test_is_refused_to_an_only_owner(self, person, db):
        company = factories.make_company()
        factories.make_member(company, person)
        db.commit()
        with pytest.raises(Invalid), atomic():
            service.erase(user_id=person.id, actor=None, reason="", now=NOW)
        factories.make_member(company, factories.make_user())
        erase(person)

    def test_forgets_invitations_to_the_address(self, person, db):
        erase(person)
        assert db.scalars(sa.select(Invitation.email)).all() == []


class TestPages:
    def test_erase_who_knows_the_password_and_means_it(self, client, sign_in, person, db):
        sign_in(client, person)
        person_id = person.id
        assert client.get("/account/data").status_code == 200
        wrong = client.post("/account/erase", data={"current_password": "x" * 12})
        assert wrong.status_code == 422
        assert "Tick this, if you mean it." in wrong.text
        wrong = client.post(
            "/account/erase", data={"current_password": "not it at all", "is_meant": "y"}
        )
        assert wrong.status_code == 422
        done = client.post("/account/erase", data={"current_password": PASSWORD, "is_meant": "y"})
        assert done.status_code == 303
        person = db.get(User, person_id, populate_existing=True)
        assert person.erased_at is not None
        assert client.get("/account").status_code == 303

    def test_let_an_operator_do_it_with_a_reason(self, client, sign_in, person, db):
        sign_in(client, factories.make_user(is_operator=True))
        person_id = person.id
        client.post(f"/staff/people/{person_id}/erase", data={"reason": ""})
        person = db.get(User, person_id, populate_existing=True)
        assert person.erased_at is None
        client.post(f"/staff/people/{person_id}/erase", data={"reason": "Asked by letter of 3 May"})
        person = db.get(User, person_id, populate_existing=True)
        assert person.erased_at is not None

    def test_are_closed_to_strangers(self, client, person):
        assert client.post("/account/erase").status_code == 303
        assert client.post(f"/staff/people/{person.id}/erase").status_code in (303, 403, 404)
