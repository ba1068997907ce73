"""The end of a pool: what is left goes back, or to its projects as far as it guaranteed."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.campaigns import queries
from marketplace.campaigns.models import Pool, PoolProject
from marketplace.campaigns.rules import PoolState, shortfall
from marketplace.campaigns.service.reserving import account_of
from marketplace.campaigns.service.returning import LOSSES, due_back, give_rest_back
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.money import split
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, Entry, Kind, Purpose, Source
from marketplace.projects.models import Project, ProjectState


def end(*, pool_id: uuid.UUID, reason: str, by: User, now: datetime) -> None:
    """End a pool before its time. Orders that were placed keep what was reserved for them.

    :raises Conflict: it is over already, or has no money yet.
    :raises Invalid: nobody says why.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": _l("Say why: everybody can read it.")})
    pool = _hold(pool_id)
    if pool is None:
        raise NotFound
    if pool.state is not PoolState.FUNDED:
        raise Conflict(_l("This pool is over."))
    accounts.record(
        actor=by,
        action="pool.end",
        subject_kind="pool",
        subject_id=pool.id,
        reason=reason.strip(),
        now=now,
    )
    pool.ended_early_because = reason.strip() if now < pool.ends_at else ""
    close(pool, now)


def end_due(*, pool_id: uuid.UUID, now: datetime) -> None:
    """End a pool whose time is over, or send on what came back to one that has ended. Any time."""
    pool = _hold(pool_id)
    if pool is not None and (pool.state is PoolState.ENDED or pool.ends_at <= now):
        close(pool, now)


def sweep(*, pool_id: uuid.UUID, now: datetime) -> None:
    """Send on what came back to a pool that has ended, or of which a bank took more than it had."""
    pool = _hold(pool_id)
    if pool is not None and pool.state is PoolState.ENDED:
        close(pool, now)
    elif pool is not None:
        make_good(pool, now)


def _hold(pool_id: uuid.UUID) -> Pool | None:
    """Hold a pool's account and then its row, as everybody does."""
    currency = session.scalar(sa.select(Pool.currency).where(Pool.id == pool_id))
    if currency is None:
        return None
    ledger.lock_balances(keys=[account_of(pool_id), due_back(pool_id)], currency=currency)
    return queries.lock_pool(pool_id)


def close(pool: Pool, now: datetime) -> None:
    """Post what becomes of what is left; the pool's account and row are held.

    What is reserved stays until its orders are decided. While a bank disputes a payment into the
    pool, everything stays.
    """
    if pool.state is PoolState.FUNDED:
        pool.state, pool.ended_at = PoolState.ENDED, now
    if pool.state is not PoolState.ENDED:
        return
    make_good(pool, now)
    session.flush()
    if queries.is_disputed(pool.id):
        return
    if pool.guarantee_minor > pool.used_minor and pool.reserved_minor:
        return  # whether the guarantee was met shows once the open orders are paid or gone
    missing = shortfall(
        guarantee_minor=pool.guarantee_minor,
        used_minor=pool.used_minor,
        left_minor=pool.rest_minor,
    )
    if missing and not _give_guaranteed(pool, missing, now):
        return  # none of its projects takes money now: it waits
    amount = pool.rest_minor
    if amount and pool.sponsor_id is not None:
        give_rest_back(pool=pool, amount_minor=amount, now=now)
    elif amount:
        sponsor = AccountKey(Purpose.COMPANY_AVAILABLE, pool.company_id)
        _post(pool, Kind.POOL_RETURNED, [Entry(account_of(pool.id), sponsor, amount)], now)
    pool.returned_minor += amount
    session.flush()


def make_good(pool: Pool, now: datetime) -> None:
    """Cover with what came back what a bank took and the pool had not: it was the platform's."""
    for claim in queries.lock_unpaid_claims(pool.id) if pool.claimed_minor else ():
        amount = min(claim.claimed_minor, pool.rest_minor)
        if amount:
            _post(pool, Kind.POOL_MADE_GOOD, [Entry(account_of(pool.id), LOSSES, amount)], now)
        claim.claimed_minor -= amount
        pool.claimed_minor -= amount
        pool.lost_minor += amount
        session.flush()


def _give_guaranteed(pool: Pool, missing: int, now: datetime) -> bool:
    """Give what a guarantee lacks to the pool's projects in equal parts; False if none can take."""
    projects = session.scalars(
        sa.select(Project.id)
        .join(PoolProject, PoolProject.project_id == Project.id)
        .where(
            PoolProject.pool_id == pool.id,
            Project.state.in_([ProjectState.OPEN, ProjectState.FULL]),
        )
        .order_by(Project.id)
    ).all()
    if not projects:
        return False
    entries = [
        Entry(
            account_of(pool.id),
            AccountKey(Purpose.PROJECT_AVAILABLE, project, Source.MATCH),
            part,
        )
        for project, part in zip(projects, split(missing, [1] * len(projects)), strict=True)
    ]
    _post(pool, Kind.POOL_GUARANTEE, entries, now)
    pool.used_minor += missing
    return True


def _post(pool: Pool, kind: Kind, entries: list[Entry], now: datetime) -> None:
    """Post for a pool whose row is held: the row tells what was done, so each key is a new one."""
    ledger.post(
        kind=kind,
        effect_key=f"{kind}:{pool.id}:{new_id()}",
        currency=pool.currency,
        entries=entries,
        subject_id=pool.id,
        effective_at=now,
    )
