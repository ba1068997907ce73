"""The sequencer: everything once, in order, under a head that is signed."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from marketplace.core.ids import new_id
from marketplace.ledger.rules import CLEARING, AccountKey, Kind, Purpose
from marketplace.proofs import service
from marketplace.proofs.models import DayOfProject, Leaf, Salt
from marketplace.proofs.queries import log
from marketplace.proofs.queries.receipts import receipt_proof
from marketplace.proofs.verify import Checkpoint, check_receipt, fields_of, leaf_hash
from tests import factories
from tests.proofs.book import available, day, give, give_all, pending, post
from tests.proofs.conftest import SIGNER
from tests.proofs.trees import root_of


@pytest.fixture
def projects(db):
    return [factories.make_project() for _ in range(2)]


def entries(db):
    return list(db.scalars(sa.select(Leaf.entry).order_by(Leaf.index)))


def proof_of(order_id):
    return receipt_proof(order_id, key=str(SIGNER.key), url="http://localhost/log")


class TestSequence:
    def test_logs_each_event_once_and_signs_the_root(self, db, projects, sequence):
        for number in range(5):
            give(projects[number % 2], 100 + number, at=day(22))
        assert sequence(most=2) == 5
        assert sequence() == 0
        head = log.get_head()
        assert head.size == 5
        assert head.root == root_of(entries(db))
        assert Checkpoint.read(head.note).check(SIGNER.key) == 0

    def test_leaves_alone_what_is_no_projects_money(self, db, sequence):
        company = AccountKey(Purpose.COMPANY_PENDING, factories.make_company().id)
        post(CLEARING, company, 100, at=day(22))
        assert sequence() == 0
        assert log.find_head() is None

    def test_publishes_the_sums_of_a_day_that_is_over(self, db, projects, sequence):
        first, second = projects
        for number in (20, 20, 21):
            give(first, 100, at=day(number))
        give(second, 7, at=day(20))
        give(second, 8, at=day(22))
        assert sequence() == 5 + 3
        rows = db.scalars(sa.select(DayOfProject).order_by(DayOfProject.index)).all()
        told = [fields_of(entries(db)[row.index][1:].decode(), "causeway-day/1") for row in rows]
        assert {(one["day"], one["project"], one["count"]) for one in told} == {
            ("2026-11-20", str(first.id), "2"),
            ("2026-11-20", str(second.id), "1"),
            ("2026-11-21", str(first.id), "1"),
        }
        last = told[-1]
        assert (last["sums"], last["total"]) == ("outside>pending=100", "outside>pending=300")
        assert last["project"] == str(first.id)

    def test_counts_what_comes_late_on_the_first_day_that_is_open(self, db, projects, sequence):
        give(projects[0], 100, at=day(20))
        sequence()
        give(projects[0], 50, at=day(20))
        give(projects[0], 50, at=day(28))
        assert sequence() == 2 + 1
        events = db.execute(sa.select(Leaf.day).where(Leaf.move.is_not(None)).order_by(Leaf.index))
        assert [row.day.day for row in events] == [20, 21, 22]

    def test_closes_the_day_with_the_first_run_of_the_next(self, db, projects, sequence):
        give(projects[0], 100, at=day(22))
        assert sequence() == 1
        assert sequence(now=datetime(2026, 11, 23, 0, 0, 5, tzinfo=UTC)) == 1
        assert sequence(now=datetime(2026, 11, 24, tzinfo=UTC)) == 0

    def test_goes_on_over_the_edge_of_a_tile(self, db, projects, sequence):
        give_all(projects[0], range(1, 301), at=day(20))
        give_all(projects[0], range(1, 301), at=day(21))
        assert sequence(most=130) == 602
        head = log.get_head()
        assert head.root == root_of(entries(db))
        assert log.find_tile(0, 1, 256) == b"".join(map(leaf_hash, entries(db)[256:512]))
        assert log.find_tile(0, 2, 90) == b"".join(map(leaf_hash, entries(db)[512:]))
        assert log.find_tile(1, 0, 2) == root_of(entries(db)[:256]) + root_of(entries(db)[256:512])
        assert log.find_tile(0, 2, 91) is None

    def test_stops_when_somebody_changed_the_log(self, db, projects, sequence):
        give(projects[0], 100, at=day(22))
        sequence()
        db.execute(sa.text("reset role"))
        db.execute(sa.text("set session_replication_role = replica"))
        db.execute(sa.text("alter table proof_leaf disable trigger append_only"))
        db.execute(sa.text("update proof_leaf set entry = '\\x01ff' where index = 0"))
        give(projects[0], 1, at=day(22))
        with pytest.raises(service.LogWasChanged):
            sequence()


class TestProof:
    def test_of_an_order_holds(self, db, projects, sequence):
        order = new_id()
        give_all(projects[0], range(1, 301), at=day(20))
        give(projects[0], 240, at=day(20), order_id=order)
        give(projects[1], 60, at=day(22), order_id=order)
        sequence()
        proof = proof_of(order)
        findings = check_receipt(proof, SIGNER.key)
        assert [(one.is_good, one.what) for one in findings] == [
            (True, "signature"),
            (True, "counted"),
            (True, "event"),
        ], findings
        assert proof["waiting"] == 0

    def test_says_what_is_not_in_the_log_yet(self, db, projects, sequence):
        order = new_id()
        give(projects[0], 240, at=day(20), order_id=order)
        assert proof_of(order) is None
        sequence()
        give(projects[0], 240, at=day(21), order_id=order)
        assert proof_of(order)["waiting"] == 1

    def test_follows_the_money_to_the_project(self, db, projects, sequence):
        (project, _other), order = projects, new_id()
        flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, project.id)
        give(project, 240, at=day(19), order_id=order)
        held, confirmed = pending(project), available(project)
        post(held, confirmed, 240, at=day(20), kind=Kind.RELEASE, order_id=order)
        post(available(project), flight, 240, at=day(20), kind=Kind.PAYOUT)
        post(flight, CLEARING, 240, at=day(21), kind=Kind.PAYOUT_SETTLED)
        sequence()
        moves = [
            fields_of(one["text"], "causeway-event/1")["move"] for one in proof_of(order)["events"]
        ]
        assert moves == ["outside>pending", "pending>confirmed"]
        last = db.scalars(sa.select(DayOfProject).order_by(DayOfProject.index.desc())).first()
        text = fields_of(entries(db)[last.index][1:].decode(), "causeway-day/1")
        assert text["total"] == (
            "outside>pending=240 pending>confirmed=240 confirmed>underway=240 underway>outside=240"
        )


class TestForgetting:
    def test_leaves_the_root_and_closes_the_leaf(self, db, projects, sequence):
        order = new_id()
        give(projects[0], 240, at=day(20), order_id=order)
        sequence()
        root = log.get_head().root
        transfer = db.scalars(sa.select(Leaf.transfer_id).where(Leaf.index == 0)).one()
        assert service.forget(transfer_ids=[transfer]) == 1
        assert db.scalar(sa.select(sa.func.count()).select_from(Salt)) == 0
        proof = proof_of(order)
        assert (proof["forgotten"], proof["events"]) == (1, [])
        give(projects[0], 1, at=day(22))
        sequence()
        assert root_of(entries(db)[:2]) == root
        assert log.get_head().root == root_of(entries(db))

    def test_of_orders_goes_on_for_what_happens_to_them_later(self, db, projects, sequence):
        """Fails if a release after the erasure can be told to be of that order."""
        (project, _other), order, other = projects, new_id(), new_id()
        give(project, 240, at=day(19), order_id=order)
        give(project, 100, at=day(19), order_id=other)
        sequence()
        assert service.forget_orders(order_ids=[order], now=day(20)) == 1
        assert service.forget_orders(order_ids=[order], now=day(20)) == 0
        assert service.forget_orders(order_ids=[], now=day(20)) == 0
        post(
            pending(project), available(project), 240, at=day(20), kind=Kind.RELEASE, order_id=order
        )
        post(
            pending(project), available(project), 100, at=day(20), kind=Kind.RELEASE, order_id=other
        )
        sequence()
        proof = proof_of(order)
        assert (proof["forgotten"], proof["events"]) == (2, [])
        assert (proof_of(other)["forgotten"], len(proof_of(other)["events"])) == (0, 2)
        assert log.get_head().root == root_of(entries(db))
