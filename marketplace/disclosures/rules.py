"""Which sentence applies where, and what it is told of."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.giving.rules import Pledge


class Jurisdiction(enum.StrEnum):
    """Whose rules on promises of giving apply."""

    EU = "eu"
    UK = "uk"
    US = "us"
    OTHER = "other"


_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EU_COUNTRIES = tuple(_EEA.split())
"""The European Union, and who shares its rules on trade with consumers (EEA)."""

_ELSEWHERE = {"GB": Jurisdiction.UK, "US": Jurisdiction.US}


def jurisdiction_of(country: str) -> Jurisdiction:
    """Return whose sentence a delivery to a country gets; `country` is an ISO 3166-1 code."""
    if country in EU_COUNTRIES:
        return Jurisdiction.EU
    return _ELSEWHERE.get(country, Jurisdiction.OTHER)


@dataclass(frozen=True)
class Times:
    """How long money is held, in days."""

    return_days: int
    """After delivery, during which goods may be returned."""
    payout_days: int
    """After which confirmed money is paid at the latest."""


USUAL_TIMES = Times(return_days=14, payout_days=90)


@dataclass(frozen=True)
class LineTold:
    """A line of a purchase, as far as a promise is about it; amounts in minor units."""

    title: str
    pledge: Pledge
    net_minor: int
    share_minor: int


@dataclass(frozen=True)
class CompanyTold:
    """A company's lines; `until` is the day up to which it promised its present terms."""

    name: str
    lines: Sequence[LineTold]
    until: date | None = None

    @property
    def net_minor(self) -> int:
        """Return what its goods cost without VAT and delivery."""
        return sum(line.net_minor for line in self.lines)

    @property
    def share_minor(self) -> int:
        """Return what it gives."""
        return sum(line.share_minor for line in self.lines)


@dataclass(frozen=True)
class ProjectTold:
    """A project and what of the companies' part it gets."""

    title: str
    organisation: str
    amount_minor: int


@dataclass(frozen=True)
class PurchaseTold:
    """A purchase, as far as promises are about it."""

    country: str
    """Where the parcels go: an ISO 3166-1 code."""
    currency: str
    companies: Sequence[CompanyTold]
    projects: Sequence[ProjectTold]
    top_up_minor: int
    times: Times


@dataclass(frozen=True)
class Disclosed:
    """What was told, word for word: a sentence or two on each line of `text`."""

    version: str
    text: str
