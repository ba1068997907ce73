"""A payment that its bank disputes, after the release and after the payouts: won, and lost."""

from pathlib import Path

import pytest

from marketplace.ledger.rules import Purpose, Source
from tests.checkout.purchases import Purchases, broken
from tests.golden import compare
from tests.journeys.printed import print_book

GOLDEN = Path(__file__).parents[1] / "golden" / "ledger"


@pytest.fixture
def shop(db, provider):
    here = Purchases.begin(db, provider)
    here.messages()
    return here


@pytest.mark.parametrize("ending", ["won", "lost"])
@pytest.mark.parametrize("when", ["release", "payout"])
class TestDispute:
    def test_is_followed_to_the_cent(self, shop, ending, when):
        order = shop.buy()
        shop.refund(order, 1)
        shop.send(order)
        shop.release(order)
        springs = shop.projects[0]
        if when == "payout":
            for source in (Source.PLEDGE, Source.TOP_UP):
                shop.pay_out(springs.id, source=source)
            shop.pay_out(shop.companies[0].id)
        dispute = shop.dispute(order)
        shop.hear()
        assert broken() == []
        shop.provider.decide(dispute, ending)
        shop.hear()
        names = {one.id: one.name for one in shop.companies}
        names |= {one.id: one.title for one in shop.projects}
        compare(GOLDEN / f"dispute-{ending}-after-{when}.txt", print_book(order.id, names))
        for owner in [*shop.companies, *shop.projects]:
            for source in (None, *Source):
                assert shop.balance(Purpose.DISPUTE_HOLD, owner.id, source) == 0
        assert broken() == []
