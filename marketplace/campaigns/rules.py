"""What a pool adds to an order: never above its budget nor its cap (domain.md, rule 11)."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from marketplace.core.money import share_of, split


class Scope(enum.StrEnum):
    """Which projects a pool is for."""

    ALL = "all"
    CAUSE = "cause"
    PROJECTS = "projects"


class PoolState(enum.StrEnum):
    """What was done about a pool."""

    DRAFT = "draft"
    FUNDED = "funded"
    ENDED = "ended"


class SponsorKind(enum.StrEnum):
    """What somebody is who funds pools and is no company."""

    FOUNDATION = "foundation"
    ASSOCIATION = "association"
    PUBLIC_BODY = "public_body"
    PERSON = "person"


class SponsorState(enum.StrEnum):
    """What an operator said to a sponsor's name, under which pools are shown."""

    ASKED = "asked"
    ADMITTED = "admitted"
    REFUSED = "refused"


class PaymentStage(enum.StrEnum):
    """What became of a sponsor's payment into a pool."""

    PLACED = "placed"
    PAID = "paid"
    TOO_LATE = "too_late"
    """The pool was over: it goes back in full."""
    LAPSED = "lapsed"


class RefundStage(enum.StrEnum):
    """What became of money that goes back to a sponsor."""

    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"
    """It did not reach the sponsor: an operator sends it again."""
    REPLACED = "replaced"
    TAKEN = "taken"
    """The sponsor's bank gave it back instead."""
    PAID_OTHERWISE = "paid_otherwise"
    """An operator paid it from our own bank."""


class ClaimState(enum.StrEnum):
    """What became of what a bank's dispute claims of a pool."""

    OPEN = "open"
    FREE = "free"
    """Won, or the bank had only asked: the pool has it again."""
    TAKEN = "taken"
    """Lost: the sponsor has it back."""


@dataclass(frozen=True)
class Disputed:
    """A dispute over a sponsor's payment, as the provider says that it is now."""

    dispute_id: str
    payment_row_id: uuid.UUID
    amount_minor: int
    opened_at: datetime
    is_question: bool
    """The bank only asks, or had only asked: it never took anything."""
    state: ClaimState


def wanted_of_pool(amount_minor: int, *, owed_minor: int, left_minor: int) -> int:
    """Return how much of what is disputed is to come out of a pool.

    :param owed_minor: what is on its way back to the payment, and not there: it comes out of that
    :param left_minor: what of the payment neither went back nor is disputed otherwise
    """
    return max(min(amount_minor - owed_minor, left_minor), 0)


MOST_USED = 80
"""A sponsor is told when so many percent of a budget are used, and when all of it is."""


def told_of(used_minor: int, budget_minor: int) -> int:
    """Return how much of a budget a sponsor is to be told of, in percent: 0, 80 or 100."""
    if not budget_minor or used_minor * 100 < budget_minor * MOST_USED:
        return 0
    return 100 if used_minor >= budget_minor else MOST_USED


def parts_to_return(
    amount_minor: int, payments: Sequence[tuple[str, int]]
) -> list[tuple[str, int]]:
    """Return what of an amount goes back to which payment, those that come first before others.

    :param payments: what is left of each
    :raises ValueError: they do not hold so much.
    """
    parts: list[tuple[str, int]] = []
    for payment_id, left in payments:
        part = min(amount_minor, left)
        if part > 0:
            parts.append((payment_id, part))
            amount_minor -= part
    if amount_minor:
        raise ValueError("more goes back than was paid")
    return parts


class Stage(enum.StrEnum):
    """Where a pool stands at a moment."""

    DRAFT = "draft"
    FUNDED = "funded"
    """Paid in, and not begun yet."""
    RUNNING = "running"
    PAUSED = "paused"
    """In its time, with nothing left but what a bank has to decide about."""
    USED_UP = "used_up"
    """In its time, with nothing left: it claims nothing any more."""
    ENDED = "ended"


class ReservationState(enum.StrEnum):
    """What became of what was kept for an order."""

    RESERVED = "reserved"
    USED = "used"
    RETURNED = "returned"


