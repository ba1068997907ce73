"""What is posted when an order is paid, released or given back: pure arithmetic over its rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from marketplace.core.money import round_half_up, split
from marketplace.giving.rules import spread
from marketplace.ledger.rules import (
    CLEARING,
    COMMISSION,
    AccountKey,
    Entry,
    Purpose,
    Remainder,
    Source,
    Standing,
)

if TYPE_CHECKING:
    from marketplace.orders.rules import GivenAmount, LineAmounts, OrderAmounts, ParcelAmount

Places = Sequence[Standing]
"""Where the money of one captured row stands."""
Standings = Mapping[int, Places]
"""Where the money of each captured row stands, by the row."""

Moved = tuple[Standing, uuid.UUID, int]
"""A row where it stands, the project that gets of it, and how much."""

RELEASED = {
    Purpose.COMPANY_PENDING: Purpose.COMPANY_AVAILABLE,
    Purpose.PROJECT_PENDING: Purpose.PROJECT_AVAILABLE,
}
"""Where money goes when the return window has closed."""


def capture(order: OrderAmounts, pools: Mapping[uuid.UUID, uuid.UUID]) -> list[Entry]:
    """Return what is posted when an order is paid: each cent to whom it is for.

    What sponsors add comes out of `pools`, by project.
    """
    entries: list[Entry] = []
    for parcel in order.parcels:
        entries += [_shipping(parcel)]
    given: dict[uuid.UUID | None, list[GivenAmount]] = {}
    for allocation in order.given:
        given.setdefault(allocation.line_id, []).append(allocation)
    for line in order.lines:
        entries += _line(line)
        entries += [_allocation(allocation, pools) for allocation in given.get(line.id, [])]
    entries += [_allocation(allocation, pools) for allocation in given.get(None, [])]
    return entries


def _shipping(parcel: ParcelAmount) -> Entry:
    to = AccountKey(Purpose.COMPANY_PENDING, parcel.company_id)
    return Entry(CLEARING, to, parcel.shipping_minor, line_id=parcel.id)


def _line(line: LineAmounts) -> list[Entry]:
    to = AccountKey(Purpose.COMPANY_PENDING, line.company_id)
    return [
        Entry(CLEARING, to, line.company_minor, line_id=line.id),
        Entry(CLEARING, COMMISSION, line.commission_minor, line_id=line.id),
    ]


def _allocation(allocation: GivenAmount, pools: Mapping[uuid.UUID, uuid.UUID]) -> Entry:
    to = AccountKey(Purpose.PROJECT_PENDING, allocation.project_id, allocation.source)
    is_match = allocation.source is Source.MATCH
    return Entry(
        pool_account(pools[allocation.project_id]) if is_match else CLEARING,
        to,
        allocation.amount_minor,
        line_id=allocation.line_id,
        allocation_id=allocation.id,
    )


def pool_account(pool_id: uuid.UUID) -> AccountKey:
    """Return the account of a sponsor's pool."""
    return AccountKey(Purpose.MATCHING_POOL, pool_id)


def released(key: AccountKey) -> AccountKey:
    """Return where an account's money goes at its release; commission stays where it is."""
    return AccountKey(RELEASED.get(key.purpose, key.purpose), key.owner_id, key.source)


def held(key: AccountKey) -> AccountKey:
    """Return where an account's money is frozen while a dispute goes on."""
    return AccountKey(Purpose.DISPUTE_HOLD, key.owner_id, key.source)


def release(rows: Sequence[Remainder], standings: Standings) -> list[Entry]:
    """Return what is posted when a return window has closed: what was not given back moves on."""
    return [
        Entry(
            standing.account,
            released(standing.account),
            standing.minor,
            line_id=row.line_id,
            origin_id=row.transfer_id,
        )
        for row in rows
        for standing in standings.get(row.transfer_id, ())
        if standing.account.purpose in RELEASED
    ]


