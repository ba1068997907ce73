"""The basket: a guest's is found by the token in the cookie, a person's goes where they sign in."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.checkout.models import Basket, BasketLine
from marketplace.core.db import session
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id, new_token

MOST_PIECES = 99
MOST_LINES = 50

KEPT_OF_GUESTS = timedelta(days=40)
"""The cookie lasts a month after something was last put in: then nobody can come back to it. A
program's basket, which only knows its order again, goes as a guest's."""
KEPT_OF_PEOPLE = timedelta(days=365)
PURGED_AT_ONCE = 500


_OPEN = sa.text(
    """
    insert into basket (id, token_hash, user_id, checkout_key, draft, created_at, changed_at)
    values (:id, :token_hash, :user, :key, '{}', :now, :now)
    """
)


def open_basket(*, token: str, user_id: uuid.UUID | None, now: datetime) -> uuid.UUID:
    """Make the basket of a token that no basket has; return its id."""
    basket_id = new_id()
    session.execute(
        _OPEN,
        {
            "id": basket_id,
            "token_hash": hashlib.sha256(token.encode()).digest(),
            "user": user_id,
            "key": new_token(),
            "now": now,
        },
    )
    return basket_id


_PUT = sa.text(
    """
    with standing as (
        select variant.on_hand - variant.reserved as available, line.quantity,
               (select count(*) from basket_line where basket_id = :basket) as lines
        from variant
        join product on product.id = variant.product_id
        join company on company.id = product.company_id
        left join basket_line line on line.basket_id = :basket and line.variant_id = variant.id
        where variant.id = :variant and variant.is_offered
          and product.state = 'live' and company.state = 'verified'
    ), fitting as (
        select least(coalesce(quantity, 0) + :quantity, :most_pieces) as quantity from standing
        where coalesce(quantity, 0) + :quantity <= available
          and (quantity is not null or lines < :most_lines)
    ), put as (
        insert into basket_line (basket_id, variant_id, quantity, added_at)
        select :basket, :variant, quantity, :now from fitting
        on conflict (basket_id, variant_id) do update set quantity = excluded.quantity
    ), renewed as (
        update basket set checkout_key = :key, changed_at = :now
        where id = :basket and exists (select from fitting)
    )
    select available, coalesce(quantity, 0) + :quantity > available as is_short,
           exists (select from fitting) as is_put
    from standing
    """
).columns(sa.column("available"), sa.column("is_short"), sa.column("is_put"))
"""Puts a line in if it fits and renews the key, as `renew_key` does, in one statement."""


def put(*, basket_id: uuid.UUID, variant_id: uuid.UUID, quantity: int, now: datetime) -> None:
    """Add pieces of a variant to a basket.

    :raises NotFound: the variant is not for sale.
    :raises Conflict: the basket is full, or there are fewer pieces than wanted.
    """
    found = session.execute(
        _PUT,
        {
            "basket": basket_id,
            "variant": variant_id,
            "quantity": quantity,
            "most_pieces": MOST_PIECES,
            "most_lines": MOST_LINES,
            "key": new_token(),
            "now": now,
        },
    ).one_or_none()
    if found is None:
        raise NotFound(_l("This is not for sale any more."))
    if found.is_short:
        raise Conflict(_l("There are only %(count)s pieces left.", count=max(found.available, 0)))
    if not found.is_put:
        raise Conflict(_l("A basket holds at most %(count)s different things.", count=MOST_LINES))


def change_quantity(
    *, basket_id: uuid.UUID, variant_id: uuid.UUID, quantity: int, now: datetime
) -> None:
    """Set how many pieces are wanted; none takes the line away."""
    of_line = (BasketLine.basket_id == basket_id) & (BasketLine.variant_id == variant_id)
    if quantity <= 0:
        session.execute(sa.delete(BasketLine).where(of_line))
    else:
        session.execute(
            sa.update(BasketLine).where(of_line).values(quantity=min(quantity, MOST_PIECES))
        )
    renew_key(basket_id=basket_id, now=now)


_KEEP = sa.text(
    """
    update basket set draft = draft || cast(:said as jsonb), checkout_key = :key, changed_at = :now
    where id = :basket
    """
)


def keep_draft(*, basket_id: uuid.UUID, said: Mapping[str, object], now: datetime) -> None:
    """Remember what the shopper said in a step of the checkout; an order placed before differs."""
    values = {"basket": basket_id, "said": json.dumps(said), "key": new_token(), "now": now}
    session.execute(_KEEP, values)


_RENEW = sa.text("update basket set checkout_key = :key, changed_at = :now where id = :basket")


def renew_key(*, basket_id: uuid.UUID, now: datetime) -> None:
    """Let the next order be a new one: what is wanted has changed."""
    session.execute(_RENEW, {"basket": basket_id, "key": new_token(), "now": now})


def take_over(*, basket_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> None:
    """Give a guest's basket to the person who signed in, with what lay in their older ones."""
    older = session.scalars(
        sa.select(Basket.id).where(Basket.user_id == user_id, Basket.id != basket_id)
    ).all()
    if older:
        lines = (
            sa.select(
                sa.literal(basket_id),
                BasketLine.variant_id,
                sa.func.max(BasketLine.quantity),
                sa.literal(now),
            )
            .where(BasketLine.basket_id.in_(older))
            .group_by(BasketLine.variant_id)
        )
        columns = ["basket_id", "variant_id", "quantity", "added_at"]
        session.execute(
            postgresql.insert(BasketLine).from_select(columns, lines).on_conflict_do_nothing()
        )
        session.execute(sa.delete(Basket).where(Basket.id.in_(older)))
    session.execute(sa.update(Basket).where(Basket.id == basket_id).values(user_id=user_id))
    renew_key(basket_id=basket_id, now=now)


