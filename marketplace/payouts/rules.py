"""When payees are paid, why they wait, and how an account at the provider may change. Pure."""

import enum
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta


class PayeeKind(enum.StrEnum):
    """Who is paid."""

    COMPANY = "company"
    PROJECT = "project"


class PayoutState(enum.StrEnum):
    """Where a payout stands; "paid" only when the provider confirms it."""

    TO_APPROVE = "to_approve"
    """Set aside, and waits for two operators."""
    COMMANDED = "commanded"
    PAID = "paid"
    RETURNED = "returned"


class AccountStanding(enum.StrEnum):
    """What an account at the provider is to its payee."""

    CURRENT = "current"
    PROPOSED = "proposed"
    """Asked for in place of the current one; nothing goes there yet."""
    PAST = "past"


class Schedule(enum.StrEnum):
    """How often a payee wants to be paid."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    ON_DEMAND = "on_demand"


class Wait(enum.StrEnum):
    """Why confirmed money is not on its way yet."""

    NOT_CONNECTED = "not_connected"
    NOT_VERIFIED = "not_verified"
    """The provider still wants to know something."""
    SUSPENDED = "suspended"
    """We have not verified the company or project, or have suspended it."""
    CONFIRMATION = "confirmation"
    COOLING_OFF = "cooling_off"
    COMPROMISED = "compromised"
    BANK_REFUSED = "bank_refused"
    APPROVAL = "approval"
    MINIMUM = "minimum"
    RUN = "run"
    DEMAND = "demand"


COOLING_OFF = timedelta(hours=48)
"""How long nothing goes to an account, or a bank account, that is new in place of another."""

APPROVALS = 2
"""How many operators have to agree to a payout above the limit."""

UNDECIDED_AFTER = timedelta(days=6)
"""A payout that nobody approves goes back, before what is on its way is older than a week."""

MONDAY = 0


@dataclass(frozen=True)
class Run:
    """How a payout comes about: by a run of a day or on demand, and what holds for it."""

    on: date | None = None
    maximum_age: timedelta | None = None
    """Confirmed money as old as this goes even below the minimum (rule 15)."""
    approval_from_minor: int | None = None
    """From this amount on two operators have to agree."""
    asked_by_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Terms:
    """What the settings say of payouts."""

    minimum_minor: int
    maximum_age: timedelta
    approval_from_minor: int

    def run(self, on: date | None = None, asked_by_id: uuid.UUID | None = None) -> Run:
        """Return how a payout comes about under these terms."""
        return Run(on, self.maximum_age, self.approval_from_minor, asked_by_id)


def next_run(schedule: Schedule, after: date) -> date | None:
    """Return the first day after another on which a schedule pays; None if only on demand."""
    if schedule is Schedule.WEEKLY:
        return after + timedelta(days=7 - (after.weekday() - MONDAY) % 7)
    if schedule is Schedule.MONTHLY:
        return (after.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None


def is_due(schedule: Schedule, *, since: date, until: date) -> bool:
    """Say whether a schedule pays on some day after `since`, up to and with `until`."""
    following = next_run(schedule, since)
    return following is not None and following <= until


def is_old_enough(oldest_on: date | None, *, today: date, maximum_age: timedelta | None) -> bool:
    """Say whether money waits so long that it goes below the minimum, too."""
    if oldest_on is None or maximum_age is None:
        return False
    return today - oldest_on >= maximum_age


def usable_from(changed_at: datetime | None) -> datetime | None:
    """Return until when a change of account cools off; None where nothing was changed."""
    return changed_at + COOLING_OFF if changed_at is not None else None


def change_waits(
    changed_at: datetime | None, confirmed_at: datetime | None, now: datetime
) -> list[Wait]:
    """Return what a change of account still waits for: a second person, and time."""
    until = usable_from(changed_at)
    if until is None:
        return []
    waits = [Wait.CONFIRMATION] if confirmed_at is None else []
    return [*waits, Wait.COOLING_OFF] if now < until else waits


class Topic(enum.StrEnum):
    """What the provider wants to know, in the words of people."""

    BANK = "bank"
    BUSINESS = "business"
    PERSON = "person"
    OWNERS = "owners"
    DOCUMENT = "document"
    TERMS = "terms"
    TAX = "tax"
    OTHER = "other"


_TOPICS = (
    # part of the provider's name of a requirement; the first that fits tells what it is about
    ("verification", Topic.DOCUMENT),
    ("document", Topic.DOCUMENT),
    ("external_account", Topic.BANK),
    ("tos_acceptance", Topic.TERMS),
    ("tax_id", Topic.TAX),
    ("vat_id", Topic.TAX),
    ("owners", Topic.OWNERS),
    ("directors", Topic.OWNERS),
    ("executives", Topic.OWNERS),
    ("individual.", Topic.PERSON),
    ("representative", Topic.PERSON),
    ("person_", Topic.PERSON),
    ("business_", Topic.BUSINESS),
    ("company.", Topic.BUSINESS),
)


def topic_of(requirement: str) -> Topic:
    """Return what a requirement of the provider is about."""
    return next((topic for part, topic in _TOPICS if part in requirement), Topic.OTHER)


def topics_of(requirements: Iterable[str]) -> list[Topic]:
    """Return what is asked for, each once, in the provider's order."""
    return list(dict.fromkeys(topic_of(one) for one in requirements))


PAID_OUT_KINDS = ("payout", "payout_returned")
"""The kinds of the book that stand below the line of a statement."""


@dataclass(frozen=True)
class StatementRow:
    """What one day moved, by kind and source: in is positive, out is negative."""

    on_day: date
    kind: str
    source: str | None
    amount_minor: int

    @property
    def is_payout(self) -> bool:
        """Say whether it is a payout, or one that came back."""
        return self.kind in PAID_OUT_KINDS


@dataclass(frozen=True)
class Statement:
    """A month of a payee's confirmed money: it adds up, or it is not shown."""

    month: date
    """Its first day."""
    currency: str
    opening_minor: int
    closing_minor: int
    """As the book says; not computed from the rows."""
    rows: Sequence[StatementRow]

    @property
    def ends_on(self) -> date:
        """Return its last day."""
        return month_after(self.month) - timedelta(days=1)

    @property
    def entries_minor(self) -> int:
        """Return what was confirmed, less what was taken back."""
        return sum(row.amount_minor for row in self.rows if not row.is_payout)

    @property
    def paid_out_minor(self) -> int:
        """Return what left for payouts, less what came back; not negative in most months."""
        return -sum(row.amount_minor for row in self.rows if row.is_payout)

    @property
    def adds_up(self) -> bool:
        """Say whether opening + entries - payouts = closing, to the cent."""
        return self.opening_minor + self.entries_minor - self.paid_out_minor == self.closing_minor


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(day: date) -> date:
    """Return the first day of the month before a day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def months_between(first: date, last: date) -> list[date]:
    """Return the first day of each month, the latest first."""
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = month_after(month)
    return months[::-1]


def returned_parts(parts: Sequence[int], total_minor: int, before_minor: int) -> list[int]:
    """Divide what came back of a payout over what it was made of.

    `total_minor` came back by now, `before_minor` of it was credited before: the parts go back in
    full from the first on, so that no cent is credited twice however often we are told.
    """
    left, skip, back = total_minor - before_minor, before_minor, []
    for part in parts:
        passed = min(part, skip)
        skip -= passed
        now = min(part - passed, left)
        left -= now
        back.append(now)
    return back
