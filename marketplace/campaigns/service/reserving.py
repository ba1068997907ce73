"""What orders take from pools, reserved in one statement with the pool's row held.

Everybody who changes a pool's figures does so last: the accounts of an order are held before its
pools, so that a refund, a payment and a pool's end never wait for each other in a circle.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from marketplace.campaigns import queries
from marketplace.campaigns.models import Reservation
from marketplace.campaigns.rules import Match, PoolState, ReservationState, Routed, plan, within
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import DomainError
from marketplace.core.i18n import _l
from marketplace.ledger.rules import AccountKey, Purpose


class MatchChanged(DomainError):
    """What sponsors add differs from what the shopper saw: nothing was ordered."""

    status = 409
    message = _l(
        "What sponsors add has changed since you looked: others were faster, or a pool is over. "
        "Please read your order again."
    )


def account_of(pool_id: uuid.UUID) -> AccountKey:
    """Return the ledger's account of a pool."""
    return AccountKey(Purpose.MATCHING_POOL, pool_id)


def held_of(pool_id: uuid.UUID) -> AccountKey:
    """Return the account of what a bank's dispute froze of a pool."""
    return AccountKey(Purpose.POOL_HOLD, pool_id)


# The rows are held in order of id; what is left is counted again once they are.
_TAKE = sa.text(
    """
    with wanted as (
        select * from unnest(cast(:pools as uuid[]), cast(:amounts as bigint[]))
             as w(pool_id, minor)
    ), held as (
        select pool.id, least(wanted.minor, pool.budget_minor - pool.reserved_minor
                              - pool.used_minor - pool.returned_minor - pool.frozen_minor
                              - pool.lost_minor - pool.claimed_minor) as minor
        from matching_pool pool join wanted on wanted.pool_id = pool.id
        where pool.state = 'funded' and pool.starts_at <= :now and pool.ends_at > :now
        order by pool.id for no key update of pool
    )
    update matching_pool pool set reserved_minor = pool.reserved_minor + held.minor
    from held where pool.id = held.id and held.minor > 0
    returning pool.id, held.minor
    """
)


def take(
    *, currency: str, routed: Sequence[Routed], seen_minor: int | None, now: datetime
) -> list[Match]:
    """Reserve what pools add to what an order routes; the pools are held until the commit.

    :param seen_minor: what the shopper was told; None where nobody told him
    :raises MatchChanged: it is not that any more.
    """
    offers = queries.find_offers(currency, [one.project_id for one in routed], now)
    wanted = plan(offers, routed)
    by_pool: dict[uuid.UUID, int] = {}
    for match in wanted:
        by_pool[match.offer.pool_id] = by_pool.get(match.offer.pool_id, 0) + match.amount_minor
    taken = within(wanted, _take(by_pool, now))
    if seen_minor is not None and seen_minor != sum(match.amount_minor for match in taken):
        raise MatchChanged
    return taken


def _take(by_pool: Mapping[uuid.UUID, int], now: datetime) -> dict[uuid.UUID, int]:
    if not by_pool:
        return {}
    rows = session.execute(
        _TAKE, {"pools": list(by_pool), "amounts": list(by_pool.values()), "now": now}
    )
    return dict(rows.all())


def write_down(*, order_id: uuid.UUID, matches: Sequence[Match], now: datetime) -> None:
    """Write down for which order pools keep what was taken from them."""
    if matches:
        session.execute(
            sa.insert(Reservation),
            [
                {
                    "order_id": order_id,
                    "project_id": match.project_id,
                    "pool_id": match.offer.pool_id,
                    "base_minor": match.base_minor,
                    "amount_minor": match.amount_minor,
                    "with_gifts": match.offer.with_gifts,
                    "state": ReservationState.RESERVED,
                    "reserved_at": now,
                }
                for match in matches
            ],
        )


_GIVE_BACK = sa.text(
    """
    with gone as (
        update match_reservation set state = 'returned'
        where order_id = :order and state = 'reserved'
        returning pool_id, amount_minor
    ), summed as (
        select pool_id, sum(amount_minor)::bigint as minor from gone group by pool_id
    ), held as (
        select pool.id, summed.minor from matching_pool pool
        join summed on summed.pool_id = pool.id
        order by pool.id for no key update of pool
    )
    update matching_pool pool set reserved_minor = pool.reserved_minor - held.minor
    from held where pool.id = held.id
    returning pool.id, pool.state, pool.claimed_minor
    """
)


