"""Which project can be chosen, and how it is named in addresses."""

import enum
import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from marketplace.core.i18n import _l
from marketplace.core.money import exponent

MOST_PHOTOS = 6
"""An update shows at most so many photos."""


class Sort(enum.StrEnum):
    """Orders of the list of projects."""

    NEWEST = "newest"
    GOAL = "goal"
    NEAREST = "nearest"
    """What is nearest to its goal, of what can still be chosen."""


PUBLIC_STATES = ("open", "full", "paused", "closed", "suspended", "archived")
"""States in which everybody may read a project's page; a proposed one is read by its owners."""

RATE_DECIMALS = 6


def in_own_currency(amount_minor: int, currency: str, own: str, rate: Decimal) -> int:
    """Return an amount in a project's own currency, half up.

    `rate` is how much of `currency` one unit of `own` was: 150 shillings to the euro. Currencies
    have their own numbers of decimals.
    """
    value = Decimal(amount_minor).scaleb(exponent(own) - exponent(currency)) / rate
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


WHOLE_BP = 10_000
"""The whole of a goal."""

SDGS = range(1, 18)
"""The United Nations' Sustainable Development Goals."""


def sdg_name(number: int) -> str:
    """Return what a Sustainable Development Goal is called, in few words."""
    return str(_SDG_NAMES[number])


_SDG_NAMES = {
    1: _l("No poverty"),
    2: _l("Zero hunger"),
    3: _l("Good health and well-being"),
    4: _l("Quality education"),
    5: _l("Gender equality"),
    6: _l("Clean water and sanitation"),
    7: _l("Affordable and clean energy"),
    8: _l("Decent work and economic growth"),
    9: _l("Industry, innovation and infrastructure"),
    10: _l("Reduced inequalities"),
    11: _l("Sustainable cities and communities"),
    12: _l("Responsible consumption and production"),
    13: _l("Climate action"),
    14: _l("Life below water"),
    15: _l("Life on land"),
    16: _l("Peace, justice and strong institutions"),
    17: _l("Partnerships for the goals"),
}

REMIND_AFTER = timedelta(days=91)
"""Three months without a word: then its people get a letter."""
PAUSE_AFTER = timedelta(days=30)
"""So long after the letter it is paused, and everybody sees it."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    """Return a text without the characters that XML 1.0 (section 2.2) does not allow."""
    return _NOT_IN_XML.sub("", text)
