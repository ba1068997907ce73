"""What is told of gifts, projects and payouts, before it is written in any format."""

import calendar
import enum
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from marketplace.core.money import exponent
from marketplace.ledger.rules import Source

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


class Format(enum.StrEnum):
    """A format in which everything can be had."""

    GIVING_360 = "360giving"
    IATI = "iati"
    CSV = "csv"

    @property
    def file_name(self) -> str:
        """Return the end of the file's address, which never changes."""
        return {
            Format.GIVING_360: "360giving.json",
            Format.IATI: "iati.xml",
            Format.CSV: "grants.csv",
        }[self]

    @property
    def media_type(self) -> str:
        """Return the IANA media type."""
        return {
            Format.GIVING_360: "application/json",
            Format.IATI: "application/xml",
            Format.CSV: "text/csv",
        }[self]


@dataclass(frozen=True)
class Publisher:
    """Who tells; `website` without a slash at its end."""

    name: str
    website: str
    prefix: str
    """As 360Giving gave it: `360G-...`."""
    reference: str
    """The organisation's identifier in IATI."""

    def organisation_id(self, thing: uuid.UUID | str) -> str:
        """Return the name of an organisation that only we know, the same for ever."""
        return f"{self.prefix}:org-{thing.hex if isinstance(thing, uuid.UUID) else thing}"

    def grant_id(self, grant: "Grant") -> str:
        """Return the name of a grant, the same for ever."""
        giver = grant.company_id.hex if grant.company_id else grant.source.replace("_", "-")
        return f"{self.prefix}-{grant.project.id.hex}-{giver}-{grant.month:%Y-%m}"

    def activity_id(self, project_id: uuid.UUID) -> str:
        """Return the name of a project's activity in IATI, the same for ever."""
        return f"{self.reference}-{project_id.hex}"

    def giver_id(self, grant: "Grant") -> str:
        """Return the name of who gives."""
        return self.organisation_id(grant.company_id or grant.source.replace("_", "-"))

    def giver(self, grant: "Grant") -> str:
        """Return who gives, in words."""
        if grant.company:
            return grant.company
        if grant.source == Source.MATCH:
            return f"Sponsors of {self.name} who match gifts"
        return f"Shoppers of {self.name}, by gifts of their own"

    def page(self, project: "ProjectTold", what: str = "") -> str:
        """Return the address of a page of a project."""
        return f"{self.website}/projects/{project.slug}{what}"


@dataclass(frozen=True)
class ProjectTold:
    """A project, as far as it is public."""

    id: uuid.UUID
    slug: str
    title: str
    summary: str
    organisation: str
    place: str
    country: str | None
    latitude: float | None
    longitude: float | None
    state: str
    currency: str
    sdgs: tuple[int, ...]
    cause_slug: str
    cause: str
    began_on: date


@dataclass(frozen=True)
class CheckedTold:
    """What was checked of a company or project, as its public page says it."""

    level: str | None = None
    decided_on: date | None = None
    valid_until: date | None = None
    steps: str | None = None
    """Each check that passed with its day: "bank=2026-01-02 persons=2026-01-02"."""


UNCHECKED = CheckedTold()


@dataclass(frozen=True)
class Grant:
    """What one giver gave a project in one month: gifts that can no longer be taken back.

    Each gift counts in the month in which it was confirmed, less what was taken back afterwards.
    """

    project: ProjectTold
    company_id: uuid.UUID | None
    company: str | None
    source: str
    month: date
    """Its first day."""
    amount_minor: int
    gifts: int
    first_on: date
    last_on: date
    changed_at: datetime
    recipient_checked: CheckedTold = UNCHECKED
    giver_checked: CheckedTold = UNCHECKED
    """Of a company."""

    @property
    def month_in_words(self) -> str:
        """Return "March 2026"; files are in English."""
        return f"{calendar.month_name[self.month.month]} {self.month.year}"


@dataclass(frozen=True)
class PayoutTold:
    """A payout to a project that arrived, less what came back of it."""

    project_id: uuid.UUID
    number: int
    currency: str
    amount_minor: int
    paid_on: date


@dataclass(frozen=True)
class Indicated:
    """What a project measures, and the values that count, in the order of their days."""

    project_id: uuid.UUID
    title: str
    unit: str
    code: str
    adds_up: bool
    """Whether each value is added to those before; else it is the whole state on its day."""
    baseline: Decimal | None
    baseline_on: date | None
    target: Decimal | None
    target_on: date | None
    values: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class StepTold:
    """A milestone that has a day: by when it was to be reached, and when it was."""

    project_id: uuid.UUID
    title: str
    due_on: date | None
    reached_on: date | None


@dataclass(frozen=True)
class FunderTold:
    """Who gives a project money that does not come through us, for certain."""

    project_id: uuid.UUID
    name: str


@dataclass(frozen=True)
class Activity:
    """A project, what it was given, paid and measured; these come one at a time, and only once."""

    project: ProjectTold
    grants: Iterable[Grant]
    payouts: Iterable[PayoutTold]
    results: Iterable[Indicated] = ()
    steps: Iterable[StepTold] = ()
    funders: Iterable[FunderTold] = ()


def amount_of(minor: int, currency: str) -> Decimal:
    """Return an amount with its currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))
