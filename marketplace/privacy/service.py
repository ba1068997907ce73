"""Forgetting somebody: at once what can go, the addresses of open orders when these are over."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as account_service
from marketplace.accounts.models import User
from marketplace.campaigns.models import Sponsor
from marketplace.campaigns.rules import SponsorKind
from marketplace.community import service as community
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState
from marketplace.papers import service as papers
from marketplace.people import queries as people
from marketplace.people.models import Invitation
from marketplace.privacy import queries
from marketplace.privacy.rules import GONE_NAME, gone_address
from marketplace.proofs import service as proofs
from marketplace.verification import service as verification
from marketplace.volunteer_translations import service as translations


class StillNeeded(Invalid):
    """Somebody is the only owner of a company or a project, or works for the marketplace."""

    message = _l(
        "You are the only owner of a company or a project. Hand it over to somebody first, or ask "
        "us to close it."
    )


def erase(*, user_id: uuid.UUID, actor: User | None, reason: str, now: datetime) -> None:
    """Forget a person: account, sessions, keys, teams, names in public, entries in the log.

    The ledger stays as it is; it names nobody. Orders under way keep their address until they are
    over (`erase_orders`).

    :raises StillNeeded: others depend on the account.
    """
    user = accounts.lock_user(user_id)
    if user.erased_at is not None:
        return
    if user.is_operator or people.is_only_owner(user_id):
        raise StillNeeded
    account_service.tell_of_change(user, what="erased", now=now)
    account_service.record(
        actor=actor, action="erase", subject_kind="user", subject_id=user_id, reason=reason, now=now
    )
    for column in queries.columns_that_go():
        session.execute(sa.delete(column.table).where(column == user_id))
    community.forget(user_id=user_id, now=now)
    translations.forget(user_id=user_id, now=now)
    session.execute(sa.delete(Invitation).where(sa.func.lower(Invitation.email) == user.email))
    session.execute(
        sa.update(Order).where(Order.customer_id == user_id).values(is_public_supporter=False)
    )
    papers.forget(order_ids=orders.list_ids_of_customer(user_id))
    session.execute(
        sa.update(Sponsor)
        .where(Sponsor.user_id == user_id, Sponsor.kind == SponsorKind.PERSON)
        .values(name=GONE_NAME)
    )
    verification.forget_reporter(email=user.email)
    user.name, user.email = GONE_NAME, gone_address(user_id)
    user.password_hash, user.totp_secret, user.totp_confirmed_at = "", None, None
    user.is_public_supporter, user.email_confirmed_at = False, None
    user.blocked_at = user.erased_at = now
    session.flush()
    jobs.enqueue("forget_proofs", user_id=str(user_id))
    jobs.enqueue("erase_orders")


class NotTheirs(Invalid):
    """The address is not the one that the order was sent to."""

    message = _l("This is not the e-mail address of this order.")


def forget_order(*, order_id: uuid.UUID, email: str, now: datetime) -> None:
    """Forget who bought as a guest: at once what can go, name and address when the order is over.

    Whoever has the receipt's link may have got it from the buyer: so they say the address, too.

    :raises NotTheirs: it is another one.
    :raises Conflict: it is an account's order, or was never paid.
    """
    order = orders.lock_order(order_id)
    if order is None or order.customer_id is not None or order.state is not OrderState.PAID:
        raise Conflict(_l("Who has an account asks there to be forgotten, under “Your data”."))
    if order.forget_asked_at is not None or order.erased_at is not None:
        return
    if email.strip().lower() != order.email:
        raise NotTheirs
    order.forget_asked_at, order.is_public_supporter = now, False
    papers.forget(order_ids=[order.id])
    proofs.forget_orders(order_ids=[order.id], now=now)
    session.flush()
    jobs.enqueue("erase_orders")


def erase_orders(*, now: datetime) -> int:
    """Take name and address out of orders of forgotten people that are over; return how many."""
    ended = queries.list_ended_orders()
    papers.forget(order_ids=[order.id for order in ended])
    for order in ended:
        order.name = order.street = order.postal_code = order.city = GONE_NAME
        order.email, order.phone = gone_address(order.id), ""
        order.erased_at = now
    session.flush()
    return len(ended)
