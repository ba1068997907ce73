"""From any figure to its transfers: account, entry, transaction, and what it is about."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.desk.queries import book
from marketplace.ledger.models import Transaction
from marketplace.ledger.rules import Kind
from tests import factories
from tests.journeys.purchase import pay, place
from tests.orders.world import confirm_all, pay_out
from tests.statements import statements


@pytest.fixture
def desk(client, db, sign_in, shop, provider):
    """Return the operator's browser, an order that was confirmed, and a payout of its money."""
    order = pay(place(shop), provider)
    confirm_all(order.id)
    project = shop["projects"][0].id
    payout = pay_out(project)
    told = order.number, order.id, payout.number
    sign_in(client, factories.make_user(is_operator=True))
    return client, *told


def accounts(client, **asked):
    text = client.get("/staff/ledger", query_string=asked).text
    table = text.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'<a href="/staff/ledger/(\d+)">([^<]+)</a></th><td>([^<]*)</td>', table)


class TestAccounts:
    def test_are_found_by_purpose_and_owner(self, desk):
        client, *_ = desk
        springs = accounts(client, owner="Springs", all="1")
        assert {owner for _id, _purpose, owner in springs} == {"Springs"}
        assert "Project, confirmed" in {purpose for _id, purpose, _owner in springs}
        fees = accounts(client, purpose="provider_fees")
        assert [purpose for _id, purpose, _owner in fees] == ["Card fees"]
        assert accounts(client, owner="100%") == []

    def test_leave_out_what_stands_at_zero_unless_asked(self, desk):
        client, *_ = desk
        assert len(accounts(client, owner="Springs")) < len(
            accounts(client, owner="Springs", all="1")
        )

    def test_go_on_where_the_page_ended(self, desk, monkeypatch):
        whole = [one.id for one in book.list_accounts().rows]
        monkeypatch.setattr(book, "PER_PAGE", 2)
        first = book.list_accounts()
        rest = book.list_accounts(after=first.rows[-1].id)
        assert [one.id for one in [*first.rows, *rest.rows]] == whole[:4]
        assert 'rel="next"' in desk[0].get("/staff/ledger?all=1").text

    def test_name_the_owner(self, desk):
        rows = book.list_accounts(purpose="company_available").rows
        assert {one.owner for one in rows} == {"Arbosca", "Calmiera"}

    def test_cost_the_same_few_statements(self, desk, engine):
        with statements(engine) as asked:
            book.list_accounts()
        assert len(asked) == 1


class TestEntries:
    def test_are_narrowed_by_kind_and_day(self, desk):
        client, *_ = desk
        [(clearing, _purpose, _owner)] = accounts(client, purpose="provider_clearing")
        whole = book.list_entries(int(clearing), book.Narrowed()).rows
        kinds = {one.kind for one in whole}
        assert kinds == {"capture", "fee", "payout_settled"}
        fees = book.list_entries(int(clearing), book.Narrowed("fee")).rows
        assert [one.kind for one in fees] == ["fee"]
        tomorrow = clock.now() + timedelta(days=1)
        assert book.list_entries(int(clearing), book.Narrowed(since=tomorrow)).rows == []
        until = book.list_entries(int(clearing), book.Narrowed(until=tomorrow)).rows
        assert len(until) == len(whole)
        text = client.get(f"/staff/ledger/{clearing}?since=2000-01-01&until=2000-01-02").text
        assert "Nothing of this kind" in text

    def test_go_on_where_the_page_ended(self, desk, monkeypatch):
        client, *_ = desk
        [(clearing, _purpose, _owner)] = accounts(client, purpose="provider_clearing")
        whole = [one.id for one in book.list_entries(int(clearing), book.Narrowed()).rows]
        monkeypatch.setattr(book, "PER_PAGE", 3)
        first = book.list_entries(int(clearing), book.Narrowed())
        rest = book.list_entries(int(clearing), book.Narrowed(), before=first.rows[-1].id)
        assert [one.id for one in [*first.rows, *rest.rows]][:6] == whole[:6]

    def test_say_what_they_are_of(self, desk):
        _client, number, _order, payout = desk
        [account] = book.list_accounts(purpose="provider_clearing").rows
        of = {one.kind: one.subject for one in book.list_entries(account.id, book.Narrowed()).rows}
        assert of == {"capture": number, "fee": number, "payout_settled": f"#{payout}"}


class TestTransaction:
    def find(self, db, kind):
        return db.scalars(sa.select(Transaction.id).where(Transaction.kind == kind)).first()

    def test_shows_all_its_transfers_and_its_order(self, db, desk):
        client, number, order_id, _payout = desk
        capture = self.find(db, Kind.CAPTURE)
        own, following = book.list_transfers(capture)
        assert sum(one.amount_minor for one in own) == 7034
        assert {one.kind for one in following} == {"release"}
        text = client.get(f"/staff/ledger/transactions/{capture}").text
        assert f"Order {number}" in text
        assert f"/staff/orders/{order_id}" in text
        assert "What followed from them" in text

    def test_shows_the_payout_and_whom_it_went_to(self, db, desk):
        client, _number, _order, payout = desk
        settled = self.find(db, Kind.PAYOUT_SETTLED)
        assert f"#{payout}, Springs" in client.get(f"/staff/ledger/transactions/{settled}").text

    def test_leads_back_to_the_row_that_it_moves_on(self, db, desk):
        release, capture = self.find(db, Kind.RELEASE), self.find(db, Kind.CAPTURE)
        own, _following = book.list_transfers(release)
        assert {one.origin_transaction_id for one in own} == {capture}
        text = desk[0].get(f"/staff/ledger/transactions/{release}").text
        assert f"/staff/ledger/transactions/{capture}" in text

    def test_is_not_there(self, desk):
        assert desk[0].get("/staff/ledger/transactions/999999999").status_code == 404
