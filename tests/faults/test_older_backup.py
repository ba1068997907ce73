"""An older backup comes back, while the provider has done more than the book then knows."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

import sandbox
from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core import db as database
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.ledger import queries as book
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from marketplace.orders.models import Order, OrderState
from marketplace.payments import gateway
from marketplace.payments import queries as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandState
from marketplace.payouts import jobs as payout_jobs
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind
from sandbox.app import store_of
from sandbox.transport import WSGITransport
from tests import cluster, factories
from tests.concurrency.market import Market
from tests.provider import WEBHOOK_SECRET, Provider


@pytest.fixture
def committing_engine():
    """Return an engine over a database of one test: the whole book is compared here."""
    engine = database.make_engine(cluster.test_dsn("restored"), pool_size=20)
    yield engine
    engine.dispose()


@pytest.fixture
def provider(app):
    """Return a provider that knows of this test alone: its whole statement is read here."""
    before = gateway.current()
    double = sandbox.create_app(
        cluster.empty_dsn("ahead"), public_url="http://pay.test",
        webhook_url=None, webhook_secret=WEBHOOK_SECRET,
    )  # fmt: skip
    gateway.bind(gateway.in_process(transport=WSGITransport(double), webhook_secret=WEBHOOK_SECRET))
    yield Provider(double, app)
    gateway.bind(before)
    store_of(double).close()


def payee(market: Market, minor: int) -> uuid.UUID:
    """Make a company with an account, and with money that is confirmed."""
    bank = Bank(market.provider.double)
    bank.pay(uuid.uuid4(), minor * 3, "EUR")
    account_id = bank.open_account()
    with atomic():
        company = factories.make_company()
        payouts.connect(
            payee_kind=PayeeKind.COMPANY, payee_id=company.id,
            provider_account_id=account_id, now=clock.now() - timedelta(days=200),
        )  # fmt: skip
        ledger.post(
            kind=Kind.RELEASE, effect_key=f"test:{company.id}", currency="EUR",
            entries=[Entry(CLEARING, AccountKey(Purpose.COMPANY_AVAILABLE, company.id), minor)],
            effective_at=clock.now() - timedelta(days=100),
        )  # fmt: skip
    return company.id


def pay(company_id: uuid.UUID):
    with atomic():
        return payouts.command(
            payee_kind=PayeeKind.COMPANY, payee_id=company_id, currency="EUR",
            minimum_minor=1, now=clock.now(),
        )  # fmt: skip


def transfers(market: Market) -> list[int]:
    with store_of(market.provider.double).connection() as connection:
        rows = connection.execute(
            "select (data ->> 'amount')::int from sandbox.object where type = 'transfer' order by 1"
        ).fetchall()
    return [minor for (minor,) in rows]


def ask_back(order: Order) -> uuid.UUID:
    with atomic():
        refund = service.request_full_refund(
            order_id=order.id, reason="Torn", requested_by_id=None, now=clock.now()
        )
    found = session.query(ProviderCommand).filter_by(subject_id=refund.id).one()
    return found.id


def state_of(command_id: uuid.UUID) -> CommandState:
    session.rollback()
    session.expire_all()
    return session.get_one(ProviderCommand, command_id).state


def parked() -> str:
    return " ".join(event.payload for event in payments.list_parked_events())


def available(company_id: uuid.UUID) -> int:
    session.rollback()
    key = AccountKey(Purpose.COMPANY_AVAILABLE, company_id)
    return book.find_balance(key, "EUR")


class TestOlderBackup:
    def test_sends_nothing_twice_and_finds_what_was_done_since(
        self, market, flask_command, tmp_path
    ):
        """Fails if a command of before is sent again, or a payee is paid again what a payout of
        after the backup paid."""
        torn, unpaid = market.buy(market.stall()), market.place(market.stall())
        refund = ask_back(torn)
        early, late = payee(market, 5000), payee(market, 7000)
        pay(early)
        assert flask_command("backup", str(tmp_path / "kept"))[0] == 0

        market.run_commands()  # the refund, and the first payout
        pay(late)
        market.run_commands()
        market.provider.pay(unpaid.payment_url)
        jobs.settle_session(unpaid.checkout_session_id)
        lost = market.buy(market.stall())
        assert transfers(market) == [5000, 7000]

        code, told = flask_command("restore", str(tmp_path / "kept"))
        assert (code, "not empty" in told["error"]) == (2, True)
        code, told = flask_command("restore", str(tmp_path / "kept"), "--yes")
        assert (code, told["only_looked_up"], told["broken"]) == (0, 2, [])
        assert market.broken() == []
        payout_jobs.pay_out()
        pay(late)  # what the book says that it still has; it has to wait
        market.run_commands()
        assert transfers(market) == [5000, 7000]

        assert available(late) == 7000

        code, told = flask_command("catch-up")
        assert (code, told["adopted"], told["open"]) == (1, 1, True)
        assert available(late) == available(early) == 0
        assert state_of(refund) is CommandState.SUCCEEDED
        assert market.refunds(torn.payment_id) == [3760]
        assert market.seen(torn.id).refunded_minor == 3760
        assert market.seen(unpaid.id).state is OrderState.PAID
        assert market.charges(unpaid) == [3760]
        assert lost.payment_id in parked()
        assert "solvency" not in market.broken()
        assert transfers(market) == [5000, 7000]

    def test_lets_money_out_again_once_the_book_has_caught_up(
        self, market, flask_command, tmp_path, monkeypatch
    ):
        """Fails if transfers stay look-ups for ever, or are sent while messages may be missing."""
        market.buy(market.stall())
        assert flask_command("backup", str(tmp_path / "kept"), "--with-keys")[0] == 0
        assert flask_command("restore", str(tmp_path / "kept"), "--yes")[0] == 0
        code, told = flask_command("catch-up")
        assert (code, told["unexplained"], told["early"]) == (1, 0, True)
        here = clock.now
        monkeypatch.setattr(clock, "now", lambda: here() + timedelta(hours=2))
        code, told = flask_command("catch-up")
        assert (code, told["open"]) == (0, False)
        pay(payee(market, 4000))
        market.run_commands()
        assert transfers(market) == [4000]


def change_every_amount(engine: sa.Engine, by: int) -> None:
    """Do what only a superuser can."""
    with cluster.in_transactions(engine).begin() as connection:
        connection.execute(sa.text("reset role"))
        connection.execute(sa.text("alter table ledger_transfer disable trigger user"))
        connection.execute(
            sa.text("update ledger_transfer set amount_minor = amount_minor + :by"), {"by": by}
        )
        connection.execute(sa.text("alter table ledger_transfer enable trigger user"))


class TestBackup:
    @pytest.fixture
    def kept(self, market, flask_command, tmp_path):
        market.buy(market.stall())
        (tmp_path / "media").mkdir(exist_ok=True)
        (tmp_path / "media" / "photo.webp").write_bytes(b"a photo")
        code, told = flask_command("backup", str(tmp_path / "kept"), "--with-keys")
        assert (code, told["keys"]) == (0, "keys.json")
        return tmp_path / "kept"

    def test_is_brought_back_only_if_it_is_whole(self, kept, flask_command):
        with (kept / "database.dump").open("r+b") as file:
            file.seek(5000)
            was = file.read(1)
            file.seek(5000)
            file.write(bytes([was[0] ^ 1]))
        code, told = flask_command("restore", str(kept), "--yes")
        assert (code, "database.dump" in told["error"]) == (2, True)

    def test_brings_files_back(self, kept, flask_command, tmp_path):
        (tmp_path / "media" / "photo.webp").unlink()
        assert flask_command("restore", str(kept), "--yes")[0] == 0
        assert (tmp_path / "media" / "photo.webp").read_bytes() == b"a photo"

    def test_is_not_brought_back_under_another_log_key(self, kept, flask_command, tmp_path):
        (tmp_path / "log_key").write_text("another key, as on a new machine")
        code, told = flask_command("restore", str(kept), "--yes")
        assert (code, "LOG_KEY" in told["error"]) == (2, True)

    def test_without_a_manifest_is_none(self, kept, flask_command):
        (kept / "manifest.json").unlink()
        assert flask_command("restore", str(kept), "--yes")[0] == 2

    def test_whose_books_do_not_hold_comes_back_and_says_so(
        self, market, flask_command, committing_engine, tmp_path
    ):
        """Fails if nobody proves the books before everything is started again."""
        market.buy(market.stall())
        change_every_amount(committing_engine, 1)
        assert flask_command("backup", str(tmp_path / "kept"))[0] == 0
        code, told = flask_command("restore", str(tmp_path / "kept"), "--yes")
        assert code == 1
        assert "balances" in told["broken"]
        assert flask_command("check")[0] == 1
        change_every_amount(committing_engine, -1)

    def test_wants_a_folder_of_its_own(self, kept, flask_command):
        assert flask_command("backup", str(kept))[0] == 2

    def test_is_read_by_its_owner_alone(self, kept):
        assert {path.stat().st_mode & 0o077 for path in kept.iterdir()} == {0}


class TestRecovered:
    def test_says_that_the_provider_is_ahead(self, market, flask_command):
        order = market.buy(market.stall())
        refund = ask_back(order)
        code, told = flask_command("recovered", "2026-11-22T14:59:30+00:00")
        assert (code, told["only_looked_up"]) == (0, 1)
        market.run_commands()
        assert state_of(refund) is CommandState.REJECTED
        assert market.refunds(order.payment_id) == []
