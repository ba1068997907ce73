"""What measured values add up to, what a unit cost, and which indicators others use, too."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from marketplace.outcomes.rules.codes import CODES, code_name

__all__ = [
    "CODES",
    "FADES_AFTER",
    "MOST_EVIDENCE",
    "UNKNOWN_AFTER",
    "Cost",
    "Freshness",
    "IndicatorKind",
    "Measured",
    "NotANumber",
    "OutcomeState",
    "ReviewerRole",
    "Spent",
    "achieved",
    "code_name",
    "cost_per_unit",
    "parse_number",
    "plain_number",
    "present_value",
    "progress_bp",
]

MOST_EVIDENCE = 5
"""Proofs of one measured value."""

LARGEST = Decimal(10) ** 12
FADES_AFTER = timedelta(days=365)
UNKNOWN_AFTER = timedelta(days=548)
"""A year and a half: what a unit cost then says nothing about today."""

WHOLE_BP = 10_000
MOST_BP = 100 * WHOLE_BP


class IndicatorKind(enum.StrEnum):
    """How values of one indicator belong together."""

    ADDS = "adds"
    """Each value is new and is added to those before: trees planted, boxes built."""
    LEVEL = "level"
    """Each value is the whole state on its day: households served, litres a second."""


class OutcomeState(enum.StrEnum):
    """Whether everybody sees a measured value."""

    DRAFT = "draft"
    PUBLISHED = "published"


class ReviewerRole(enum.StrEnum):
    """Who looked at a measured value."""

    OWNER = "owner"
    """Another one of the project's own people."""
    OPERATOR = "operator"


class Freshness(enum.StrEnum):
    """How far the newest report lies back."""

    FRESH = "fresh"
    FADING = "fading"
    UNKNOWN = "unknown"


class NotANumber(ValueError):
    """The text is no number that could have been measured."""


_NUMBER = re.compile(r"[-−+]?[0-9]{1,13}([.,][0-9]{1,4})?")


def parse_number(text: str) -> Decimal:
    """Read what somebody measured: a point or a comma, at most four decimals, blanks between.

    :raises NotANumber: it is none, or is too large.
    """
    plain = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    if not _NUMBER.fullmatch(plain):
        raise NotANumber(text)
    value = Decimal(plain.replace("−", "-").replace(",", "."))
    if abs(value) > LARGEST:
        raise NotANumber(text)
    return value


def plain_number(value: Decimal) -> str:
    """Return a number for machines and forms: no exponent, no idle zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


@dataclass(frozen=True)
class Measured:
    """A published value that counts: neither corrected nor withdrawn."""

    measured_on: date
    value: Decimal


@dataclass(frozen=True)
class Spent:
    """Money spent on a day with a receipt, in minor units."""

    spent_on: date
    minor: int


def present_value(
    kind: IndicatorKind, baseline: Decimal | None, values: Sequence[Measured]
) -> Decimal | None:
    """Return where an indicator stands, or None if nothing was measured. `values` by day."""
    if not values:
        return None
    if kind is IndicatorKind.LEVEL:
        return values[-1].value
    return (baseline or Decimal(0)) + sum((one.value for one in values), Decimal(0))


def achieved(
    kind: IndicatorKind,
    baseline: Decimal | None,
    target: Decimal | None,
    values: Sequence[Measured],
) -> Decimal:
    """Return how much better it is than at the beginning; where less is better, how much less."""
    present = present_value(kind, baseline, values)
    if present is None:
        return Decimal(0)
    start = baseline or Decimal(0)
    falls = kind is IndicatorKind.LEVEL and target is not None and target < start
    return start - present if falls else present - start


def progress_bp(
    kind: IndicatorKind,
    baseline: Decimal | None,
    target: Decimal | None,
    values: Sequence[Measured],
) -> int | None:
    """Return the part of the way to the target in basis points; None without target or values."""
    if target is None or not values:
        return None
    way = abs(target - (baseline or Decimal(0)))
    if way == 0:
        return None
    part = int(achieved(kind, baseline, target, values) * WHOLE_BP / way)
    return min(max(part, 0), MOST_BP)


@dataclass(frozen=True)
class Cost:
    """What one unit cost, from actual reports, in minor units.

    Every report is one observation: what was spent with receipts until its day, through what was
    achieved until then.
    """

    freshness: Freshness
    reports: int = 0
    newest_on: date | None = None
    minor: int | None = None
    """As of the newest report; None while it is unknown."""
    lowest_minor: int | None = None
    highest_minor: int | None = None


NOTHING_KNOWN = Cost(Freshness.UNKNOWN)


def cost_per_unit(
    kind: IndicatorKind,
    baseline: Decimal | None,
    target: Decimal | None,
    values: Sequence[Measured],
    spent: Sequence[Spent],
    *,
    today: date,
) -> Cost:
    """Return what a unit cost; `values` and `spent` by day.

    A report with nothing achieved or nothing spent until its day tells of no cost. Several values
    of one day are one report.
    """
    seen: dict[date, int] = {}
    for place, one in enumerate(values, 1):
        gained = achieved(kind, baseline, target, values[:place])
        until = sum(entry.minor for entry in spent if entry.spent_on <= one.measured_on)
        seen.pop(one.measured_on, None)
        if gained > 0 and until > 0:
            seen[one.measured_on] = int((until / gained).quantize(Decimal(1), ROUND_HALF_UP))
    if not seen:
        return NOTHING_KNOWN
    newest = max(seen)
    age = today - newest
    if age > UNKNOWN_AFTER:
        return Cost(Freshness.UNKNOWN, len(seen), newest)
    freshness = Freshness.FADING if age > FADES_AFTER else Freshness.FRESH
    return Cost(freshness, len(seen), newest, seen[newest], min(seen.values()), max(seen.values()))
