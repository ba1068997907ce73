"""A copy of one's data, and being forgotten: everything goes that can, and not a cent moves."""

import json
from dataclasses import asdict

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Sponsor
from marketplace.core.db import Base, atomic
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.ids import new_id
from marketplace.invariants import queries as invariants
from marketplace.orders.models import Allocation, CompanyOrder, Order
from marketplace.papers import service as papers
from marketplace.papers.models import GiftReceipt, GiftRecipient, GiftRequest
from marketplace.papers.rules import RecipientKind
from marketplace.people.models import Invitation
from marketplace.privacy import queries, service
from marketplace.privacy.rules import GONE_NAME
from marketplace.proofs.jobs import sequence_log
from marketplace.proofs.models import Salt
from tests import factories
from tests.accounts.people import PASSWORD, make_person
from tests.journeys.purchase import pay, place

NOW = factories.NOW


@pytest.fixture
def person(db):
    return make_person(
        name="Rosalba Quattrocchi", email="rosalba@example.org", is_public_supporter=True
    )


@pytest.fixture
def order(person, shop, provider, db):
    placed = pay(place(shop), provider)
    placed.customer_id, placed.is_public_supporter = person.id, True
    placed.name, placed.email = person.name, person.email
    db.flush()
    return placed


GIVER = papers.Giver("Rosalba Quattrocchi", "Via Po 1", "10123", "Torino", "IT")


def write_receipt(order, db):
    """Write a gift receipt, as if the gift had been confirmed."""
    project = db.scalar(sa.select(Allocation.project_id).where(Allocation.order_id == order.id))
    recipient = GiftRecipient(
        id=new_id(), project_id=project, name="Springs", kind=RecipientKind.CHARITY, country="IT",
        registration_number="1", address="Riwa", valid_from=NOW.date(), document="Letter",
        checked_by_id=factories.make_user().id, checked_at=NOW,
    )  # fmt: skip
    db.add(recipient)
    db.flush()
    db.add(
        GiftReceipt(
            id=new_id(), order_id=order.id, project_id=project, recipient_id=recipient.id,
            series=recipient.series, year=NOW.year, serial=1, currency="EUR", amount_minor=100,
            given_on=NOW.date(), locale="en", issued_at=NOW, **asdict(GIVER),
        )
    )  # fmt: skip
    db.flush()


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
    "translation_complaint.by_id",
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

    def test_takes_out_in_whose_name_receipts_were_wanted(self, person, order, db):
        """Fails if the giver's name outlives them where no receipt was written."""
        with atomic():
            papers.ask(order_id=order.id, giver=GIVER, locale="en", now=NOW)
        erase(person)
        assert db.get(GiftRequest, order.id) is None

    def test_keeps_what_the_law_asks_of_a_written_receipt(self, person, order, db):
        with atomic():
            papers.ask(order_id=order.id, giver=GIVER, locale="en", now=NOW)
        write_receipt(order, db)
        erase(person)
        request = db.get(GiftRequest, order.id, populate_existing=True)
        assert (request.name, request.street, request.city) == (GONE_NAME,) * 3
        assert db.query(GiftReceipt).one().name == GIVER.name
        with atomic():
            assert papers.look_after(order_id=order.id, now=NOW) == []

    def test_takes_a_person_s_name_from_their_pools_and_leaves_a_foundation_s(self, person, db):
        with atomic():
            made = campaigns.introduce(name=person.name, kind="person", by=person, now=NOW)
            other = factories.make_user(name="Bruna")
            kept = campaigns.introduce(name="Riva", kind="foundation", by=other, now=NOW)
        erase(person)
        erase(other)
        assert db.get(Sponsor, made.id, populate_existing=True).name == GONE_NAME
        assert db.get(Sponsor, kept.id, populate_existing=True).name == "Riva"

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


@pytest.fixture
def guest(shop, provider, db):
    """Return an order of somebody without an account, who is shown by name."""
    placed = pay(place(shop), provider)
    placed.is_public_supporter = True
    db.commit()
    return placed


class TestAGuest:
    SAID = {"email": "Elena@example.org ", "is_meant": "1"}

    def test_is_offered_it_by_the_receipt(self, client, guest):
        assert f"/receipt/{guest.token}/forget" in client.get(f"/receipt/{guest.token}").text
        page = client.get(f"/receipt/{guest.token}/forget")
        assert "When the order is over" in page.text
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"

    def test_is_forgotten_once_the_order_is_over(self, client, guest, db):
        sequence_log()
        with atomic():
            papers.ask(order_id=guest.id, giver=GIVER, locale="en", now=NOW)
        at = f"/receipt/{guest.token}/forget"
        answer = client.post(at, data=self.SAID)
        assert answer.status_code == 303
        assert "You asked for it on" in client.get(at).text
        guest = db.get(Order, guest.id)
        assert (guest.name, guest.is_public_supporter) == ("Elena B.", False)
        assert db.get(GiftRequest, guest.id) is None
        assert client.get(f"/receipt/{guest.token}.json").json["proof"]["events"] == []
        with atomic():
            assert service.erase_orders(now=NOW) == 0
        release(guest, db)
        with atomic():
            assert service.erase_orders(now=NOW) == 1
        guest = db.get(Order, guest.id)
        assert (guest.name, guest.city, guest.erased_at) == (GONE_NAME, GONE_NAME, NOW)
        assert "were taken out of this order" in client.get(at).text
        assert client.post(at, data=self.SAID).status_code == 303  # once more changes nothing
        assert [one for one in invariants.check_all() if not one.holds] == []

    @pytest.mark.parametrize(
        "said", [{}, {"email": "other@example.org", "is_meant": "1"}, SAID | {"is_meant": ""}]
    )
    def test_has_to_know_the_address_and_to_mean_it(self, client, guest, db, said):
        answer = client.post(f"/receipt/{guest.token}/forget", data=said)
        assert answer.status_code == 422
        assert db.get(Order, guest.id).forget_asked_at is None

    def test_cannot_guess_the_address_for_long(self, client, guest):
        wrong = {"email": "other@example.org", "is_meant": "1"}
        codes = [
            client.post(f"/receipt/{guest.token}/forget", data=wrong).status_code for _ in range(11)
        ]
        assert codes == [422] * 10 + [429]

    def test_is_nobody_with_an_account(self, client, order):
        assert client.get(f"/receipt/{order.token}/forget").status_code == 404
        assert "/forget" not in client.get(f"/receipt/{order.token}").text
        with pytest.raises(Conflict):
            service.forget_order(order_id=order.id, email=order.email, now=NOW)
