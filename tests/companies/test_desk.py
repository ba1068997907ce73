"""A company's desk: what is to do, and what it promises."""

import pytest

from tests import factories
from tests.journeys.test_purchase import pay, place, shop  # noqa: F401  # a fixture

SAID = {
    "tagline": "Linen",
    "about": "Eleven people.",
    "kind": "unit",
    "pledge": "5,00",
    "shipping": "4.90",
    "free_from": "",
    "ships_within_days": "3",
}


@pytest.fixture
def member(client, sign_in, shop):  # noqa: F811
    person = factories.make_user()
    factories.make_member(shop["companies"][0], person)
    sign_in(client, person)
    return person


class TestDesk:
    def test_says_what_is_to_send_and_what_is_pending(self, client, member, shop, provider):  # noqa: F811
        pay(place(shop), provider)
        page = client.get(f"/company/{shop['companies'][0].slug}").text
        assert "1 order is to send" in page
        assert "€37.60" in page  # 32.70 of the towels and 4.90 for the parcel
        assert shop["companies"][0].name in client.get("/company").text

    def test_is_not_there_for_others(self, client, sign_in, shop):  # noqa: F811
        sign_in(client, factories.make_user())
        for address in ("", "/profile"):
            assert client.get(f"/company/{shop['companies'][0].slug}{address}").status_code == 404


class TestPromise:
    def test_changes_for_new_orders(self, client, member, shop):  # noqa: F811
        address = f"/company/{shop['companies'][0].slug}/profile"
        assert client.post(address, data=SAID).status_code == 303
        page = client.get(f"/products/{shop['products'][0].slug}").text
        assert "€5.00" in page

    @pytest.mark.parametrize("name", ["pledge", "shipping", "free_from"])
    def test_says_what_is_no_amount(self, client, member, shop, name):  # noqa: F811
        address = f"/company/{shop['companies'][0].slug}/profile"
        answer = client.post(address, data=SAID | {name: "a lot"})
        assert answer.status_code == 422
        assert "a lot" in answer.text

    def test_is_for_owners_to_change(self, client, sign_in, shop):  # noqa: F811
        editor = factories.make_user()
        factories.make_member(shop["companies"][0], editor, role="editor")
        sign_in(client, editor)
        address = f"/company/{shop['companies'][0].slug}/profile"
        assert client.post(address, data=SAID).status_code == 403
