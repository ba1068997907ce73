"""Witnesses are asked to cosign: a small one that really listens, and checks what it is sent."""

import base64
import dataclasses
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from config import ConfigError, Settings
from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.projects.models import Project
from marketplace.proofs import jobs
from marketplace.proofs.rules import notes
from marketplace.proofs.rules.witness import Witness, lines_of, question, size_of
from marketplace.proofs.verify import COSIGNED, Checkpoint, Wrong, check_consistency
from tests import factories
from tests.proofs.book import give

SIGNER = notes.Signer.from_text("witness.example/w", "a witness's secret", COSIGNED)
MOMENT = 1_795_000_000


class SmallWitness:
    """Keeps the last checkpoint that it signed; signs the next only if it has only grown."""

    def __init__(self, log_key):
        self.log_key, self.size, self.root = log_key, 0, b""
        self.asked = []
        self.says = None

    def answer(self, path, body):
        assert path == "/w/add-checkpoint"
        self.asked.append(body)
        if self.says is not None:
            return self.says
        head, _, note = body.decode().partition("\n\n")
        first, *hashes = head.split("\n")
        old = int(first.removeprefix("old "))
        checkpoint = Checkpoint.read(note)
        assert checkpoint.check(self.log_key) == 0
        assert len(checkpoint.signatures) == 1
        if old != self.size:
            return 409, f"{self.size}\n".encode()
        try:
            if old:
                check_consistency(
                    old,
                    self.root,
                    checkpoint.size,
                    checkpoint.root,
                    [base64.b64decode(one) for one in hashes],
                )
        except Wrong:
            return 422, b"the log was changed"
        self.size, self.root = checkpoint.size, checkpoint.root
        return 200, SIGNER.line(checkpoint.body, MOMENT).encode()


