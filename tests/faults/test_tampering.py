"""A superuser of the database changes one old row: we find it, and so does an outsider."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.proofs import jobs as proofs
from tests.cluster import CHECKOUT, in_transactions

OLDEST_SHARE = """
    update ledger_transfer set amount_minor = amount_minor + :by where id = (
        select transfer.id from ledger_transfer transfer
        join ledger_account account on account.id = transfer.credit_id
        where account.purpose = 'project_pending' order by transfer.id limit 1)
"""


@pytest.fixture
def tampered(committing_engine):
    """Return what changes an amount by a cent, past triggers and rights, until the block ends."""

    def change(by: int) -> None:
        with in_transactions(committing_engine).begin() as connection:
            connection.execute(sa.text("reset role"))
            connection.execute(sa.text("alter table ledger_transfer disable trigger user"))
            assert connection.execute(sa.text(OLDEST_SHARE), {"by": by}).rowcount == 1
            connection.execute(sa.text("alter table ledger_transfer enable trigger user"))

    @contextmanager
    def tampered():
        session.rollback()
        change(1)
        yield
        session.rollback()
        change(-1)

    return tampered


@pytest.fixture
def verify(market, tmp_path):
    """Return a function that an outsider's program is: it reads files, and no database."""
    key = str(market.app.config["LOG_SIGNER"].key)

    def run(receipt: dict) -> int:
        path = tmp_path / "receipt.json"
        path.write_text(json.dumps(receipt))
        done = subprocess.run(
            [sys.executable, "marketplace/proofs/verify.py", str(path), "--key", key],
            cwd=CHECKOUT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return done.returncode

    return run


class TestOldRow:
    def test_that_was_changed_is_found_by_the_check_and_by_an_outsider(
        self, market, flask_command, tampered, verify
    ):
        """Fails if only our own triggers guard the past."""
        order = market.buy(market.stall())
        market.buy(market.stall())
        proofs.sequence_log()
        address = f"/receipt/{order.token}/proof.json"
        browser = market.app.test_client()
        kept = browser.get(address).json
        assert kept["events"]
        assert verify(kept) == 0
        assert flask_command("check")[0] == 0
        with tampered():
            code, told = flask_command("check")
            assert code == 1
            assert "BROKEN  leaves" in told["said"]
            assert "BROKEN  balances" in told["said"]
            assert verify(browser.get(address).json) == 1
            assert verify(kept) == 0  # what was given out before stays right
        assert flask_command("check")[0] == 0