def take_back(rows: Sequence[Remainder], amount_minor: int) -> list[tuple[Remainder, int]]:
    """Return how much of each recorded row a refund takes back, in the rows' own proportions.

    By the largest remainder over what is left of each row: no row gives more than it has, and
    refunding all leaves exactly zero (domain.md, rule 7). What a sponsor added to a line goes back
    beside it, in the proportion in which the line does.

    :raises ValueError: more is asked than is left.
    """
    paid = [row for row in rows if row.pool_id is None]
    left = sum(row.left_minor for row in paid)
    if amount_minor > left:
        raise ValueError(f"{amount_minor} is asked for, {left} is left")
    if not amount_minor:
        return []
    parts = split(amount_minor, [row.left_minor for row in paid])
    taken = list(zip(paid, parts, strict=True))
    matched = [row for row in rows if row.pool_id is not None]
    return [(row, part) for row, part in [*taken, *_unmatched(matched, taken)] if part]


def _unmatched(
    matched: Sequence[Remainder], taken: Sequence[tuple[Remainder, int]]
) -> list[tuple[Remainder, int]]:
    """Return what goes back of what sponsors added to lines of which something is taken back."""
    by_line: dict[uuid.UUID | None, tuple[int, int, int]] = {}
    for row, part in taken:
        whole, left, back = by_line.get(row.line_id, (0, 0, 0))
        by_line[row.line_id] = (whole + row.captured_minor, left + row.left_minor, back + part)
    found: list[tuple[Remainder, int]] = []
    for line_id in dict.fromkeys(row.line_id for row in matched):
        mine = [row for row in matched if row.line_id == line_id]
        whole, left, back = by_line.get(line_id, (0, 0, 0))
        if back:
            minor = match_back(
                sum(row.captured_minor for row in mine), whole=whole, left=left, back=back
            )
            there = [row.left_minor for row in mine]
            parts = split(min(minor, sum(there)), there) if any(there) else [0] * len(mine)
            found += zip(mine, parts, strict=True)
    return found


def match_back(matched_minor: int, *, whole: int, left: int, back: int) -> int:
    """Return what goes back of what was added to a line when `back` of its `left` goes back.

    What stays is the line's part of it rounded half up, whatever was taken back before: so many
    small refunds take no more than one, and nothing stays of a line that is given back whole.
    """
    stays = [round_half_up(Fraction(matched_minor * rest, whole)) for rest in (left, left - back)]
    return stays[0] - stays[1]


def not_frozen(stands: Places) -> Places:
    """Return where a row's money stands, but for what a dispute froze."""
    return [one for one in stands if one.account.purpose is not Purpose.DISPUTE_HOLD]


def take_from(standings: Sequence[Standing], amount_minor: int) -> list[tuple[AccountKey, int]]:
    """Return how much of an amount comes out of each place where a row's money stands."""
    there = sum(standing.minor for standing in standings)
    if not there:
        return []
    parts = split(min(amount_minor, there), [standing.minor for standing in standings])
    return [
        (standing.account, part) for standing, part in zip(standings, parts, strict=True) if part
    ]


def moves(rows: Sequence[Standing], wanted: Mapping[uuid.UUID, int]) -> list[Moved]:
    """Return what moves from row to project so that each project gets what is wanted.

    Both add up to the same. As much as can stay where it is stays, in the rows' proportions; the
    rest is spread over the projects that lack something, to the cent.
    """
    standing: dict[uuid.UUID | None, list[Standing]] = {}
    for row in rows:
        standing.setdefault(row.account.owner_id, []).append(row)
    surplus: list[tuple[Standing, int]] = []
    missing = dict(wanted)
    for project, mine in standing.items():
        there = sum(row.minor for row in mine)
        stays = min(there, missing.get(project, 0)) if project else there
        if project in missing:
            missing[project] -= stays
        leaving = split(there - stays, [row.minor for row in mine])
        surplus += [(row, minor) for row, minor in zip(mine, leaving, strict=True) if minor]
    targets = [project for project, minor in missing.items() if minor]
    parts = spread([minor for _row, minor in surplus], [missing[project] for project in targets])
    return [
        (row, target, part)
        for (row, _minor), row_parts in zip(surplus, parts, strict=True)
        for target, part in zip(targets, row_parts, strict=True)
        if part
    ]
