"""A log over the ledger of a test."""

from datetime import UTC, datetime

import pytest

from marketplace.core.db import atomic
from marketplace.proofs import service
from marketplace.proofs.rules.notes import Signer

SIGNER = Signer.from_text("localhost/log", "a log's secret that is only for tests")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def sequence(db):
    """Return the sequencer's run: everything that waits, in batches as small as wished."""

    def run(now=NOW, most=1000):
        leaves, after, is_done = 0, 0, False
        while not is_done:
            with atomic():
                done = service.sequence(signer=SIGNER, now=now, after_id=after, most=most)
            leaves, after, is_done = leaves + done.leaves, done.last_id, done.is_done
        return leaves

    return run
