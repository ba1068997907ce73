"""The verifier that outsiders run: it says yes to what is right, and no to each way of cheating."""

import ast
import copy
import dataclasses
import json
import re
import subprocess
import sys
import uuid
from datetime import date

import pytest

from marketplace.proofs import verify
from marketplace.proofs.rules import notes
from marketplace.proofs.verify import (
    Checkpoint,
    Tiles,
    audit,
    check_consistency,
    check_grown,
    check_receipt,
)
from tests import golden
from tests.proofs.trees import flipped, root_of
from tests.proofs.world import SIGNER, STORY, WITNESS, World, vectors

FILE = golden.CHECKOUT / "marketplace" / "proofs" / "verify.py"
VECTORS = golden.CHECKOUT / "docs" / "proofs-vectors.json"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def receipt(world):
    return world.receipt()


def wrong(receipt):
    return [one.what for one in check_receipt(receipt, SIGNER.key) if not one.is_good]


def run(*arguments):
    done = subprocess.run(
        [sys.executable, str(FILE), *map(str, arguments)], capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


class TestVectors:
    def test_are_published(self):
        golden.compare(VECTORS, json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n")

    def test_hold(self):
        known = json.loads(VECTORS.read_text(encoding="utf-8"))
        assert wrong(known["receipt"]) == []
        key = verify.Key.read(known["key"]["public"])
        older = Checkpoint.read(known["older_checkpoint"])
        newer = Checkpoint.read(known["checkpoint"] + known["cosignature"]["line"])
        older.check(key)
        newer.check(key)
        assert newer.check(verify.Key.read(known["key"]["witness"])) == 1_774_000_000
        path = [verify.decode(one) for one in known["consistency"][older.size]["path"]]
        check_consistency(older.size, older.root, newer.size, newer.root, path)


class TestReceipt:
    def test_holds(self, receipt):
        findings = check_receipt(receipt, SIGNER.key)
        assert [one.what for one in findings] == [
            "signature",
            *("counted",) * 4,
            "event",
        ]
        assert all(one.is_good for one in findings)

    def test_holds_inside_a_whole_receipt_that_says_the_same(self, receipt):
        def lane(project, given, held, confirmed):
            return {
                "project": project,
                "given_by_companies_minor": given,
                "own_donation_minor": 0,
                "held_minor": held,
                "confirmed_minor": confirmed,
                "frozen_by_a_dispute_minor": 0,
            }

        lanes = [lane("springs", 252, 12, 240), lane("aurora", 60, 0, 0)]
        whole = {"proof": receipt, "projects": lanes}
        assert wrong(whole) == []
        for name in lanes[0].keys() - {"project"}:
            forged = copy.deepcopy(whole)
            forged["projects"][0][name] += 1
            assert wrong(forged) == ["sums"], name

    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            ("amount 240", "amount 340", "event"),
            ("amount 240", "amount -240", "event"),
            ("move outside>pending", "move outside>confirmed", "event"),
            ("project 0190", "project 0290", "event"),
            ("sums outside>pending=340", "sums outside>pending=440", "counted"),
            ("total outside>pending=340", "total outside>pending=440", "counted"),
            ("count 3", "count 4", "counted"),
        ],
    )
    def test_fails_with_a_word_changed(self, receipt, old, new, what):
        text = json.dumps(receipt)
        assert old in text
        assert what in wrong(json.loads(text.replace(old, new, 1)))

    def test_fails_with_any_hash_of_any_path_flipped(self, receipt):
        """Each bit of the proof counts: none is for show."""
        for place, event in enumerate(receipt["events"]):
            for which in range(len(event["log_path"])):
                forged = copy.deepcopy(receipt)
                path = forged["events"][place]["log_path"]
                path[which] = flip(path[which])
                assert wrong(forged) == ["event"]
            for which in range(len((event["counted"] or {}).get("sum_path", []))):
                forged = copy.deepcopy(receipt)
                step = forged["events"][place]["counted"]["sum_path"][which]
                step["hash"] = flip(step["hash"])
                assert wrong(forged) == ["counted"]

    def test_fails_with_two_siblings_swapped(self, receipt):
        path = receipt["events"][0]["log_path"]
        path[0], path[1] = path[1], path[0]
        assert wrong(receipt) == ["event"]

    @pytest.mark.parametrize("sums", ["outside>pending=-100", "outside>pending=0", "", "x=1"])
    def test_fails_with_a_sibling_that_adds_less_than_nothing(self, receipt, sums):
        receipt["events"][0]["counted"]["sum_path"][0]["sums"] = sums
        assert wrong(receipt) == ["counted"]

    def test_fails_when_another_days_sums_are_shown(self, receipt):
        receipt["events"][0]["counted"] = receipt["events"][2]["counted"]
        assert wrong(receipt) == ["counted"]

    @pytest.mark.parametrize(
        "lie",
        [
            lambda day: dataclasses.replace(day, sums={"outside>pending": 1}),
            lambda day: dataclasses.replace(day, sums=day.sums | {"underway>outside": 1}),
            lambda day: dataclasses.replace(day, project_id=uuid.UUID(int=7)),
            lambda day: dataclasses.replace(day, day=date(2026, 3, 10)),
            lambda day: dataclasses.replace(day, currency="JPY"),
            lambda day: dataclasses.replace(day, count=day.count + 1),
        ],
    )
    def test_fails_when_the_shop_publishes_and_signs_other_sums(self, lie):
        assert set(wrong(World(lie=lie).receipt())) == {"counted"}

    def test_fails_when_an_event_stands_outside_the_tree(self, receipt):
        receipt["events"][0]["index"] = 10**6
        assert wrong(receipt) == ["event"]

    def test_fails_under_another_key(self, receipt):
        other = notes.Signer.from_text(SIGNER.name, "another secret")
        (finding,) = check_receipt(receipt, other.key)
        assert not finding.is_good

    @pytest.mark.parametrize("name", ["checkpoint", "events"])
    def test_says_so_when_it_cannot_be_read(self, receipt, name):
        for value in (None, 3, "x", [], [{}], {}):
            receipt[name] = value
            findings = check_receipt(receipt, SIGNER.key)
            assert not all(one.is_good for one in findings)

    def test_says_how_much_is_not_in_the_log_yet(self, receipt):
        receipt["waiting"] = 2
        assert "good   waiting: events 2" in map(str, check_receipt(receipt, SIGNER.key))


