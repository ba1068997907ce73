"""What the log says: events, sums that nothing can be hidden in, notes."""

import uuid
from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketplace.proofs.rules import events, notes
from marketplace.proofs.verify import (
    COSIGNED,
    MOVES,
    Checkpoint,
    Key,
    Wrong,
    climb,
    encode_sums,
    event_entry,
    read_sums,
    sum_leaf,
    sum_node,
)
from tests.proofs.trees import flipped

PROJECT, OTHER, COMPANY = (uuid.UUID(int=number) for number in (1, 2, 3))
THEN = datetime(2026, 3, 12, 23, 30, tzinfo=UTC)
PENDING = ("project_pending", PROJECT, "pledge", True)
AVAILABLE = ("project_available", PROJECT, "pledge", True)
FLIGHT = ("payout_in_flight", PROJECT, None, True)
HOLD = ("dispute_hold", PROJECT, None, True)
CLEARING = ("provider_clearing", None, None, False)

leaves = st.lists(
    st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 24), st.integers(1, 10**12)),
    min_size=1,
    max_size=20,
)


def moved(debit, credit, **changes):
    values = {
        "transfer_id": 7,
        "kind": "capture",
        "effective_at": THEN,
        "currency": "EUR",
        "amount_minor": 240,
        "allocation_id": None,
    }
    return events.Moved(**values | changes, debit=debit, credit=credit)


class TestEvent:
    @pytest.mark.parametrize(
        ("debit", "credit", "move"),
        [
            (CLEARING, PENDING, "outside>pending"),
            (PENDING, AVAILABLE, "pending>confirmed"),
            (PENDING, CLEARING, "pending>outside"),
            (AVAILABLE, CLEARING, "confirmed>outside"),
            (AVAILABLE, FLIGHT, "confirmed>underway"),
            (FLIGHT, CLEARING, "underway>outside"),
            (FLIGHT, AVAILABLE, "underway>confirmed"),
            (PENDING, HOLD, "pending>frozen"),
            (HOLD, CLEARING, "frozen>outside"),
        ],
    )
    def test_says_where_the_money_went(self, debit, credit, move):
        (event,) = events.events_of(moved(debit, credit))
        assert (event.project_id, event.move, event.amount_minor) == (PROJECT, move, 240)

    def test_are_two_between_two_projects(self):
        other = ("project_pending", OTHER, "pledge", True)
        first, second = events.events_of(moved(PENDING, other))
        assert (first.project_id, first.move) == (PROJECT, "pending>outside")
        assert (second.project_id, second.move) == (OTHER, "outside>pending")

    def test_is_none_when_no_project_is_touched(self):
        company = ("company_pending", COMPANY, None, False)
        assert events.events_of(moved(CLEARING, company)) == []
        assert events.events_of(moved(("payout_in_flight", COMPANY, None, False), CLEARING)) == []

    def test_is_written_line_by_line(self):
        (event,) = events.events_of(moved(CLEARING, PENDING, allocation_id=OTHER))
        assert event.text(date(2026, 3, 12)) == (
            "causeway-event/1\ntransfer 7\nwhat capture\n"
            "project 00000000-0000-0000-0000-000000000001\n"
            "allocation 00000000-0000-0000-0000-000000000002\nsource pledge\n"
            "move outside>pending\ncurrency EUR\namount 240\nat 2026-03-12T23:30:00Z\n"
            "day 2026-03-12\n"
        )

    def test_tells_nothing_without_its_salt(self):
        entry = event_entry(bytes(32), "text")
        assert len(entry) == 33
        assert entry != event_entry(b"\1" + bytes(31), "text")
        with pytest.raises(Wrong):
            event_entry(bytes(31), "text")


