"""Purchases beside a pool."""

import pytest

from tests.checkout.purchases import Purchases, broken
from tests.factories import make_company


@pytest.fixture
def here(db, provider):
    """Return two companies, three projects and a shopper; in the end every invariant holds."""
    yield Purchases.begin(db, provider)
    assert broken() == []


@pytest.fixture
def sponsor(here):
    """Return a company that sells nothing and funds pools."""
    return make_company(name="Rivalta", slug="rivalta")
