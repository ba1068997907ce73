"""What becomes due by itself, and the letters about it."""

from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.papers import jobs, queries
from tests.papers.test_service import parts_of, receipts, refund_all, write
from tests.statements import statements


@pytest.fixture
def letters(app):
    kept = app.extensions["post"].letters
    kept.clear()
    return kept


class TestGiftReceipts:
    def test_are_written_when_the_gift_is_confirmed(self, shop, recipient, ask, db):
        order = shop.buy()
        ask(order)
        jobs.look_after_gift_receipts()
        assert receipts(db) == []
        shop.send(order)
        shop.release(order)
        jobs.look_after_gift_receipts()
        assert len(receipts(db)) == 1

    def test_are_told_by_letter(self, confirmed, recipient, ask, letters, db):
        order = confirmed()
        (written,) = ask(order)
        jobs.gift_receipt_mail(receipt_id=str(written.id))
        (letter,) = letters
        assert letter["Subject"] == f"Your gift receipt {written.number}"
        for kind in ("plain", "html"):
            body = letter.get_body((kind,)).get_content()
            assert "€1.00" in body
            assert f"/en/receipt/{order.token}/papers" in body

    def test_are_told_when_they_do_not_hold_any_more(
        self, confirmed, shop, recipient, ask, letters, db
    ):
        order = confirmed()
        (written,) = ask(order)
        refund_all(shop, order)
        jobs.look_after_gift_receipts()
        letters.clear()
        jobs.gift_cancelled_mail(receipt_id=str(written.id))
        assert "does not hold any more" in letters[0]["Subject"]
        assert "was given back" in letters[0].get_body(("plain",)).get_content()


class TestInvoices:
    def test_are_written_for_the_last_days_only(self, shop, db):
        order = shop.buy()
        parts = parts_of(order)
        found = queries.list_without_invoice(clock.now() - timedelta(hours=1))
        assert sorted(found) == sorted(parts)
        assert queries.list_without_invoice(clock.now() + timedelta(hours=1)) == []
        jobs.write_invoices()
        assert len(queries.list_invoices(parts)) == 2
        assert queries.list_without_invoice(clock.now() - jobs.LOOK_BACK) == []

    def test_are_followed_by_credit_notes(self, shop, db):
        order = shop.buy()
        jobs.write_invoices()
        shop.refund(order, line=0)
        part = parts_of(order)[0]
        assert queries.list_without_credit_notes(clock.now() - jobs.LOOK_BACK) == [part]
        jobs.write_invoices()
        assert [one.kind.value for one in queries.list_invoices([part])] == [
            "invoice",
            "credit_note",
        ]
        assert queries.list_without_credit_notes(clock.now() - jobs.LOOK_BACK) == []

    def test_are_numbered_in_the_order_of_time_whatever_a_batch_holds(self, shop, db, monkeypatch):
        monkeypatch.setattr(jobs, "PARTS_A_BATCH", 3)
        orders = [shop.buy() for _ in range(4)]
        jobs.write_invoices()
        jobs.write_invoices()
        for place in (0, 1):
            written = queries.list_invoices([parts_of(order)[place] for order in orders])
            by_part = {one.company_order_id: one.serial for one in written}
            assert [by_part[parts_of(order)[place]] for order in orders] == [1, 2, 3, 4]

    def test_of_a_batch_say_what_one_written_alone_says(self, shop, db):
        alone, together = shop.buy(), shop.buy()
        for part in parts_of(alone):
            write(part)
        jobs.write_invoices()
        for ones, others in zip(parts_of(alone), parts_of(together), strict=True):
            (first,), (second,) = queries.list_invoices([ones]), queries.list_invoices([others])
            changed = {"order": second.told["order"]}
            assert first.told | changed == second.told
            assert first.gross_minor == second.gross_minor

    def test_ask_as_little_for_many_as_for_few(self, shop, db, engine):
        def asked_for(count):
            for _ in range(count):
                shop.buy()
            with statements(engine) as asked:
                jobs.write_invoices()
            return len([one for one in asked if "paper_series" not in one])

        assert asked_for(1) == asked_for(3)
