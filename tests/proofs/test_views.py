"""The public log, a receipt's proof, the page that checks it, solvency."""

import dataclasses
import io
import json
import re
from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.ledger.rules import CLEARING, AccountKey, Kind, Purpose
from marketplace.proofs.jobs import sequence_log
from marketplace.proofs.rules import notes
from marketplace.proofs.verify import (
    COSIGNED,
    Checkpoint,
    Tiles,
    audit,
    check_grown,
    check_receipt,
)
from tests import factories
from tests.journeys.purchase import pay, place
from tests.proofs.book import available, give, give_all, pending, post
from tests.statements import statements

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def signer(app):
    return app.config["LOG_SIGNER"]


class ClientTiles(Tiles):
    """The log as it is served here."""

    def __init__(self, client, size=0):
        super().__init__("/log", size)
        self.client = client

    def read(self, path):
        answer = self.client.get(f"/log/{path}")
        assert answer.status_code == 200, path
        return answer.data


def verdict(page):
    found = re.search(r'id="result">([^<]+)</h2>', page.text)
    return found and found[1]


def head_of(client):
    return Checkpoint.read(client.get("/log/checkpoint").text)


@pytest.fixture
def grown(db):
    """A log of 700 events over three days, and a day's sums after each but the last."""
    projects = [factories.make_project() for _ in range(2)]
    today = clock.now()
    for back, count in ((2, 300), (1, 300), (0, 100)):
        for project in projects:
            give_all(project, range(1, count // 2 + 1), at=today - timedelta(days=back))
    db.commit()
    sequence_log()
    return projects


class TestLog:
    def test_is_empty_at_first(self, client):
        assert client.get("/log/checkpoint").status_code == 404
        assert client.get("/log/tile/0/000").status_code == 404

    def test_leads_from_its_entries_to_its_root(self, client, grown, signer):
        head = head_of(client)
        assert head.size == 700 + 4
        assert head.check(signer.key) == 0
        finding = audit(head, ClientTiles(client, head.size))
        assert finding.is_good, finding
        assert finding.about["sums"] == 4
        assert finding.about["events_of_today"] == 100

    def test_is_served_as_files_for_everybody(self, client, grown):
        tile = client.get("/log/tile/0/000")
        assert len(tile.data) == 8192
        assert tile.headers["Cache-Control"] == FOR_EVER
        assert tile.content_type == "application/octet-stream"
        assert "Accept-Language" not in tile.headers["Vary"]
        assert tile.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in tile.headers
        note = client.get("/log/checkpoint")
        assert note.content_type == "text/plain; charset=utf-8"
        assert note.headers["Cache-Control"] == "public, max-age=5"
        again = client.get("/log/tile/0/000", headers={"If-None-Match": tile.headers["ETag"]})
        assert again.status_code == 304

    def test_serves_partial_tiles_of_each_size_that_it_had(self, client, grown):
        whole = client.get("/log/tile/0/000").data
        assert client.get("/log/tile/0/000.p/17").data == whole[: 17 * 32]
        assert len(client.get("/log/tile/0/002.p/192").data) == 192 * 32
        assert len(client.get("/log/tile/1/000.p/2").data) == 64
        assert client.get("/log/tile/entries/002.p/5").status_code == 200

    @pytest.mark.parametrize(
        "path",
        ["0/003", "0/002", "0/002.p/193", "1/000", "2/000.p/1", "64/000", "00/000", "0/x000/000"],
    )
    def test_serves_nothing_that_it_has_not(self, client, grown, path):
        assert client.get(f"/log/tile/{path}").status_code == 404
        assert client.get("/log/tile/entries/003").status_code == 404

    def test_grows_and_proves_it(self, client, grown, db):
        older = head_of(client)
        give(grown[0], 5, at=clock.now())
        db.commit()
        sequence_log()
        newer = head_of(client)
        assert newer.size == older.size + 1
        assert check_grown(older, newer, ClientTiles(client, newer.size)).is_good


class TestWitness:
    witness = notes.Signer.from_text("witness.example/w", "a witness's secret", COSIGNED)

    @pytest.fixture
    def known(self, app, monkeypatch):
        keys = (str(self.witness.key),)
        settings = dataclasses.replace(app.config["SETTINGS"], log_witnesses=keys)
        monkeypatch.setitem(app.config, "SETTINGS", settings)

    def cosigned(self, client, who=None):
        note = client.get("/log/checkpoint").text
        line = (who or self.witness).line(Checkpoint.read(note).body, 1_795_000_000)
        return client.post("/log/cosignature", data=note + line, content_type="text/plain")

    def test_stands_under_the_checkpoint(self, client, grown, known, signer):
        assert self.cosigned(client).status_code == 200
        assert self.cosigned(client).status_code == 200
        head = head_of(client)
        assert head.check(self.witness.key) == 1_795_000_000
        assert head.check(signer.key) == 0
        assert len(head.signatures) == 2

    def test_must_be_known_and_right(self, client, grown, known, signer):
        stranger = notes.Signer.from_text("stranger.example", "x", COSIGNED)
        forger = notes.Signer.from_text(self.witness.name, "another secret", COSIGNED)
        assert self.cosigned(client, stranger).status_code == 422
        assert self.cosigned(client, forger).status_code == 422
        assert client.post("/log/cosignature", data=b"\xff").status_code == 422
        other = notes.sign(signer, 3, bytes(32)) + self.witness.line(
            notes.body_of(signer.name, 3, bytes(32)), 1
        )
        assert client.post("/log/cosignature", data=other).status_code == 404


class TestReceipt:
    @pytest.fixture
    def order(self, client, shop, provider, db):
        order = pay(place(shop), provider)
        sequence_log()
        return order

    def test_proves_itself_at_its_own_address(self, client, order, signer):
        receipt = client.get(f"/receipt/{order.token}.json").json
        findings = check_receipt(receipt, signer.key)
        assert all(one.is_good for one in findings), findings
        kinds = [one.what for one in findings]
        assert kinds.count("event") == len(order.allocations)
        assert kinds.count("sums") == 3
        answer = client.get(f"/receipt/{order.token}/proof.json")
        assert answer.json == receipt["proof"]
        assert answer.headers["Cache-Control"] == "no-store"

    def test_is_closed_to_those_without_its_address(self, client, order):
        assert client.get("/receipt/another/proof.json").status_code == 404

    def test_is_proved_in_constant_statements(self, client, order, engine):
        with statements(engine) as asked:
            client.get(f"/receipt/{order.token}/proof.json")
        assert len(asked) <= 16

    def test_names_no_person(self, client, order, db):
        text = client.get(f"/receipt/{order.token}/proof.json").text
        for personal in (order.email, order.name, order.street, order.city, order.number):
            assert personal not in text


class TestVerify:
    @pytest.fixture
    def receipt(self, client, grown, db, signer):
        order = new_id()
        give(grown[0], 240, at=clock.now(), order_id=order)
        db.commit()
        sequence_log()
        from marketplace.proofs.queries.receipts import receipt_proof

        return receipt_proof(order, key=str(signer.key), url="http://localhost/log")

    def check(self, client, signer, **data):
        return client.post("/verify", data={"key": str(signer.key), **data}, token=False)

    def test_says_that_a_receipt_holds(self, client, receipt, signer):
        page = self.check(client, signer, receipt=json.dumps(receipt))
        assert page.status_code == 200
        assert verdict(page) == "Everything holds."
        assert "€2.40" in page.text

    def test_takes_a_file(self, client, receipt, signer):
        file = (io.BytesIO(json.dumps(receipt).encode()), "receipt.json")
        assert verdict(self.check(client, signer, file=file)) == "Everything holds."

    def test_says_that_a_changed_one_does_not(self, client, receipt, signer):
        forged = json.dumps(receipt).replace("amount 240", "amount 340")
        page = self.check(client, signer, receipt=forged)
        assert verdict(page) == "Something does not hold."
        assert "this is not in the log" in page.text

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[" * 100_000, "1"])
    def test_says_that_it_cannot_be_read(self, client, grown, signer, text):
        assert self.check(client, signer, receipt=text).status_code == 422

    def test_says_which_of_both_cannot_be_read(self, client, grown, signer):
        page = self.check(client, signer, file=(io.BytesIO(b"\xff"), "x.json"), receipt="kept")
        assert page.status_code == 422
        assert 'href="#f-file"' in page.text
        assert ">kept</textarea>" in page.text

    @pytest.mark.parametrize(
        "document",
        [
            {"proof": {}},
            {"proof": 1},
            {"checkpoint": None},
            {"checkpoint": "a\n1\n\n\n", "events": 3},
        ],
    )
    def test_survives_nonsense(self, client, grown, signer, document):
        page = self.check(client, signer, receipt=json.dumps(document))
        assert page.status_code in (200, 422)
        assert verdict(page) != "Everything holds."

    def test_survives_half_a_character(self, client, receipt, signer):
        told = {"project": "\ud83d", "given_by_companies_minor": 0, "own_donation_minor": 0}
        document = json.dumps({"proof": receipt, "projects": [told]})
        assert self.check(client, signer, receipt=document).status_code == 422

    def test_refuses_a_key_that_is_none(self, client, receipt, signer):
        answer = client.post("/verify", data={"key": "x", "receipt": "{}"}, token=False)
        assert answer.status_code == 422

    def test_holds_an_older_checkpoint_against_the_log(self, client, receipt, signer, db, grown):
        older = client.get("/log/checkpoint").text
        give(grown[0], 1, at=clock.now())
        db.commit()
        sequence_log()
        assert "has only grown" in self.check(client, signer, older=older).text
        forged = notes.sign(signer, 300, bytes(32))
        assert "was changed between" in self.check(client, signer, older=forged).text

    def test_has_a_script_of_its_own_and_none_inline(self, client):
        page = client.get("/verify").text
        assert re.search(r'<script src="/static/verify\.[0-9a-f]{12}\.js" defer>', page)


class TestSolvency:
    @pytest.fixture
    def money(self, db):
        """10.00 given 40 days ago and paid out 10 days ago, 5.00 given 20 days ago, in all 3.00
        of it taken back; a company is owed 50.00."""
        project = factories.make_project()
        flight = AccountKey(Purpose.PAYOUT_IN_FLIGHT, project.id)
        company = AccountKey(Purpose.COMPANY_PENDING, factories.make_company().id)

        def back(days):
            return clock.now() - timedelta(days=days)

        give(project, 1000, at=back(40))
        post(pending(project), available(project), 1000, at=back(20), kind=Kind.RELEASE)
        give(project, 500, at=back(20))
        post(pending(project), CLEARING, 300, at=back(15), kind=Kind.REFUND)
        post(available(project), flight, 1000, at=back(12), kind=Kind.PAYOUT)
        post(flight, CLEARING, 1000, at=back(10), kind=Kind.PAYOUT_SETTLED)
        post(CLEARING, company, 5000, at=back(9))
        db.commit()
        return project

    def test_shows_what_is_owed_and_held(self, client, money):
        told = client.get("/solvency.json").json
        now = told["now"]
        assert now["owed_to_projects_minor"] == now["pending_minor"] == 200
        assert (now["companies_minor"], now["held_minor"]) == (5000, 5200)
        assert now["difference_minor"] == 0
        assert told["median_days_from_purchase_to_project"] == 30
        since = (clock.now() - timedelta(days=20)).date().isoformat()
        assert told["oldest_unpaid"] == {"pending": {"since": since, "project": money.slug}}

    def test_shows_it_day_by_day(self, client, money):
        days = client.get("/solvency.json").json["days"]
        owed = {one["day"]: one["owed_to_projects_minor"] for one in days}
        of = {
            back: owed[(clock.now() - timedelta(days=back)).date().isoformat()]
            for back in (41, 40, 21, 20, 15, 12, 10, 0)
        }
        assert of == {41: 0, 40: 1000, 21: 1000, 20: 1500, 15: 1200, 12: 1200, 10: 200, 0: 200}
        assert all(one["difference_minor"] == 0 for one in days)
        assert len(days) == 90

    def test_is_a_page_in_plain_words(self, client, money, engine):
        sequence_log()
        with statements(engine) as asked:
            page = client.get("/solvency")
        assert page.status_code == 200
        assert "€2.00 is owed to projects, and it is there" in page.text
        assert "30 days after the purchase" in page.text
        assert "chart__wide" in page.text
        assert len(asked) <= 8, asked

    def test_stands_without_any_money(self, client):
        page = client.get("/solvency")
        assert "€0.00 is owed to projects" in page.text
        assert client.get("/solvency.json").json["log"] is None
