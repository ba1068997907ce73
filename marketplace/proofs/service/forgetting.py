"""Forgetting: without its salt nobody can tell any more what a leaf says, and no root changes."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.proofs.models import Forgotten


def forget(*, transfer_ids: Collection[int]) -> int:
    """Delete the salts of events, so that nobody can tell any more what their leaves say.

    The tree, its roots and every sum stay as they are. Returns how many there were.
    """
    done = session.execute(
        sa.text(
            "delete from proof_salt where index in "
            "(select index from proof_leaf where transfer_id = any(:transfers))"
        ),
        {"transfers": list(transfer_ids)},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # of a cursor's result


_FORGET_ORDERS = sa.text(
    """
    delete from proof_salt where index in (
        select leaf.index from ledger_transaction happened
        join ledger_transfer moved on moved.transaction_id = happened.id
        join proof_leaf leaf on leaf.transfer_id = moved.id
        where happened.subject_id = any(:orders)
    )
    """
)


def forget_orders(*, order_ids: Collection[uuid.UUID], now: datetime) -> int:
    """Make every event of some orders anonymous, and those that are still to come. For good.

    Returns how many there were.
    """
    if not order_ids:
        return 0
    rows = [{"order_id": order_id, "forgotten_at": now} for order_id in order_ids]
    session.execute(postgresql.insert(Forgotten).values(rows).on_conflict_do_nothing())
    done = session.execute(_FORGET_ORDERS, {"orders": list(order_ids)})
    return int(done.rowcount)  # type: ignore[attr-defined]  # of a cursor's result


_FORGET_NEW = sa.text(
    """
    delete from proof_salt where index >= :since and index in (
        select leaf.index from proof_forgotten forgotten
        join ledger_transaction happened on happened.subject_id = forgotten.order_id
        join ledger_transfer moved on moved.transaction_id = happened.id
        join proof_leaf leaf on leaf.transfer_id = moved.id
        where leaf.index >= :since
    )
    """
)


def forget_new(*, since_index: int) -> None:
    """Keep no salt of what happened to orders that were forgotten before."""
    is_asked = sa.select(sa.exists(sa.select(Forgotten.order_id)))
    if session.scalar(is_asked):
        session.execute(_FORGET_NEW, {"since": since_index})