def flip(text):
    return verify.base64.b64encode(flipped(verify.decode(text), 9)).decode()


class TestLog:
    def tiles(self, world, tmp_path):
        world.write(tmp_path)
        return Checkpoint.read(world.note), Tiles(str(tmp_path), len(world.entries))

    def test_is_audited_from_its_files(self, world, tmp_path):
        finding = audit(*self.tiles(world, tmp_path))
        assert finding.is_good, finding
        assert finding.about == {"leaves": 14, "sums": 4, "events_of_today": 2}

    def test_of_many_leaves_is_audited_and_grows(self, tmp_path):
        more = [(2, 0, "outside>pending", number, "") for number in range(1, 600)]
        world = World([*STORY, *more])
        head, tiles = self.tiles(world, tmp_path)
        assert audit(head, tiles).is_good
        for old in (1, 255, 256, 300, 512, 613):
            assert check_grown(Checkpoint.read(world.checkpoint(old)), head, tiles).is_good, old

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda entries: entries[0][:-1] + b"!", "root"),
            (lambda entries: b"\x03", "neither"),
        ],
    )
    def test_fails_with_an_entry_changed(self, world, tmp_path, change, reason):
        world.entries[0] = change(world.entries)
        finding = audit(*self.tiles(world, tmp_path))
        assert not finding.is_good
        assert reason in str(finding)

    def forged(self, world, tmp_path):
        """The shop signs whatever it wants; what it wants must make sense by itself."""
        world.note = notes.sign(SIGNER, len(world.entries), root_of(world.entries))
        return audit(*self.tiles(world, tmp_path))

    def test_fails_when_a_days_sums_leave_out_an_event(self, world, tmp_path):
        world.entries.insert(4, b"\x01" + bytes(32))
        assert "leave out 1" in str(self.forged(world, tmp_path))

    def test_fails_when_a_days_sums_count_one_twice(self, world, tmp_path):
        del world.entries[4]
        assert "leave out -1" in str(self.forged(world, tmp_path))

    def test_fails_when_a_running_total_forgets_something(self, world, tmp_path):
        place = next(at for at, one in enumerate(world.entries) if b"confirmed>underway" in one)
        entry = world.entries[place]
        assert b"total outside>pending=340" in entry
        world.entries[place] = entry.replace(b"pending=340", b"pending=40")
        assert "running total" in str(self.forged(world, tmp_path))

    def test_fails_when_a_day_is_told_twice(self, world, tmp_path):
        world.entries.insert(7, world.entries[5])
        assert not self.forged(world, tmp_path).is_good

    def test_fails_when_a_day_has_two_roots(self, world, tmp_path):
        """Fails if only the sums are compared: the second entry here adds nothing."""
        text = world.entries[5].decode()
        for name, value in (("count", "0"), ("root", "00" * 32), ("sums", "")):
            text = re.sub(rf"\n{name} .*\n", f"\n{name} {value}\n", text)
        world.entries.insert(6, text.encode())
        assert "running total" in str(self.forged(world, tmp_path))

    def test_fails_when_an_old_leaf_was_changed(self, world, tmp_path):
        older = Checkpoint.read(world.checkpoint(6))
        changed = World([(0, 0, "outside>pending", 99, ""), *STORY[1:]])
        finding = check_grown(older, *self.tiles(changed, tmp_path))
        assert "was changed between" in str(finding)

    def test_fails_when_it_was_rolled_back(self, world, tmp_path):
        older = Checkpoint.read(world.note)
        short = World(STORY[:-1])
        assert "shorter" in str(check_grown(older, *self.tiles(short, tmp_path)))

    def test_fails_when_two_views_are_shown(self, world, tmp_path):
        other = World([*STORY[:-1], (2, 1, "outside>pending", 12, "mine")])
        seen = Checkpoint.read(other.note)
        assert seen.size == len(world.entries)
        assert "two roots" in str(check_grown(seen, *self.tiles(world, tmp_path)))

    def test_fails_when_it_is_another_log(self, world, tmp_path):
        other = notes.Signer.from_text("other.example/log", "x")
        older = Checkpoint.read(notes.sign(other, 6, root_of(world.entries[:6])))
        assert "two logs" in str(check_grown(older, *self.tiles(world, tmp_path)))


