"""Buying for programs: prices, orders that a repeated call finds again, where they stand."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.catalog.models import Variant
from marketplace.checkout import api, jobs, service
from marketplace.checkout.models import Basket
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.giving.models import DefaultProject
from marketplace.invariants import queries as invariants
from marketplace.orders.models import Order, OrderState
from marketplace.projects.models import Project
from sandbox.app import store_of
from sandbox.control import set_chaos
from tests import factories

API = "/api/v1"
HOME = {
    "email": "elena@example.org",
    "name": "Elena Rossi",
    "street": "Via Po 1",
    "postal_code": "10123",
    "city": "Torino",
    "country": "IT",
}


def make_key(db, *scopes):
    _token, secret = accounts.issue_token(
        user=factories.make_user(), name="till", scopes=list(scopes), now=clock.now()
    )
    db.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def key(db):
    return make_key(db, "orders:write")


@pytest.fixture
def shop(db):
    weaver = factories.make_company(
        name="Arbosca", slug="arbosca", pledge_bp=800, shipping_minor=490
    )
    roaster = factories.make_company(slug="calmiera", pledge_bp=None, pledge_unit_minor=66)
    towels = factories.make_product(weaver, price_minor=3660, title="Towels")
    beans = factories.make_product(roaster, price_minor=1342, vat_bp=1000, title="Beans")
    projects = [factories.make_project(slug=slug) for slug in ("springs", "aurora")]
    later = factories.NOW + timedelta(seconds=1)  # what is made in one moment has no order
    projects.append(factories.make_project(slug="nora", created_at=later))
    for place, project in enumerate(projects[:2]):
        db.add(DefaultProject(company_id=weaver.id, project_id=project.id, position=place))
    db.commit()
    return {
        "lines": [
            {"variant_id": str(towels.variants[0].id), "quantity": 1},
            {"variant_id": str(beans.variants[0].id), "quantity": 2},
        ],
        "projects": [str(project.id) for project in projects],
    }


@pytest.fixture
def wish(shop):
    return {"lines": shop["lines"], "delivery": HOME}


def send(client, key, wish, number="order-1"):
    return client.post(f"{API}/orders", json=wish, headers={**key, "Idempotency-Key": number})


class TestKey:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer cw_x_y", "Basic cw_x", "Bearer é"])
    def test_must_be_known(self, client, shop, header):
        answer = client.post(
            f"{API}/baskets", json={"lines": shop["lines"]}, headers={"Authorization": header}
        )
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_must_have_the_scope(self, client, shop, db):
        answer = client.post(
            f"{API}/baskets", json={"lines": shop["lines"]}, headers=make_key(db, "read")
        )
        assert answer.status_code == 403
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]

    def test_may_be_used_so_often_a_minute(self, client, shop, key, monkeypatch):
        monkeypatch.setattr("marketplace.accounts.api.CALLS", 2)
        codes = [
            client.post(f"{API}/baskets", json={"lines": shop["lines"]}, headers=key).status_code
            for _ in range(3)
        ]
        assert codes == [200, 200, 429]

    def test_is_noted_as_used(self, client, shop, key, db):
        client.post(f"{API}/baskets", json={"lines": shop["lines"]}, headers=key)
        assert db.scalar(sa.text("select used_at from api_token")) is not None


class TestBasket:
    def test_is_priced_with_what_each_line_gives(self, client, shop, key):
        found = client.post(f"{API}/baskets", json={"lines": shop["lines"]}, headers=key).json
        assert [line["share_minor"] for line in found["lines"]] == [240, 132]
        assert found["share_minor"] == 372
        assert found["total_minor"] == 3660 + 2 * 1342 + 490 == found["items_minor"] + 490
        assert found["is_buyable"] is True
        assert found["default_choice"] == [
            {"project": shop["projects"][0], "amount_minor": 120},
            {"project": shop["projects"][1], "amount_minor": 120},
            {"project": shop["projects"][2], "amount_minor": 132},  # named by none: the newest
        ]
        assert "Arbosca" in found["lines"][0]["sentence"]

    def test_says_when_there_are_not_enough_pieces(self, client, shop, key):
        lines = [{**shop["lines"][0], "quantity": 11}]
        found = client.post(f"{API}/baskets", json={"lines": lines}, headers=key).json
        assert found["is_buyable"] is False
        assert found["lines"][0]["available"] == 10

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"quantity": "1"}, "lines.0.quantity"),
            ({"quantity": 1.0}, "lines.0.quantity"),
            ({"quantity": True}, "lines.0.quantity"),
            ({"quantity": 0}, "lines.0.quantity"),
            ({"quantity": 100}, "lines.0.quantity"),
            ({"variant_id": "00000000-0000-7000-8000-000000000000"}, "lines.0.variant_id"),
            ({"variant_id": 7}, "lines.0.variant_id"),
            ({"price_minor": 1}, "lines.0.price_minor"),
        ],
    )
    def test_is_refused_with_the_place_that_is_wrong(self, client, shop, key, change, where):
        lines = [{**shop["lines"][0], **change}]
        answer = client.post(f"{API}/baskets", json={"lines": lines}, headers=key)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [where]

    @pytest.mark.parametrize("lines", [[], None, {}, "x"])
    def test_needs_lines(self, client, key, lines):
        answer = client.post(f"{API}/baskets", json={"lines": lines}, headers=key)
        assert answer.status_code == 422

    def test_names_each_variant_once(self, client, shop, key):
        lines = [shop["lines"][0]] * 2
        answer = client.post(f"{API}/baskets", json={"lines": lines}, headers=key)
        assert answer.json["errors"] == {"lines": "Name each variant once."}

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            (b"lines=1", "application/x-www-form-urlencoded", 415),
            (b"{", "application/json", 400),
            (b"[" * 60_000, "application/json", 400),
            (b'{"lines": ' + b"9" * 5_000 + b"}", "application/json", 400),
            (b"[]", "application/json", 422),
            (b"null", "application/json", 422),
            (b"x" * 70_000, "application/json", 413),
            (b"\xff", "application/json", 400),
        ],
    )
    def test_is_a_small_json_document(self, client, key, body, kind, status):
        answer = client.post(f"{API}/baskets", data=body, content_type=kind, headers=key)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"


class TestOrder:
    def test_is_placed_for_the_companies_projects_and_paid_on_the_providers_page(
        self, client, wish, key, provider, db
    ):
        answer = send(client, key, wish)
        assert answer.status_code == 201, answer.text
        placed = answer.json
        assert placed["state"] == "placed"
        assert placed["total_minor"] == 6834
        assert placed["payment_url"].startswith("http://pay.test/")
        given = {}
        for one in placed["allocations"]:
            given[one["project"]] = given.get(one["project"], 0) + one["amount_minor"]
        assert given == {"springs": 120, "aurora": 120, "nora": 132}

        where = provider.pay(placed["payment_url"])
        assert where.startswith(f"http://localhost/en/checkout/done/{placed['token']}")
        order = db.scalar(sa.select(Order))
        jobs.settle_session(order.checkout_session_id)
        found = client.get(f"{API}/orders/{placed['token']}", headers=key)
        assert found.headers["Cache-Control"] == "no-store"
        assert found.json["state"] == "paid"
        assert found.json["payment_url"] is None
        assert [parcel["state"] for parcel in found.json["parcels"]] == ["to_send", "to_send"]
        assert found.json["refunds"] == []
        assert "email" not in found.json
        assert client.get(found.json["receipt_url"]).status_code == 200
        assert [one.invariant.name for one in invariants.check_all() if not one.holds] == []

    def test_follows_the_choice_and_the_shoppers_own_gift(self, client, shop, wish, key, provider):
        amounts = zip(shop["projects"], (186, 112, 74), strict=True)
        wish["choice"] = [{"project": one, "amount_minor": minor} for one, minor in amounts]
        placed = send(client, key, wish | {"top_up_minor": 200, "locale": "fr"}).json
        own = [one for one in placed["allocations"] if one["source"] == "top_up"]
        assert sum(one["amount_minor"] for one in own) == 200
        assert {one["company"] for one in own} == {None}
        pledged = [one for one in placed["allocations"] if one["source"] == "pledge"]
        nora = [one["amount_minor"] for one in pledged if one["project"] == "nora"]
        assert sum(nora) == 74
        assert placed["total_minor"] == 7034

    def test_is_found_again_by_its_key(self, client, wish, key, provider, db):
        first = send(client, key, wish)
        again = send(client, key, wish)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json == first.json
        assert db.scalar(sa.select(sa.func.count()).select_from(Order)) == 1

    def test_is_one_when_its_key_comes_twice_at_the_same_time(
        self, client, wish, key, provider, db, monkeypatch
    ):
        first = send(client, key, wish).json
        really, calls = api._known, []

        def blind_at_first(*given):
            calls.append(given)
            return really(*given) if len(calls) > 1 else None

        monkeypatch.setattr(api, "_known", blind_at_first)
        again = send(client, key, wish)
        assert len(calls) == 2
        assert (again.status_code, again.json["number"]) == (200, first["number"])

    def test_gets_its_payment_page_later_if_the_provider_was_out_of_reach(
        self, client, wish, key, provider, payment_double, db
    ):
        silence = {"match": "^/v1/checkout", "do": "connection_error", "times": 10}
        set_chaos(store_of(payment_double), {"rules": [silence]})
        assert send(client, key, wish).json["payment_url"] is None
        set_chaos(store_of(payment_double), {})
        again = send(client, key, wish)
        assert again.status_code == 200
        assert again.json["payment_url"].startswith("http://pay.test/")

    def test_is_not_another_one_for_the_same_key(self, client, wish, key, provider, db):
        send(client, key, wish)
        answer = send(client, key, wish | {"top_up_minor": 100})
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json["errors"]
        assert db.scalar(sa.select(sa.func.count()).select_from(Order)) == 1

    def test_has_a_key_that_belongs_to_its_program_alone(self, client, wish, key, provider, db):
        first = send(client, key, wish).json
        second = send(client, make_key(db, "orders:write"), wish)
        assert second.status_code == 201
        assert second.json["number"] != first["number"]

    def test_is_found_by_its_key_when_what_was_asked_for_is_forgotten(
        self, client, wish, key, provider, db
    ):
        first = send(client, key, wish)
        with atomic():
            assert not service.purge(now=clock.now() + timedelta(days=41))
        assert db.scalar(sa.select(sa.func.count()).select_from(Basket)) == 0
        again = send(client, key, wish)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json["number"] == first.json["number"]

    def test_can_be_tried_again_after_it_was_refused(self, client, wish, key, provider, db):
        db.execute(sa.update(Variant).values(on_hand=0))
        db.commit()
        assert send(client, key, wish).status_code == 409
        db.execute(sa.update(Variant).values(on_hand=5))
        db.commit()
        assert send(client, key, wish).status_code == 201

    def test_is_refused_when_the_price_is_not_what_the_shopper_saw(self, client, wish, key):
        answer = send(client, key, wish | {"expected_total_minor": 1})
        assert answer.status_code == 409
        assert answer.content_type == "application/problem+json"

    @pytest.mark.parametrize("state", ["full", "paused", "closed", "suspended"])
    def test_is_refused_when_a_chosen_project_takes_nothing(
        self, client, shop, wish, key, db, state
    ):
        first = shop["projects"][0]
        wish["choice"] = [{"project": first, "amount_minor": 372}]
        db.execute(sa.update(Project).where(Project.id == first).values(state=state))
        db.commit()
        answer = send(client, key, wish)
        assert answer.status_code == 409
        assert answer.content_type == "application/problem+json"
        proposed = client.post(f"{API}/baskets", json={"lines": wish["lines"]}, headers=key)
        assert proposed.status_code == 200
        assert first not in proposed.text

    def test_is_refused_when_the_choice_does_not_add_up(self, client, shop, wish, key):
        wish["choice"] = [{"project": shop["projects"][0], "amount_minor": 371}]
        answer = send(client, key, wish)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["choice"]

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"delivery": {**HOME, "name": "A\x00B"}}, "delivery.name"),
            ({"delivery": {**HOME, "name": "\ud800"}}, "delivery.name"),
            ({"delivery": {**HOME, "name": "x" * 121}}, "delivery.name"),
            ({"delivery": {**HOME, "country": "XX"}}, "delivery.country"),
            ({"delivery": {**HOME, "planet": "Earth"}}, "delivery.planet"),
            ({"delivery": "home"}, "delivery"),
            ({"top_up_minor": -1}, "top_up_minor"),
            ({"top_up_minor": 1_000_001}, "top_up_minor"),
            ({"top_up_minor": "5"}, "top_up_minor"),
            ({"choice": []}, "choice"),
            ({"locale": "de"}, "locale"),
            ({"customer_id": 1}, "customer_id"),
        ],
    )
    def test_is_refused_with_the_place_that_is_wrong(self, client, wish, key, db, change, where):
        answer = client.post(
            f"{API}/orders",
            data=json.dumps(wish | change),
            content_type="application/json",
            headers={**key, "Idempotency-Key": "k"},
        )
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [where]
        assert db.scalar(sa.select(sa.func.count()).select_from(Order)) == 0

    @pytest.mark.parametrize("number", [None, "", "with blank", "é", "x" * 201])
    def test_needs_a_key_of_its_own(self, client, wish, key, number):
        headers = key if number is None else {**key, "Idempotency-Key": number}
        answer = client.post(f"{API}/orders", json=wish, headers=headers)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["Idempotency-Key"]

    def test_is_shown_to_programs_with_a_key_only(self, client, wish, key, provider):
        placed = send(client, key, wish).json
        assert client.get(f"{API}/orders/{placed['token']}").status_code == 401
        assert client.get(f"{API}/orders/nothing", headers=key).status_code == 404

    def test_says_what_was_written_in_the_shoppers_language(self, client, wish, key, provider, db):
        placed = send(client, key, wish | {"locale": "it"}).json
        assert db.scalar(sa.select(Order)).locale == "it"
        assert "8%" in placed["lines"][0]["sentence"]

    def test_says_that_it_lapsed(self, client, wish, key, provider, db):
        placed = send(client, key, wish).json
        db.execute(sa.update(Order).values(state=OrderState.LAPSED))
        db.commit()
        found = client.get(f"{API}/orders/{placed['token']}", headers=key).json
        assert (found["state"], found["payment_url"]) == ("lapsed", None)