class TestSums:
    @given(leaves, st.data())
    def test_count_every_event_once(self, rows, data):
        position = data.draw(st.integers(0, len(rows) - 1))
        chunks = events.chunks_of(rows)
        root, sums = events.tree.fold(chunks, sum_node)
        path = events.sum_path(rows, chunks, position)
        commitment, move, amount = rows[position]
        leaf = sum_leaf(commitment, MOVES[move], amount)
        assert climb(leaf, position, len(rows), path, sum_node) == (root, sums)
        assert sum(sums.values()) == sum(amount for _, _, amount in rows)

    @pytest.mark.parametrize("count", [255, 256, 257, 600])
    def test_are_proved_across_chunks(self, count):
        rows = [(number.to_bytes(32, "big"), number % 25, number + 1) for number in range(count)]
        chunks = events.chunks_of(rows)
        top = events.tree.fold(chunks, sum_node)
        assert top == events.tree.fold(events.sum_leaves(rows), sum_node)
        for position in {0, 1, 254, count - 1}:
            start = position - position % 256
            path = events.sum_path(rows[start : start + 256], chunks, position)
            leaf = sum_leaf(rows[position][0], MOVES[rows[position][1]], rows[position][2])
            assert climb(leaf, position, count, path, sum_node) == top

    @given(leaves, st.data())
    def test_change_with_an_amount_a_move_or_a_commitment(self, rows, data):
        position = data.draw(st.integers(0, len(rows) - 1))
        chunks = events.chunks_of(rows)
        top = events.tree.fold(chunks, sum_node)
        path = events.sum_path(rows, chunks, position)
        commitment, move, amount = rows[position]
        for forged in (
            (commitment, MOVES[move], amount + 1),
            (commitment, MOVES[(move + 1) % 25], amount),
            (flipped(commitment, 3), MOVES[move], amount),
        ):
            assert climb(sum_leaf(*forged), position, len(rows), path, sum_node) != top

    @given(leaves, st.data())
    def test_cannot_be_shifted_between_siblings(self, rows, data):
        """Fails if a node commits only to the sum and not to what each side adds to it."""
        assume(len(rows) > 1)
        position = data.draw(st.integers(0, len(rows) - 1))
        chunks = events.chunks_of(rows)
        root, _sums = events.tree.fold(chunks, sum_node)
        path = events.sum_path(rows, chunks, position)
        commitment, move, amount = rows[position]
        digest, sums = path[0]
        name = MOVES[move]
        path[0] = digest, events.add(sums, {name: 1})
        assume(amount > 1)
        leaf = sum_leaf(commitment, name, amount - 1)
        forged = climb((leaf[0], leaf[1]), position, len(rows), path, sum_node)
        assert forged[0] != root

    def test_cannot_be_told_differently_to_two_people(self):
        """Fails if a node commits to what both sides are together: then each of two owners of
        2.40 can be told that the other adds nothing, and 2.40 is published instead of 4.80."""
        one, other = (sum_leaf(bytes([number]) * 32, "outside>pending", 240) for number in (1, 2))
        seen_by_one = sum_node(one, (other[0], {}))
        seen_by_other = sum_node((one[0], {}), other)
        assert seen_by_one[1] == seen_by_other[1]
        assert seen_by_one[0] != seen_by_other[0]

    @pytest.mark.parametrize("amount", [0, -1, 2**63])
    def test_refuse_what_is_not_a_positive_amount(self, amount):
        with pytest.raises(Wrong):
            encode_sums({"outside>pending": amount})

    @pytest.mark.parametrize("text", ["a>b=1", "outside>pending=-1", "outside>pending", "=1"])
    def test_are_not_read_when_written_otherwise(self, text):
        with pytest.raises(Wrong):
            read_sums(text)

    @given(leaves)
    def test_are_read_as_they_are_written(self, rows):
        _root, sums = events.tree.fold(events.chunks_of(rows), sum_node)
        assert read_sums(events.write_sums(sums)) == sums
        assert events.read_encoded(encode_sums(sums)) == sums

    def test_say_what_stands_where(self):
        sums = {"outside>pending": 240, "pending>confirmed": 200, "pending>outside": 40}
        assert events.place_of_sums(sums) == {
            "pending": 0,
            "confirmed": 200,
            "underway": 0,
            "frozen": 0,
        }


class TestNote:
    """The example key and text of the Go checksum database's notes."""

    KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    TEXT = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    SIGNATURE = bytes.fromhex(
        "c74f20a3f64992e052f541bf49f7dcbc8010c5506d885ba92cbafca40704959227348b8652060dd451580b"
        "6a5948d5e02afa9fa9d9e0a2da5165be8a13a472c81c099c03"
    )

    def test_of_others_is_read(self):
        key = Key.read(self.KEY)
        assert str(key) == self.KEY
        assert key.id == self.SIGNATURE[:4]
        assert key.signed_at(self.TEXT, self.SIGNATURE[4:]) == 0
        with pytest.raises(Wrong):
            key.signed_at(self.TEXT + "!", self.SIGNATURE[4:])

    @pytest.mark.parametrize("text", ["", "x", "name+00000000+AQ==", KEY.replace("c7", "c8")])
    def test_of_a_key_that_is_none_is_refused(self, text):
        with pytest.raises(Wrong):
            Key.read(text)


class TestCheckpoint:
    signer = notes.Signer.from_text("shop.example/log", "a secret for tests")
    witness = notes.Signer.from_text("witness.example", "another", COSIGNED)

    def test_has_three_lines_and_is_signed(self):
        note = notes.sign(self.signer, 12, bytes(32))
        assert note.startswith(f"shop.example/log\n12\n{'A' * 43}=\n\n— shop.example/log ")
        read = Checkpoint.read(note)
        assert (read.origin, read.size, read.root) == ("shop.example/log", 12, bytes(32))
        assert read.check(self.signer.key) == 0

    def test_can_be_cosigned(self):
        note = notes.sign(self.signer, 12, bytes(32))
        body = notes.body_of("shop.example/log", 12, bytes(32))
        both = Checkpoint.read(note + self.witness.line(body, 1_774_000_000))
        assert both.check(self.witness.key) == 1_774_000_000
        assert both.check(self.signer.key) == 0

    @given(st.integers(0, 10_000))
    def test_fails_with_any_bit_flipped(self, bit):
        note = notes.sign(self.signer, 12, bytes(32)).encode()
        try:
            read = Checkpoint.read(flipped(note, bit).decode())
        except (Wrong, UnicodeDecodeError):
            return
        with pytest.raises(Wrong):
            read.check(self.signer.key)

    @pytest.mark.parametrize("size", ["012", "-1", "+1", "1.0", "", "²"])
    def test_is_not_read_with_a_size_that_is_written_otherwise(self, size):
        note = notes.sign(self.signer, 12, bytes(32)).replace("\n12\n", f"\n{size}\n")
        with pytest.raises(Wrong):
            Checkpoint.read(note)

    def test_of_another_key_is_not_believed(self):
        note = notes.sign(self.signer, 12, bytes(32))
        other = notes.Signer.from_text("shop.example/log", "another secret")
        with pytest.raises(Wrong, match="did not sign"):
            Checkpoint.read(note).check(other.key)
