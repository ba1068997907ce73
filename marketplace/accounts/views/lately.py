"""What somebody finds first in their account: what they gave, bought and may want to read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.following import queries as following
from marketplace.following.service import Told, put_in_words
from marketplace.orders import queries as orders
from marketplace.orders.models import Order

MOST_SHOWN = 3


@dataclass(frozen=True)
class Given:
    """What somebody's purchases gave in a currency, in its minor units, by whose money it was."""

    currency: str
    by_companies: int
    by_themselves: int
    by_sponsors: int


@dataclass(frozen=True)
class Lately:
    """The last of each, and all that was given."""

    given: Sequence[Given]
    projects: int
    """How many projects it went to."""
    orders: Sequence[Order]
    news: Sequence[Told]


def find_lately(user: User, language: str) -> Lately:
    """Return what to show to somebody who comes back. Four statements."""
    rows = orders.list_given_through(user.id)
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        sums[row.currency][row.source] += row.given_minor
    news = following.list_followed_news(user.id, limit=MOST_SHOWN)
    return Lately(
        given=[
            Given(currency, minor["pledge"], minor["top_up"], minor["match"])
            for currency, minor in sorted(sums.items())
        ],
        projects=len({row.slug for row in rows}),
        orders=orders.list_of_customer(user.id, limit=MOST_SHOWN),
        news=[put_in_words(one, language) for one in news.rows],
    )
