"""A sponsor's report tells what its pools gave, apart from its pledge and from others' matches."""

import pytest

from marketplace.reports.rules import Figure, Figures
from tests.campaigns.pools import make_pool
from tests.checkout.purchases import Purchases, broken
from tests.factories import make_company
from tests.reports.making import make_published


@pytest.fixture
def here(db, provider):
    return Purchases.begin(db, provider)


def figures_of(company):
    """Return a published report's figures, after a look at whether the book gives them again."""
    version = make_published(company)
    assert broken() == []
    return Figures.from_json(version.figures)


class TestFigures:
    def test_tell_a_sponsor_s_own_matches_apart(self, here):
        sponsor = make_company(name="Rivalta")
        make_pool(sponsor, 5_000)
        order = here.buy()
        here.refund(order, 1, 1)
        weaver = here.companies[0]
        mine, theirs = figures_of(sponsor), figures_of(weaver)
        assert 0 < mine[Figure.POOLS] < 372
        assert (mine[Figure.GIVEN], mine[Figure.MATCH]) == (0, 0)
        assert theirs[Figure.POOLS] == 0
        assert theirs[Figure.MATCH] == theirs[Figure.GIVEN] == 240
