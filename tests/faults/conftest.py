"""The market of the storm, over a database of its own; what it did is counted."""

import pytest

from tests.concurrency.conftest import committing_engine
from tests.concurrency.conftest import market as uncounted
from tests.faults.tally import audited

__all__ = ["committing_engine", "uncounted"]


@pytest.fixture
def market(uncounted):
    """Return the product over a database in which commits are commits."""
    with audited(uncounted.provider):
        yield uncounted
