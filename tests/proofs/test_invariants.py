"""`flask check` finds what anybody changed in the log or in the ledger under it."""

import pytest
import sqlalchemy as sa

from marketplace.core.ids import new_id
from marketplace.invariants.queries import check_all
from marketplace.ledger.rules import CLEARING, AccountKey, Kind, Purpose
from marketplace.proofs.queries.receipts import receipt_proof
from marketplace.proofs.verify import check_receipt
from tests import factories
from tests.proofs.book import available, day, give, give_all, pending, post
from tests.proofs.conftest import SIGNER

NAMES = ("log", "leaves", "head")


def broken():
    found = [one.invariant.name for one in check_all() if not one.holds]
    return [name for name in found if name in NAMES]


@pytest.fixture
def superuser(db):
    """Return what a superuser can do whom no trigger and no right stops."""

    def act(statement):
        db.execute(sa.text("reset role"))
        for table in ("proof_leaf", "proof_tile", "proof_checkpoint", "ledger_transfer"):
            db.execute(sa.text(f"alter table {table} disable trigger user"))
        db.execute(sa.text(statement))

    return act


@pytest.fixture
def project(db, sequence):
    """Every kind of move, and enough leaves for two full tiles."""
    made, order = factories.make_project(), new_id()
    flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, made.id)
    give_all(made, range(1, 600), at=day(19))
    give(made, 240, at=day(20), order_id=order)
    post(pending(made), available(made), 240, at=day(20), kind=Kind.RELEASE)
    post(available(made), flight, 100, at=day(20), kind=Kind.PAYOUT)
    post(flight, CLEARING, 100, at=day(21), kind=Kind.PAYOUT_SETTLED)
    post(pending(made), CLEARING, 7, at=day(21), kind=Kind.REFUND)
    other, hold = factories.make_project(), AccountKey(Purpose.DISPUTE_HOLD, made.id)
    post(pending(made), pending(other), 8, at=day(21), kind=Kind.REROUTE, order_id=order)
    post(pending(made), hold, 9, at=day(21), kind=Kind.DISPUTE_OPENED, order_id=order)
    sequence()
    made.order = order
    return made


class TestCheck:
    def test_finds_nothing_in_a_log_that_is_right(self, db, project):
        assert broken() == []
        looked_at = {one.invariant.name: one.looked_at for one in check_all()}
        assert looked_at["leaves"] == 607
        assert looked_at["log"] == 606
        assert looked_at["head"] == 607 + 4

    def test_finds_nothing_in_an_empty_log(self, db):
        assert broken() == []

    def test_finds_an_event_that_is_not_in_the_log(self, db, project, superuser):
        give(project, 5, at=day(21))
        assert broken() == []
        db.execute(sa.text("reset role"))
        db.execute(sa.text("alter table ledger_transaction disable trigger user"))
        superuser("update ledger_transaction set created_at = created_at - interval '61 minutes'")
        assert broken() == ["log"]

    @pytest.mark.parametrize(
        ("statement", "names"),
        [
            ("update proof_leaf set entry = entry || '\\x00' where index = 3", NAMES[1:]),
            ("update proof_leaf set entry = entry || '\\x00' where index = 599", ["head"]),
            ("delete from proof_leaf where index = 610", ["head"]),
            ("update proof_leaf set amount_minor = amount_minor + 1 where index = 3", ["leaves"]),
            ("update ledger_transfer set amount_minor = 999 where amount_minor = 3", ["leaves"]),
            ("update proof_tile set hashes = overlay(hashes placing '\\x00' from 40)", ["head"]),
            ("update proof_checkpoint set root = sha256(root)", ["head"]),
        ],
    )
    def test_finds_what_a_superuser_changed(self, db, project, superuser, statement, names):
        superuser(statement)
        assert broken() == list(names)


class TestReceipt:
    def test_no_longer_holds_when_a_superuser_changed_the_ledger(self, db, project, superuser):
        key = str(SIGNER.key)
        proof = receipt_proof(project.order, key=key, url="")
        assert all(one.is_good for one in check_receipt(proof, SIGNER.key))
        superuser("update ledger_transfer set amount_minor = 241 where amount_minor = 240")
        proof = receipt_proof(project.order, key=key, url="")
        assert not all(one.is_good for one in check_receipt(proof, SIGNER.key))


class TestGuards:
    @pytest.mark.parametrize(
        "table",
        ["leaf", "day", "chunk", "tile", "checkpoint", "cosignature"],
    )
    @pytest.mark.parametrize("statement", ["delete from {}", "truncate {}", "update {} set x = 1"])
    def test_keep_even_the_owner_from_changing_the_log(self, db, project, table, statement):
        column = "size" if table in ("checkpoint", "cosignature") else "index"
        column = "day_index" if table == "chunk" else column
        if table == "cosignature":
            db.execute(sa.text("insert into proof_cosignature values (1, 'w', 'l', now())"))
        db.execute(sa.text("reset role"))
        text = statement.format(f"proof_{table}").replace("x = 1", f"{column} = {column}")
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.execute(sa.text(text))
        db.rollback()

    @pytest.mark.parametrize("table", ["leaf", "day", "chunk", "tile", "checkpoint", "cosignature"])
    def test_give_the_product_no_right_to(self, db, table):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.execute(sa.text(f"delete from proof_{table}"))
        db.rollback()

    def test_let_salts_be_deleted_and_never_exchanged(self, db, project):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(sa.text("update proof_salt set salt = salt"))
        db.execute(sa.text("delete from proof_salt where index = 0"))
        assert broken() == []