def last_day(ends_at: datetime) -> date:
    """Return the day before a pool's end, in UTC: pools end at midnight."""
    return (ends_at - timedelta(microseconds=1)).astimezone(UTC).date()


def stage_of(
    state: PoolState,
    *,
    starts_at: datetime,
    ends_at: datetime,
    left_minor: int,
    held_minor: int = 0,
    now: datetime,
) -> Stage:
    """Return where a pool stands at a moment."""
    if state is PoolState.DRAFT:
        return Stage.DRAFT
    if state is PoolState.ENDED or now >= ends_at:
        return Stage.ENDED
    if now < starts_at:
        return Stage.FUNDED
    if left_minor > 0:
        return Stage.RUNNING
    return Stage.PAUSED if held_minor > 0 else Stage.USED_UP


@dataclass(frozen=True)
class Offer:
    """A pool that runs, as a shopper is told of it; amounts in minor units."""

    pool_id: uuid.UUID
    slug: str
    sponsor: str
    ratio_bp: int
    cap_minor: int | None
    """Of one order."""
    with_gifts: bool
    """Whether the shopper's own gift is matched, too."""
    left_minor: int
    ends_at: datetime
    projects: frozenset[uuid.UUID]
    """Those of the asked projects that it is for."""

    @property
    def last_day(self) -> date:
        """Return the last day on which it runs, in UTC."""
        return last_day(self.ends_at)

    def adds_to(self, base_minor: int) -> int:
        """Return what it adds to an amount of one order."""
        return match_minor(
            base_minor,
            ratio_bp=self.ratio_bp,
            cap_minor=self.cap_minor,
            left_minor=self.left_minor,
        )


@dataclass(frozen=True)
class Routed:
    """What an order routes to a project before anybody adds to it, in minor units."""

    project_id: uuid.UUID
    share_minor: int
    gift_minor: int = 0


@dataclass(frozen=True)
class Match:
    """What a pool adds for one project of an order."""

    offer: Offer
    project_id: uuid.UUID
    base_minor: int
    amount_minor: int


def match_minor(base_minor: int, *, ratio_bp: int, cap_minor: int | None, left_minor: int) -> int:
    """Return what a pool adds to an amount: its ratio, at most its cap and what is left."""
    wanted = share_of(base_minor, ratio_bp)
    if cap_minor is not None:
        wanted = min(wanted, cap_minor)
    return max(min(wanted, left_minor), 0)


def plan(offers: Sequence[Offer], routed: Sequence[Routed]) -> list[Match]:
    """Return what is added to an order. Each project is matched by one pool at most.

    Offers are asked in their order, so that the one that ends first is used first; what one adds
    is divided over its projects by the largest remainder.
    """
    matches: list[Match] = []
    open_to = list(routed)
    for offer in offers:
        bases = [
            (one.project_id, one.share_minor + (one.gift_minor if offer.with_gifts else 0))
            for one in open_to
            if one.project_id in offer.projects
        ]
        bases = [(project, base) for project, base in bases if base > 0]
        if not bases or offer.left_minor <= 0:
            continue
        added = offer.adds_to(sum(base for _project, base in bases))
        parts = split(added, [base for _project, base in bases])
        matches += [
            Match(offer, project, base, part)
            for (project, base), part in zip(bases, parts, strict=True)
            if part
        ]
        taken = {project for project, _base in bases}
        open_to = [one for one in open_to if one.project_id not in taken]
    return matches


def within(matches: Sequence[Match], granted: Mapping[uuid.UUID, int]) -> list[Match]:
    """Return matches as far as their pools granted them: less where a pool has less left."""
    found: list[Match] = []
    for pool in dict.fromkeys(match.offer.pool_id for match in matches):
        mine = [match for match in matches if match.offer.pool_id == pool]
        parts = split(granted.get(pool, 0), [match.amount_minor for match in mine])
        found += [
            Match(match.offer, match.project_id, match.base_minor, part)
            for match, part in zip(mine, parts, strict=True)
            if part
        ]
    return found


def shortfall(*, guarantee_minor: int, used_minor: int, left_minor: int) -> int:
    """Return what a pool that is over still gives so that it gave at least what it guaranteed."""
    return max(min(guarantee_minor - used_minor, left_minor), 0)