_NOTE = sa.text(
    "update basket set draft = draft || jsonb_build_object('order_id', cast(:order as text)) "
    "where id = :basket"
)


def note_order(*, basket_id: uuid.UUID, order_id: uuid.UUID) -> None:
    """Remember which order the basket became, without making the next one differ."""
    session.execute(_NOTE, {"basket": basket_id, "order": str(order_id)})


_EMPTY = sa.text(
    """
    with bought as (
        update basket set changed_at = :now, checkout_key = :key,
            draft = case when draft ? 'delivery'
                         then jsonb_build_object('delivery', draft -> 'delivery') else '{}' end
        from customer_order paid
        where token_hash = :token_hash and basket.checkout_key = paid.checkout_key
          and paid.token = :order and paid.state = 'paid'
          and (user_id is null or user_id = :user)
        returning basket.id
    ), gone as (delete from basket_line using bought where basket_id = bought.id)
    select exists (select from bought)
    """
).columns(sa.column("was_there", sa.Boolean))


def empty(*, token: str, order_token: str, user_id: uuid.UUID | None, now: datetime) -> bool:
    """Take everything out that was bought and is paid; only the address is kept.

    Says whether it was there: a basket with another key than the order has begun something new.
    """
    values = {
        "token_hash": hashlib.sha256(token.encode()).digest(),
        "order": order_token,
        "key": new_token(),
        "user": user_id,
        "now": now,
    }
    return bool(session.scalar(_EMPTY, values))


def purge(*, now: datetime) -> bool:
    """Forget some of the baskets that nobody comes back to; say whether there may be more.

    Ordered ones are among them: they are empty, and what was bought stands in the order.
    """
    is_over = sa.or_(
        sa.and_(Basket.user_id.is_(None), Basket.changed_at < now - KEPT_OF_GUESTS),
        Basket.changed_at < now - KEPT_OF_PEOPLE,
    )
    some = (
        sa.select(Basket.id)
        .where(Basket.changed_at < now - KEPT_OF_GUESTS, is_over)
        .order_by(Basket.changed_at)
        .limit(PURGED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    gone = session.scalars(sa.delete(Basket).where(Basket.id.in_(some)).returning(Basket.id)).all()
    return len(gone) == PURGED_AT_ONCE
