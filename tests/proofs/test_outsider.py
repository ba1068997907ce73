"""A receipt checked by an implementation of the same formats that is not ours (in Go)."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.core import clock
from marketplace.proofs.jobs import sequence_log
from marketplace.proofs.rules import notes
from tests import factories
from tests.journeys.purchase import pay, place
from tests.proofs.book import give_all

SOURCE = Path(__file__).parent / "outsider" / "main.go"
LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")

needs_go = pytest.mark.skipif(
    shutil.which("go") is None or not LIBRARY.is_dir(),
    reason="apt install golang-go golang-golang-x-mod-dev: then an outsider's program checks, too",
)


@pytest.fixture(scope="session")
def outsider(tmp_path_factory) -> Path:
    """Build the program once."""
    folder = tmp_path_factory.mktemp("outsider")
    made = folder / "outsider"
    environ = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    subprocess.run(["go", "build", "-o", made, SOURCE], env=environ, check=True)
    return made


@pytest.fixture
def signer(app):
    return app.config["LOG_SIGNER"]


@pytest.fixture
def older(db, client) -> str:
    """A log of some hundred events over two days; return its checkpoint as it was then."""
    project = factories.make_project()
    today = clock.now()
    for back, count in ((2, 300), (1, 290)):
        give_all(project, range(1, count + 1), at=today - timedelta(days=back))
    db.commit()
    sequence_log()
    return client.get("/log/checkpoint").text


@pytest.fixture
def order(older, shop, provider, db):
    placed = place(shop)
    pay(placed, provider)
    sequence_log()
    return placed


def save(client, folder: Path) -> None:
    """Keep the log as a stranger would: the checkpoint, and each tile of hashes that it has."""
    checkpoint = client.get("/log/checkpoint").text
    folder.mkdir()
    (folder / "checkpoint").write_text(checkpoint)
    count, level = int(checkpoint.splitlines()[1]), 0
    while count:
        full, rest = divmod(count, 256)
        names = [f"{number:03}" for number in range(full)]
        names += [f"{full:03}.p/{rest}"] if rest else []
        for name in names:
            answer = client.get(f"/log/tile/{level}/{name}")
            assert answer.status_code == 200, name
            path = folder / "tile" / str(level) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(answer.data)
        count, level = full, level + 1


@needs_go
class TestOutsider:
    @pytest.fixture
    def check(self, client, order, older, outsider, signer, tmp_path):
        save(client, tmp_path / "log")
        receipt = client.get(f"/receipt/{order.token}/proof.json").json

        def run(receipt=receipt, older=older):
            (tmp_path / "receipt.json").write_text(json.dumps(receipt))
            (tmp_path / "older").write_text(older)
            files = [tmp_path / "log", str(signer.key), tmp_path / "receipt.json"]
            done = subprocess.run(
                [outsider, *files, tmp_path / "older"], capture_output=True, text=True, check=False
            )
            return done.returncode, done.stdout

        run.receipt = receipt
        return run

    def test_finds_that_a_receipt_holds_and_that_the_log_has_only_grown(self, check):
        code, said = check()
        assert (code, said.split()[0]) == (0, "good")
        assert int(said.split()[1]) == len(check.receipt["events"]) > 1

    def test_finds_a_changed_amount(self, check):
        text = json.dumps(check.receipt).replace("\\namount ", "\\namount 1", 1)
        code, said = check(json.loads(text))
        assert (code, said.split()[0]) == (1, "WRONG")

    def test_finds_a_log_that_was_written_anew(self, check, signer):
        code, said = check(older=notes.sign(signer, 200, bytes(32)))
        assert (code, said.split()[1]) == (1, "growth")
