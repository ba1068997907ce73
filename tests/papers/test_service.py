"""Gift receipts and invoices: numbers without gaps, amounts of the book, nothing ever changed."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs as checkout_jobs
from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.ledger.rules import Source
from marketplace.orders.queries import get_order
from marketplace.papers import queries, service
from marketplace.papers.models import GiftReceipt, Invoice
from marketplace.papers.rules import RecipientKind, Why
from marketplace.papers.service import gifts


def receipts(db):
    db.expire_all()
    return db.scalars(sa.select(GiftReceipt).order_by(GiftReceipt.serial)).all()


def refund_all(shop, order):
    with atomic():
        checkout.request_full_refund(
            order_id=order.id, reason="Never came", requested_by_id=None, now=clock.now()
        )
    for command_id in checkout_jobs.queries.list_due_commands(clock.now()):
        checkout_jobs.run_command(command_id=str(command_id))


class TestQualify:
    def test_is_written_down_with_the_document(self, db, shop, recipient, operator):
        line = db.execute(
            sa.text("select actor_id, action, reason from audit_entry where action like 'recip%'")
        ).one()
        assert line.actor_id == operator.id
        assert line.action == "recipient.qualified"
        assert line.reason == "IT 97512340015: Extract of the register of 3 May 2026"

    @pytest.mark.parametrize(
        ("begins", "ends", "fits"),
        [
            ("2019-01-01", "2019-12-31", True),
            ("2019-01-01", "2020-01-01", False),
            ("2019-01-01", None, False),
            ("2020-06-01", "2020-07-01", False),
            ("2020-12-31", None, False),
            ("2021-01-01", None, True),
            ("2021-01-02", "2021-01-01", False),
        ],
    )
    def test_leaves_no_day_to_two_recipients(self, shop, qualify, begins, ends, fits):
        qualify(shop.projects[0], valid_until=date(2020, 12, 31))
        days = {
            "valid_from": date.fromisoformat(begins),
            "valid_until": date.fromisoformat(ends) if ends else None,
        }
        if fits:
            qualify(shop.projects[0], **days)
        else:
            with pytest.raises(Invalid):
                qualify(shop.projects[0], **days)

    def test_stays_as_it_was_checked(self, db, recipient):
        for change in (
            "name = 'Another'",
            "registration_number = '1'",
            "valid_from = '2000-01-01'",
        ):
            with pytest.raises(sa.exc.DBAPIError, match="as it was checked"), db.begin_nested():
                db.execute(sa.text(f"update gift_recipient set {change}"))

    def test_ends_once_and_never_later(self, db, recipient, operator):
        def end(day):
            with atomic():
                service.end(
                    recipient=queries.get_recipient(recipient.id), last_day=day,
                    reason="Struck off", operator=operator, now=clock.now(),
                )  # fmt: skip

        end(date(2026, 12, 31))
        with pytest.raises(Conflict):
            end(date(2027, 1, 1))
        with pytest.raises(Conflict):
            end(date(2019, 12, 31))
        end(date(2026, 6, 30))
        assert not queries.get_recipient(recipient.id).holds_on(date(2026, 7, 1))

    def test_knows_no_other(self, db, shop):
        with pytest.raises(NotFound):
            queries.get_recipient(shop.projects[0].id)


class TestAsk:
    def test_gives_a_receipt_over_what_is_confirmed_for_who_qualifies(
        self, confirmed, recipient, ask, db
    ):
        order = confirmed()
        (written,) = ask(order)
        assert written.amount_minor == 100  # of 2.00 in parts of 1.86, 1.12 and 0.74
        assert written.number == f"G-{written.given_on.year}-00001"
        assert (written.name, written.city) == ("Elena Bianchi", "Torino")
        assert written.recipient_id == recipient.id
        assert written.given_on == get_order(order.id).paid_at.date()

    def test_waits_until_the_gift_is_confirmed(self, shop, recipient, ask, look, db):
        order = shop.buy()
        assert ask(order) == []
        assert queries.list_to_look_at() == []
        shop.send(order)
        shop.release(order)
        assert queries.list_to_look_at() == [order.id]
        assert len(look(order)) == 1
        assert look(order) == []
        assert queries.list_to_look_at() == []

    def test_changes_the_name_on_receipts_that_are_to_come(self, shop, recipient, ask, look, db):
        order = shop.buy()
        ask(order)
        ask(order, name="Elena Bianchi Rossi")
        shop.send(order)
        shop.release(order)
        look(order)
        assert [one.name for one in receipts(db)] == ["Elena Bianchi Rossi"]

    def test_writes_none_twice(self, confirmed, recipient, ask, db):
        order = confirmed()
        ask(order)
        ask(order, name="Somebody else")
        assert [one.name for one in receipts(db)] == ["Elena Bianchi"]

    @pytest.mark.parametrize(
        ("begins", "ends"), [(1, None), (-30, -1)], ids=["not yet", "not any more"]
    )
    def test_writes_none_for_a_day_on_which_nobody_qualified(
        self, shop, confirmed, qualify, ask, begins, ends
    ):
        today = clock.now().date()
        days = {"valid_from": today + timedelta(days=begins)}
        days["valid_until"] = today + timedelta(days=ends) if ends else None
        qualify(shop.projects[0], **days)
        assert ask(confirmed()) == []

    def test_refuses_an_order_without_a_gift(self, shop, recipient, ask):
        order = shop.buy(top_up=0)
        with pytest.raises(Conflict):
            ask(order)

    def test_numbers_each_organisation_and_year_without_gaps(
        self, confirmed, shop, qualify, ask, db
    ):
        for project in shop.projects[:2]:
            qualify(project)
        qualify(
            shop.projects[2],
            registration_number="B-1",
            name="Fondazione",
            kind=RecipientKind.CHARITY,
        )
        for _ in range(3):
            ask(confirmed())
        by_series = {}
        for one in receipts(db):
            by_series.setdefault(one.series, []).append(one.serial)
        assert by_series == {
            "gift:IT:97512340015": [1, 2, 3, 4, 5, 6],
            "gift:IT:B-1": [1, 2, 3],
        }

    @staticmethod
    def fail_after(write):
        def failing(*arguments):
            write(*arguments)
            raise RuntimeError

        return failing

    def test_gives_a_number_back_that_was_not_used(
        self, confirmed, recipient, ask, db, monkeypatch
    ):
        order, other = confirmed(), confirmed()
        monkeypatch.setattr(gifts, "_write", self.fail_after(gifts._write))
        with pytest.raises(RuntimeError):
            ask(order)
        monkeypatch.undo()
        ask(other)
        assert [one.serial for one in receipts(db)] == [1]


class TestLookAfter:
    def test_cancels_a_receipt_in_sight_of_all_when_the_gift_is_given_back(
        self, confirmed, shop, recipient, ask, look, db
    ):
        order = confirmed()
        ask(order)
        refund_all(shop, order)
        assert queries.list_to_look_at() == [order.id]
        assert look(order) == []
        (one,) = receipts(db)
        assert one.cancelled_why is Why.REFUNDED
        assert one.cancelled_at is not None
        assert queries.list_to_look_at() == []

    def test_cancels_it_though_the_project_was_paid_already_and_keeps_it(
        self, confirmed, shop, recipient, ask, look, db
    ):
        order = confirmed()
        ask(order)
        shop.pay_out(shop.projects[0].id, source=Source.TOP_UP)
        refund_all(shop, order)
        look(order)
        assert [one.cancelled_why for one in receipts(db)] == [Why.REFUNDED]

    def test_keeps_it_when_goods_come_back_and_the_gift_stays(
        self, confirmed, shop, recipient, ask, look, db
    ):
        order = confirmed()
        ask(order)
        shop.refund(order, line=0)
        assert queries.list_to_look_at() == [order.id]
        look(order)
        assert [one.cancelled_at for one in receipts(db)] == [None]

    def test_writes_another_where_a_part_is_left(
        self, confirmed, shop, recipient, ask, look, db, monkeypatch
    ):
        order = confirmed()
        ask(order)
        real = queries.stands_of
        monkeypatch.setattr(
            queries,
            "stands_of",
            lambda order_id: [
                type(one)(**{**vars(one), "missed_minor": one.confirmed_minor // 2})
                for one in real(order_id)
            ],
        )
        look(order)
        first, second = receipts(db)
        assert first.cancelled_at is not None
        assert (second.serial, second.amount_minor) == (2, 50)

    def test_leaves_a_disputed_gift_alone_until_it_is_decided(
        self, confirmed, shop, recipient, ask, look, db
    ):
        order = confirmed()
        ask(order)
        dispute = shop.dispute(order)
        shop.hear()
        look(order)
        assert [one.cancelled_at for one in receipts(db)] == [None]
        shop.provider.decide(dispute, "lost")
        shop.hear()
        look(order)
        assert [one.cancelled_why for one in receipts(db)] == [Why.REFUNDED]

    def test_does_nothing_where_nobody_asked(self, confirmed, look, recipient):
        assert look(confirmed()) == []


class TestGuards:
    @pytest.mark.parametrize(
        "statement",
        [
            "update gift_receipt set amount_minor = 1",
            "update gift_receipt set name = 'Other'",
            "delete from gift_receipt",
            "update paper_series set last = last + 2",
            "update paper_series set last = last - 1",
            "delete from paper_series",
            "insert into paper_series values ('gift:IT:X:2026', 5)",
        ],
    )
    def test_refuse(self, confirmed, recipient, ask, db, statement):
        ask(confirmed())
        with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
            db.execute(sa.text(statement))

    def test_let_nobody_take_a_cancellation_back(self, confirmed, shop, recipient, ask, look, db):
        order = confirmed()
        ask(order)
        refund_all(shop, order)
        look(order)
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), db.begin_nested():
            db.execute(sa.text("update gift_receipt set cancelled_at = null, cancelled_why = null"))

    @pytest.mark.parametrize(
        "statement", ["update invoice set gross_minor = 1", "delete from invoice"]
    )
    def test_keep_invoices(self, shop, db, statement):
        write(parts_of(shop.buy())[0])
        with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
            db.execute(sa.text(statement))


def write(part):
    """Write the papers of a part, by its id."""
    with atomic():
        service.write_papers(company_order_id=part, now=clock.now())
    return queries.list_invoices([part])


def parts_of(order):
    return [part.id for part in get_order(order.id).company_orders]


class TestInvoices:
    def test_are_written_once_for_each_company(self, shop, db):
        order = shop.buy()
        weaver, roaster = parts_of(order)
        (invoice,) = write(weaver)
        assert [one.id for one in write(weaver)] == [invoice.id]
        assert invoice.number == f"I-{clock.now().year}-00001"
        assert invoice.gross_minor == 3660 + 490
        items, line = invoice.told["items"], get_order(order.id).lines[0]
        assert [(one["title"], one["gross_minor"], one["vat_bp"]) for one in items] == [
            (f"{line.title}, {line.variant_title}", 3660, 2200),
            ("", 490, 2200),
        ]
        (other,) = write(roaster)
        assert other.gross_minor == 2684
        assert other.serial == 1

    def test_add_up_to_the_vat_of_the_order(self, shop):
        order = shop.buy()
        items = [item for part in parts_of(order) for item in write(part)[0].told["items"]]
        assert sum(one["gross_minor"] - one["net_minor"] for one in items) == order.vat_minor
        total = sum(one["gross_minor"] for one in items)
        assert total == order.total_minor - order.top_up_minor

    def test_are_numbered_without_gaps_for_each_company(self, shop, db):
        for _ in range(3):
            for part in parts_of(shop.buy()):
                write(part)
        for company in shop.companies:
            serials = db.scalars(
                sa.select(Invoice.serial).where(Invoice.company_id == company.id)
            ).all()
            assert sorted(serials) == [1, 2, 3]

    def test_are_not_written_for_what_was_not_paid(self, shop):
        assert list(write(parts_of(shop.place())[0])) == []

    def test_have_a_credit_note_for_what_was_given_back(self, shop):
        order = shop.buy()
        shop.refund(order, line=1)
        shop.refund(order, line=1)
        invoice, first, second = write(parts_of(order)[1])
        assert [first.gross_minor, second.gross_minor] == [1342, 1342]
        assert first.told["reason"] == "Torn"
        assert first.number == f"C-{clock.now().year}-00001"
        net = [one.told["items"][0]["net_minor"] for one in (invoice, first, second)]
        assert net[1] + net[2] == net[0]

    def test_leave_nothing_when_everything_was_given_back(self, shop):
        order = shop.buy()
        shop.refund(order, line=1)
        refund_all(shop, order)
        for part in parts_of(order):
            invoice, *notes = write(part)
            assert sum(one.gross_minor for one in notes) == invoice.gross_minor
            vat = [
                sum(item["gross_minor"] - item["net_minor"] for item in one.told["items"])
                for one in (invoice, *notes)
            ]
            assert vat[0] == sum(vat[1:])

    def test_say_what_the_company_wrote_then(self, shop, operator, db):
        first, second = shop.buy(), shop.buy()
        (before,) = write(parts_of(first)[0])
        assert before.told["seller"]["name"] == "Arbosca"
        with atomic():
            service.say_seller(
                company_id=shop.companies[0].id,
                said={
                    "legal_name": "Tessitura Arbosca S.r.l.",
                    "address": "Via Serra 4\n13900 Biella",
                    "vat_number": "IT01234560027",
                    "registration": "",
                },
                by=operator,
                now=clock.now(),
            )
        (after,) = write(parts_of(second)[0])
        assert after.told["seller"]["vat_number"] == "IT01234560027"
        assert write(parts_of(first)[0])[0].told["seller"]["vat_number"] == ""

    def test_know_no_part_that_is_not_there(self, shop):
        with pytest.raises(NotFound):
            write(shop.projects[0].id)
