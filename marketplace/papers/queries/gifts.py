"""Reads of gifts, of who may write receipts for them, and of the receipts."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.orders.models import Order, OrderState
from marketplace.papers.models import GiftReceipt, GiftRecipient, GiftRequest
from marketplace.papers.rules import Stands
from marketplace.projects.models import Project

# Of each captured row of the shopper's own gift, where it stands now, and what of it went back to
# the shopper out of other money than a project's.
_STANDS = sa.text(
    """
    with captured as (
        select transfer.id, transfer.credit_id, transfer.amount_minor
        from allocation join ledger_transfer transfer on transfer.allocation_id = allocation.id
        where allocation.order_id = :order and allocation.source = 'top_up'
    ), moved as (
        select captured.id as row_id, moved.credit_id, moved.debit_id, moved.amount_minor
        from captured join ledger_transfer moved on moved.origin_id = captured.id
    ), missed as (
        select row_id, sum(amount_minor) as minor
        from moved
        join ledger_account debit on debit.id = moved.debit_id
        join ledger_account credit on credit.id = moved.credit_id
        where credit.purpose = 'provider_clearing'
          and debit.purpose not in ('project_pending', 'project_available', 'dispute_hold')
        group by row_id
    ), side (row_id, account_id, minor) as (
        select id, credit_id, amount_minor from captured
        union all
        select row_id, way.account_id, way.minor
        from moved cross join lateral (values (credit_id, amount_minor),
            (debit_id, -amount_minor)) way (account_id, minor)
    )
    select side.row_id, account.owner_id,
        coalesce(sum(side.minor) filter (where purpose = 'project_pending'), 0)::bigint,
        coalesce(sum(side.minor) filter (where purpose = 'project_available'), 0)::bigint,
        coalesce(sum(side.minor) filter (where purpose = 'dispute_hold'), 0)::bigint,
        coalesce(max(missed.minor), 0)::bigint
    from side
    join ledger_account account on account.id = side.account_id
    left join missed on missed.row_id = side.row_id
    where account.purpose in ('project_pending', 'project_available', 'dispute_hold')
    group by side.row_id, account.owner_id
    order by side.row_id, account.owner_id
    """
)


def stands_of(order_id: uuid.UUID) -> list[Stands]:
    """Return where each row of an order's own gift stands."""
    return [Stands(*row) for row in session.execute(_STANDS, {"order": order_id})]


def list_recipients_of(
    project_ids: Sequence[uuid.UUID], day: date
) -> dict[uuid.UUID, GiftRecipient]:
    """Return by project whose receipts we may write for gifts of a day."""
    rows = session.scalars(
        sa.select(GiftRecipient)
        .where(GiftRecipient.project_id.in_(project_ids), GiftRecipient.valid_from <= day)
        .order_by(GiftRecipient.valid_from, GiftRecipient.checked_at)
    )
    return {one.project_id: one for one in rows if one.holds_on(day)}


def list_recipients(limit: int = 500) -> Sequence[GiftRecipient]:
    """Return every recipient that was ever marked, the newest first."""
    return session.scalars(
        sa.select(GiftRecipient)
        .options(joinedload(GiftRecipient.project), joinedload(GiftRecipient.checked_by))
        .order_by(GiftRecipient.checked_at.desc(), GiftRecipient.id)
        .limit(limit)
    ).all()


def get_recipient(recipient_id: uuid.UUID) -> GiftRecipient:
    """Return a recipient, held until the commit.

    :raises NotFound: no such recipient.
    """
    found = session.get(GiftRecipient, recipient_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


def find_request(order_id: uuid.UUID, *, lock: bool = False) -> GiftRequest | None:
    """Return in whose name receipts are wanted."""
    return session.get(
        GiftRequest, order_id, with_for_update=True if lock else None, populate_existing=lock
    )


_WHOLE = (joinedload(GiftReceipt.project), joinedload(GiftReceipt.recipient))


def list_receipts_of_order(order_id: uuid.UUID) -> Sequence[GiftReceipt]:
    """Return an order's gift receipts, cancelled ones too, the oldest first."""
    return session.scalars(
        sa.select(GiftReceipt)
        .where(GiftReceipt.order_id == order_id)
        .options(*_WHOLE)
        .order_by(GiftReceipt.issued_at, GiftReceipt.id)
        .execution_options(populate_existing=True)
    ).all()


def get_gift_receipt(receipt_id: uuid.UUID) -> GiftReceipt:
    """Return a gift receipt with whom it is of.

    :raises NotFound: no such receipt.
    """
    found = session.scalar(
        sa.select(GiftReceipt).where(GiftReceipt.id == receipt_id).options(*_WHOLE)
    )
    if found is None:
        raise NotFound
    return found


def list_receipts_of_person(customer_id: uuid.UUID, year: int) -> Sequence[GiftReceipt]:
    """Return a person's gift receipts for the gifts of a year, in the order of giving."""
    return session.scalars(
        sa.select(GiftReceipt)
        .join(Order, Order.id == GiftReceipt.order_id)
        .where(Order.customer_id == customer_id, GiftReceipt.year == year)
        .options(*_WHOLE)
        .order_by(GiftReceipt.given_on, GiftReceipt.issued_at, GiftReceipt.id)
    ).all()


def list_own_gifts(customer_id: uuid.UUID, year: int) -> Sequence[Order]:
    """Return a person's orders of a year with a gift of their own, for which nobody asked yet."""
    return session.scalars(
        sa.select(Order)
        .where(
            Order.customer_id == customer_id,
            Order.state == OrderState.PAID,
            Order.top_up_minor > 0,
            sa.extract("year", Order.paid_at) == year,
            ~sa.exists().where(GiftRequest.order_id == Order.id),
        )
        .order_by(Order.paid_at, Order.id)
        .limit(200)
    ).all()


def list_years(customer_id: uuid.UUID) -> list[int]:
    """Return the years in which a person gave something of their own, the newest first."""
    year = sa.cast(sa.extract("year", Order.paid_at), sa.Integer)
    rows = session.scalars(
        sa.select(year)
        .where(
            Order.customer_id == customer_id,
            Order.state == OrderState.PAID,
            Order.top_up_minor > 0,
        )
        .distinct()
        .order_by(year.desc())
    )
    return list(rows)


_TO_LOOK_AT = sa.text(
    """
    select request.order_id from gift_request request
    join customer_order on customer_order.id = request.order_id
    where customer_order.refunded_minor <> request.seen_refunded_minor
       or exists (select from rerouting
            where rerouting.order_id = request.order_id
              and rerouting.made_at >= request.looked_at)
       or not request.is_settled and exists (select from ledger_transaction
            where effect_key = concat_ws(chr(58), 'release', request.order_id, 'top_up'))
    order by request.looked_at
    limit 500
    """
)


def list_to_look_at() -> list[uuid.UUID]:
    """Return the orders whose gift receipts may have to be written or cancelled."""
    return list(session.scalars(_TO_LOOK_AT))


def titles_of(project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return title and slug of some projects; none are asked for without a statement."""
    if not project_ids:
        return {}
    rows = session.execute(
        sa.select(Project.id, Project.title, Project.slug).where(Project.id.in_(project_ids))
    )
    return {row.id: (row.title, row.slug) for row in rows}


def tokens_of(order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the secrets of some orders' receipts."""
    if not order_ids:
        return {}
    rows = session.execute(sa.select(Order.id, Order.token).where(Order.id.in_(order_ids)))
    return {row.id: row.token for row in rows}