@contextmanager
def listening(witness):
    """Let a witness answer on a port of this machine; yield where."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = witness.answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_about):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/w"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def configure(app, monkeypatch):
    """Return a function that names witnesses in the settings."""

    def configure(*texts, to_private=True):
        settings = dataclasses.replace(app.config["SETTINGS"], witnesses=texts)
        monkeypatch.setitem(app.config, "SETTINGS", settings)
        monkeypatch.setitem(app.config, "OUTGOING_TO_PRIVATE", to_private)

    return configure


@pytest.fixture
def witness(app, configure):
    """Return a witness that is asked."""
    found = SmallWitness(app.config["LOG_SIGNER"].key)
    with listening(found) as url:
        configure(f"{SIGNER.key} {url}/")
        yield found


@pytest.fixture
def grow(db):
    """Return a function that lets the log grow by some events."""
    project = factories.make_project()

    project_id = project.id

    def grow(events=3):
        project = db.get(Project, project_id)
        for _ in range(events):
            give(project, 240, at=clock.now(), order_id=new_id())
        db.commit()
        jobs.sequence_log()

    return grow


class TestAsking:
    def test_puts_the_witnesss_line_under_the_checkpoint(self, client, witness, grow):
        grow()
        jobs.ask_witnesses()
        head = Checkpoint.read(client.get("/log/checkpoint").text)
        assert head.check(SIGNER.key) == MOMENT
        assert witness.asked[0].startswith(b"old 0\n\n")
        page = client.get("/log").text
        assert "witness.example/w" in page
        assert "has signed the newest" in page
        assert str(SIGNER.key) in page

    def test_proves_that_the_log_has_only_grown(self, client, witness, grow):
        """Fails if what we send as a proof is not one: the witness computes both roots."""
        for events in (3, 1, 9, 300):
            grow(events)
            jobs.ask_witnesses()
            head = Checkpoint.read(client.get("/log/checkpoint").text)
            assert witness.size == head.size
            assert head.check(SIGNER.key) == MOMENT
        assert len(witness.asked) == 4

    def test_asks_nobody_twice_about_the_same(self, witness, grow):
        jobs.ask_witnesses()
        assert witness.asked == []
        grow()
        jobs.ask_witnesses()
        jobs.ask_witnesses()
        assert len(witness.asked) == 1

    def test_goes_on_from_the_size_that_the_witness_knows(self, db, app, witness, grow, client):
        """Our own memory is of another backup than the witness's."""
        grow()
        first = Checkpoint.read(client.get("/log/checkpoint").text)
        witness.size, witness.root = first.size, first.root
        grow(5)
        [asked] = jobs.asked_witnesses()
        assert asked.is_good
        assert [body.split(b"\n")[0] for body in witness.asked] == [b"old 0", b"old 3"]

    @pytest.mark.parametrize(
        ("says", "why"),
        [
            ((409, b"4000\n"), "it has seen 4000 entries, the log has 3"),
            ((409, b"many"), "it has seen None entries"),
            ((403, b""), "it answered 403"),
            ((301, b""), "it answered 301"),
            ((200, b"no signature\n"), "no signature of its key"),
            ((200, SIGNER.line("another body\n", MOMENT).encode()), "no signature of its key"),
            ((200, b"x" * 20_000), "too large"),
        ],
    )
    def test_says_why_there_is_no_line(self, app, witness, grow, says, why):
        grow()
        witness.says = says
        [asked] = jobs.asked_witnesses()
        assert why in asked.why
        answer = app.test_cli_runner().invoke(args=["ask-witnesses"])
        assert answer.exit_code == 1
        assert json.loads(answer.output)["witness"] == "witness.example/w"
        jobs.ask_witnesses()

    def test_takes_the_line_of_the_key_that_it_knows_among_others(self, witness, grow, client):
        grow()
        body = Checkpoint.read(client.get("/log/checkpoint").text).body
        other = notes.Signer.from_text("witness.example/w", "an older secret", COSIGNED)
        witness.says = (200, (other.line(body, 1) + SIGNER.line(body, MOMENT)).encode())
        assert jobs.asked_witnesses()[0].is_good

    def test_goes_to_public_addresses_only(self, app, configure, grow):
        """Fails if the settings can make the server ask inside its own network."""
        grow()
        heard = SmallWitness(app.config["LOG_SIGNER"].key)
        with listening(heard) as url:
            configure(f"{SIGNER.key} {url}", f"{SIGNER.key} https://127.0.0.1", to_private=False)
            plain, private = jobs.asked_witnesses()
        assert plain.why == "Refused: not https"
        assert private.why == "Refused: not a public address"
        assert heard.asked == []

    def test_that_is_away_keeps_no_other_from_being_asked(self, app, configure, grow):
        grow()
        there = SmallWitness(app.config["LOG_SIGNER"].key)
        away = notes.Signer.from_text("away.example", "x", COSIGNED)
        with listening(there) as url:
            configure(f"{away.key} http://127.0.0.1:9", f"{SIGNER.key} {url}")
            gone, good = jobs.asked_witnesses()
        assert "Unreachable" in gone.why
        assert good.is_good

    def test_command_is_well_where_nobody_is_to_be_asked(self, app, db):
        assert app.test_cli_runner().invoke(args=["ask-witnesses"]).exit_code == 0


class TestWords:
    def test_of_a_witness_are_key_and_address(self):
        found = Witness.read(f" {SIGNER.key} https://w.example/log/ ")
        assert found.address == "https://w.example/log/add-checkpoint"
        assert found.key == SIGNER.key
        log_key = notes.Signer.from_text("log.example", "x").key
        for wrong in (str(SIGNER.key), f"{SIGNER.key} ftp://x", f"{log_key} https://w.example"):
            with pytest.raises(Wrong):
                Witness.read(wrong)

    def test_of_a_question_are_the_formats(self):
        assert question(7, [b"\0" * 3], "note\n") == b"old 7\nAAAA\n\nnote\n"
        with pytest.raises(Wrong):
            question(1, [b""] * 64, "")

    def test_of_an_answer_are_lines_or_a_size(self):
        assert lines_of("— a b\nx\n— c d\n".encode()) == ["— a b\n", "— c d\n"]
        assert [size_of(body) for body in (b"12\n", b"0", b"01", b"-1", b"", b"1\n1")] == [
            *(12, 0),
            *(None,) * 4,
        ]

    def test_in_the_settings_are_checked_at_the_start(self):
        Settings.from_env({"WITNESSES": f"{SIGNER.key} https://w.example"})
        with pytest.raises(ConfigError, match="WITNESSES"):
            Settings.from_env({"WITNESSES": "https://w.example"})
