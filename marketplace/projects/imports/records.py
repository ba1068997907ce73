"""What an import makes of a project before it reaches the database; everything is checked here."""

import hashlib
import json
import re
import textwrap
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from babel import Locale
from babel.numbers import list_currencies

from marketplace.core.i18n import _l
from marketplace.core.money import LARGEST_MINOR, exponent
from marketplace.core.reading.report import Refused
from marketplace.core.reading.text import one_line

LONGEST_TITLE = 300
LONGEST_STORY = 50_000
LONGEST_SUMMARY = 280
LONGEST_NAME = 500
HASH_VERSION = 1

NO_ID = _l("There is no id.")
SAME_ID = _l("Another one has the same id.")
NO_TITLE = _l("There is no title.")
LONG_TITLE = _l("The title is longer than 300 characters.")
LONG_STORY = _l("The description is longer than 50,000 characters.")
LONG_NAME = _l("The id or the organisation's name is too long.")
NO_ORGANISATION = _l("There is no organisation that receives the money.")
INDIVIDUAL = _l("It was given to a person; people are not imported.")
NO_GOAL = _l("The amount is missing.")
BAD_GOAL = _l("The amount is not an amount of money in its currency.")
NOT_POSITIVE = _l("The amount is zero or less.")
ABSURD_GOAL = _l("The amount is absurdly high.")
BAD_CURRENCY = _l("There is no such currency.")

_NAMED_OTHERWISE = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "cymru / wales": "GB",
    "northern ireland": "GB", "great britain": "GB", "usa": "US", "united states of america": "US",
    "holland": "NL", "the netherlands": "NL", "ivory coast": "CI", "burma": "MM", "congo": "CG",
    "democratic republic of congo": "CD", "drc": "CD", "the gambia": "GM", "swaziland": "SZ",
    "palestine": "PS", "czech republic": "CZ", "turkey": "TR",
}  # fmt: skip

_TOPICS: tuple[tuple[int, str], ...] = (
    # a Sustainable Development Goal, and English words that speak of it; the first that fits
    (6, "water sanitation latrine toilet toilets wash"),
    (3, "health healthcare hospital hospitals hospice hospices medical medicine clinic clinics"),
    (3, "disease cancer hiv mental nurse nurses nursing doctor doctors"),
    (4, "education educational school schools college university learning literacy science"),
    (4, "teacher teachers teaching pupils ysgol"),
    (5, "women girls gender maternal"),
    (2, "food hunger farm farmers farming agriculture agricultural nutrition"),
    (7, "energy solar"),
    (13, "climate carbon"),
    (15, "wildlife forest forests biodiversity nature conservation trees"),
    (14, "ocean marine sea"),
    (16, "justice rights refugee refugees asylum prison prisoners democracy democratic legal"),
    (16, "transparency corruption accountability parliament election elections civic"),
    (8, "employment job jobs enterprise business businesses skills work"),
    (9, "technology internet digital mobile innovation software data online infrastructure"),
    (1, "poverty hardship homeless homelessness debt"),
    (11, "housing community communities heritage museum museums art arts theatre gallery"),
    (11, "galleries library libraries town village"),
)
NO_TOPIC = 10


@dataclass(frozen=True)
class ProjectRecord:
    """A project that can be taken as it is; `goal_minor` in `currency`, `sdg` one of 1 to 17."""

    external_ref: str
    line: int
    title: str
    summary: str
    story: str
    organisation: str
    place: str
    country: str | None
    sdg: int
    currency: str
    goal_minor: int
    source: str

    @property
    def digest(self) -> bytes:
        """Return what tells this content from any other, wherever it stands in the file."""
        text = json.dumps([HASH_VERSION, {**asdict(self), "line": 0}], sort_keys=True)
        return hashlib.sha256(text.encode()).digest()


def check_texts(record: ProjectRecord) -> ProjectRecord:
    """Return the record.

    :raises Refused: a text is missing or too long.
    """
    if not record.title:
        raise Refused(record.line, NO_TITLE, record.external_ref)
    if len(record.title) > LONGEST_TITLE:
        raise Refused(record.line, LONG_TITLE, record.title)
    names = (record.external_ref, record.organisation, record.place)
    if max(len(name) for name in names) > LONGEST_NAME:
        raise Refused(record.line, LONG_NAME, record.title)
    if len(record.story) > LONGEST_STORY:
        raise Refused(record.line, LONG_STORY, record.title)
    if not record.organisation:
        raise Refused(record.line, NO_ORGANISATION, record.title)
    return record


def summary_of(story: str) -> str:
    """Return a description on one line, shortened at a word."""
    return textwrap.shorten(one_line(story), LONGEST_SUMMARY, placeholder=" …")


def goal_of(line: int, amount: object, currency: str) -> int:
    """Return an amount in minor units.

    :raises Refused: missing, no number, not positive, absurd, or with too many decimals.
    """
    if amount in (None, ""):
        raise Refused(line, NO_GOAL)
    if currency not in known_currencies():
        raise Refused(line, BAD_CURRENCY, currency)
    try:
        value = Decimal(str(amount).strip())
    except InvalidOperation:
        raise Refused(line, BAD_GOAL, amount) from None
    if not value.is_finite():
        raise Refused(line, BAD_GOAL, amount)
    if value <= 0:
        raise Refused(line, NOT_POSITIVE, amount)
    if value > LARGEST_MINOR or (minor := value.scaleb(exponent(currency))) > LARGEST_MINOR:
        raise Refused(line, ABSURD_GOAL, amount)
    if minor != int(minor):
        raise Refused(line, BAD_GOAL, amount)
    return int(minor)


@cache
def known_currencies() -> frozenset[str]:
    """Return the codes of the world's currencies, old ones too."""
    return frozenset(list_currencies())


@cache
def _countries() -> dict[str, str]:
    names = Locale("en").territories
    codes = {name.lower(): code for code, name in names.items() if len(code) == 2}
    return codes | {code.lower(): code for code in codes.values()} | _NAMED_OTHERWISE


def country_of(*said: str | None) -> str | None:
    """Return the ISO 3166 code of the first text that is a country's code or English name."""
    known = _countries()
    return next(
        (known[key] for text in said if text and (key := text.strip().lower()) in known), None
    )


def sdg_of(*texts: str) -> int:
    """Return the Sustainable Development Goal that the texts speak of, the first text first."""
    for text in texts:
        spoken = set(re.findall(r"[a-z]+", text.lower()))
        for goal, words in _TOPICS:
            if spoken.intersection(words.split()):
                return goal
    return NO_TOPIC