class TestCommand:
    @pytest.fixture
    def files(self, world, tmp_path):
        world.write(tmp_path / "log")
        (tmp_path / "receipt.json").write_text(json.dumps(world.receipt()))
        (tmp_path / "older").write_text(world.checkpoint(6))
        return tmp_path

    def test_says_line_by_line_what_holds(self, files):
        code, said = run(files / "receipt.json", "--key", SIGNER.key)
        assert code == 0
        assert said.count("good") == len(said.splitlines()) == 6
        assert "amount 240" in said

    def test_ends_with_1_when_something_does_not(self, files):
        text = (files / "receipt.json").read_text().replace("amount 240", "amount 1")
        (files / "receipt.json").write_text(text)
        code, said = run(files / "receipt.json", "--key", SIGNER.key)
        assert code == 1
        assert "WRONG  event" in said

    def test_holds_it_against_a_checkpoint_that_was_kept(self, files):
        kept = ("--checkpoint", files / "older", "--tiles", files / "log")
        code, said = run(files / "receipt.json", "--key", SIGNER.key, *kept)
        assert (code, "consistency: from 6, to 14" in said) == (0, True)
        forged = notes.sign(SIGNER, 6, bytes(32))
        (files / "older").write_text(forged)
        assert run(files / "receipt.json", "--key", SIGNER.key, *kept)[0] == 1

    def test_reads_the_whole_log(self, files):
        code, said = run("--tiles", files / "log", "--audit", "--key", SIGNER.key)
        assert (code, "audit: leaves 14" in said) == (0, True)

    def test_wants_a_witness_when_told_so(self, files, world):
        asked = (files / "receipt.json", "--key", SIGNER.key, "--witness", WITNESS.key)
        code, said = run(*asked)
        assert (code, "did not sign" in said) == (1, True)
        receipt = world.receipt()
        body = world.note.rpartition("\n\n")[0] + "\n"
        receipt["checkpoint"] += WITNESS.line(body, 1_774_000_000)
        (files / "receipt.json").write_text(json.dumps(receipt))
        code, said = run(*asked)
        assert (code, "witness.example/w1, at 1774000000" in said) == (0, True)

    def test_says_what_is_wrong_with_what_it_was_given(self, files):
        assert run(files / "nothing.json", "--key", SIGNER.key)[0] == 1
        (files / "receipt.json").write_text("{}")
        assert run(files / "receipt.json", "--key", SIGNER.key)[0] == 1
        assert run("--key", SIGNER.key)[0] == 1


class TestFile:
    def test_needs_only_the_standard_library_and_cryptography(self):
        roots = set()
        for node in ast.walk(ast.parse(FILE.read_text())):
            if isinstance(node, ast.Import):
                roots |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                roots.add((node.module or "").split(".")[0])
        assert roots - set(sys.stdlib_module_names) == {"cryptography"}

    def test_runs_from_anywhere_by_itself(self, tmp_path):
        (tmp_path / "alone.py").write_bytes(FILE.read_bytes())
        done = subprocess.run(
            [sys.executable, "-I", "alone.py", "--help"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0
        assert "--witness" in done.stdout