def give_back(*, order_id: uuid.UUID) -> None:
    """Let go what pools keep for an order that was not paid: others can be told of it again."""
    _sweep(session.execute(_GIVE_BACK, {"order": order_id}).all())


@dataclass(frozen=True)
class Used:
    """What a pool adds for one project of an order that is paid."""

    pool_id: uuid.UUID
    project_id: uuid.UUID
    amount_minor: int
    with_gifts: bool


_USE = sa.text(
    """
    update match_reservation set state = 'used'
    where order_id = :order and (state = 'reserved' or pool_id = any(cast(:again as uuid[])))
    returning pool_id, project_id, amount_minor, with_gifts
    """
)


def use(*, order_id: uuid.UUID, has_lapsed: bool, now: datetime) -> list[Used]:
    """Return what pools add to an order that is being paid: the caller posts it.

    An order that had lapsed gave its reservation back: it gets it again where all of it is there.
    """
    again = _take_again(order_id, now) if has_lapsed else []
    rows = session.execute(_USE, {"order": order_id, "again": again})
    return sorted(
        (Used(*row) for row in rows), key=lambda one: (str(one.pool_id), str(one.project_id))
    )


_TAKE_AGAIN = sa.text(
    """
    with wanted as (
        select pool_id, sum(amount_minor)::bigint as minor from match_reservation
        where order_id = :order and state = 'returned' group by pool_id
    ), held as (
        select pool.id, wanted.minor from matching_pool pool
        join wanted on wanted.pool_id = pool.id
        where pool.state = 'funded' and pool.ends_at > :now
        order by pool.id for no key update of pool
    )
    update matching_pool pool set reserved_minor = pool.reserved_minor + held.minor
    from held where pool.id = held.id and held.minor <= pool.budget_minor - pool.reserved_minor
        - pool.used_minor - pool.returned_minor - pool.frozen_minor - pool.lost_minor
        - pool.claimed_minor
    returning pool.id
    """
)


def _take_again(order_id: uuid.UUID, now: datetime) -> list[uuid.UUID]:
    return list(session.scalars(_TAKE_AGAIN, {"order": order_id, "now": now}))


_COUNT_USED = sa.text(
    """
    with held as (
        select id from matching_pool where id = any(cast(:pools as uuid[]))
        order by id for no key update
    ), counted as (
        select * from unnest(cast(:pools as uuid[]), cast(:amounts as bigint[])) as c(id, minor)
    )
    update matching_pool pool set reserved_minor = pool.reserved_minor - counted.minor,
        used_minor = pool.used_minor + counted.minor
    from counted join held on held.id = counted.id where pool.id = counted.id
    """
)


def count_used(*, used: Collection[Used]) -> None:
    """Count as used what was posted of an order's reservations."""
    by_pool: dict[uuid.UUID, int] = {}
    for one in used:
        by_pool[one.pool_id] = by_pool.get(one.pool_id, 0) + one.amount_minor
    if by_pool:
        session.execute(_COUNT_USED, {"pools": list(by_pool), "amounts": list(by_pool.values())})


_COUNT_BACK = sa.text(
    """
    with held as (
        select id from matching_pool where id = any(cast(:pools as uuid[]))
        order by id for no key update
    ), counted as (
        select * from unnest(cast(:pools as uuid[]), cast(:amounts as bigint[])) as c(id, minor)
    )
    update matching_pool pool set used_minor = pool.used_minor - counted.minor
    from counted join held on held.id = counted.id where pool.id = counted.id
    returning pool.id, pool.state, pool.claimed_minor
    """
)


def count_back(*, back: Mapping[uuid.UUID, int]) -> None:
    """Count as left again what came back to pools; of some it goes on from there, by a job."""
    if back:
        rows = session.execute(_COUNT_BACK, {"pools": list(back), "amounts": list(back.values())})
        _sweep(rows.all())


def _sweep(pools: Sequence[sa.Row[Any]]) -> None:  # Any: ids, states and amounts
    """Send on what came back to a pool that is over, or of which a bank took more than it had."""
    for pool in pools:
        if pool.state == PoolState.ENDED or pool.claimed_minor:
            jobs.enqueue("sweep_pool", pool_id=str(pool.id))
