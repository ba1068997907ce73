"""What is owed and what is there, day by day, and how long money takes to its project."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

PURPOSES = {
    "project_pending": "pending",
    "project_available": "confirmed",
    "company_pending": "companies",
    "company_available": "companies",
    "company_receivable": "receivable",
    "provider_clearing": "held",
    "platform_bank": "bank",
    "commission": "platform",
    "provider_fees": "platform",
    "dispute_fees": "platform",
    "losses": "platform",
}
"""How the accounts are put together; `others` is whatever else is owed to somebody."""
OF_PROJECTS = {"payout_in_flight": "underway", "dispute_hold": "frozen"}
PARTS = (
    "pending", "confirmed", "underway", "frozen", "companies", "others", "receivable", "held",
    "bank", "platform",
)  # fmt: skip
DUE_TO_PROJECTS = ("pending", "confirmed", "underway", "frozen")


def part_of(purpose: str, *, is_project: bool) -> str:
    """Return the part of the balance sheet that an account belongs to."""
    if is_project and purpose in OF_PROJECTS:
        return OF_PROJECTS[purpose]
    return PURPOSES.get(purpose, "companies" if purpose in OF_PROJECTS else "others")


@dataclass(frozen=True)
class Sheet:
    """Everything at the end of a day, in minor units: what is there on one side, owed on the other.

    `held` is what the payment provider holds for us, `bank` what it paid out to our own bank and
    `receivable` what companies owe us, all written as more than zero; `platform` is our own:
    commission less fees and losses, wherever it is. What is at our bank covers nothing.
    """

    pending: int = 0
    confirmed: int = 0
    underway: int = 0
    frozen: int = 0
    companies: int = 0
    others: int = 0
    receivable: int = 0
    held: int = 0
    bank: int = 0
    platform: int = 0

    @property
    def owed_to_projects(self) -> int:
        """Return all that is meant for projects and has not reached them."""
        return self.pending + self.confirmed + self.underway + self.frozen

    @property
    def owed(self) -> int:
        """Return what is owed to everybody."""
        return self.owed_to_projects + self.companies + self.others

    @property
    def difference(self) -> int:
        """Return what no entry explains: zero while the book is right."""
        return self.held + self.bank + self.receivable - self.owed - self.platform


def sheet_of(balances: Mapping[str, int]) -> Sheet:
    """Return the sheet of balances (credits less debits) by part."""
    signed = {
        part: -minor if part in ("held", "bank", "receivable") else minor
        for part, minor in balances.items()
    }
    return Sheet(**signed)


def by_day(
    now: Mapping[str, int], moved: Mapping[date, Mapping[str, int]], today: date, days: int
) -> list[tuple[date, Sheet]]:
    """Return the sheet at the end of each day, the oldest first, going back from what is there now.

    `moved` is what each part gained on a day, credits less debits.
    """
    balances, told = dict(now), list[tuple[date, Sheet]]()
    for day in (today - timedelta(days=back) for back in range(days)):
        told.append((day, sheet_of(balances)))
        for part, minor in moved.get(day, {}).items():
            balances[part] = balances.get(part, 0) - minor
    return told[::-1]


@dataclass(frozen=True)
class ProjectDay:
    """What a project was given, what returns took back of it and what was paid out, on a day."""

    day: date
    given_minor: int
    taken_back_minor: int
    paid_minor: int


def waits(rows: Iterable[ProjectDay], since: date) -> list[tuple[int, int]]:
    """Return days and amounts of what was paid out since a day: first in, first out.

    Rows are a project's, by day. What a return took back is taken from the newest.
    """
    waiting, told = deque[list[int]](), list[tuple[int, int]]()
    for row in rows:
        if row.given_minor:
            waiting.append([row.day.toordinal(), row.given_minor])
        _take(waiting, row.taken_back_minor, -1)
        for day, minor in _take(waiting, row.paid_minor, 0):
            if row.day >= since:
                told.append((row.day.toordinal() - day, minor))
    return told


def _take(waiting: deque[list[int]], minor: int, end: int) -> list[tuple[int, int]]:
    """Take an amount from one end; return what it was made of."""
    taken = []
    while minor and waiting:
        day, there = waiting[end]
        part = min(minor, there)
        taken.append((day, part))
        minor -= part
        waiting[end][1] -= part
        if not waiting[end][1]:
            waiting.pop() if end else waiting.popleft()
    return taken


def median_days(told: Sequence[tuple[int, int]]) -> int | None:
    """Return after how many days half of the money had arrived; None if none did."""
    half, arrived = sum(minor for _days, minor in told) / 2, 0
    for days, minor in sorted(told):
        arrived += minor
        if arrived >= half:
            return days
    return None
