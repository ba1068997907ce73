"""Pools end when their time is over, what is left goes to their sponsors, who get letters."""

import uuid
from datetime import timedelta

import structlog

from marketplace.accounts import queries as accounts
from marketplace.campaigns import queries, service
from marketplace.checkout.jobs import settle_session
from marketplace.core import mail
from marketplace.core.addresses import public_url
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.payments.gateway import Unreachable

SILENCE = timedelta(minutes=3)
"""After so long without news of a sponsor's payment we ask for it ourselves."""


@task("end_pools", every="*/10 * * * *")
def end_pools() -> None:
    """End the pools whose time is over; each is a transaction of its own."""
    moment = now()
    due = queries.list_to_end(moment)
    session.rollback()
    for pool_id in due:
        with atomic():
            service.end_due(pool_id=pool_id, now=moment)


@task("sweep_pool")
def sweep_pool(*, pool_id: str) -> None:
    """Send on what came back to a pool that has ended."""
    with atomic():
        service.sweep(pool_id=uuid.UUID(pool_id), now=now())


@task("ask_for_pool_payments", every="*/2 * * * *")
def ask_for_pool_payments() -> None:
    """Settle what sponsors paid and we were not told of; note which pages have closed unpaid."""
    waiting = queries.list_awaiting(now() - SILENCE)
    session.rollback()
    for row_id, session_id in waiting:
        try:
            status = settle_session(session_id)
        except Unreachable as error:
            structlog.get_logger().warning("provider_unreachable", error=str(error))
            continue
        if status == "expired":
            with atomic():
                service.let_lapse(payment_row_id=row_id)


@task("tell_sponsors", every="*/10 * * * *")
def tell_sponsors() -> None:
    """Tell sponsors when most of a budget is used, when all of it is, and how a pool has ended."""
    due = queries.list_to_tell()
    session.rollback()
    for pool_id in due:
        with atomic():
            service.tell_of_use(pool_id=pool_id, now=now())


@task("pool_mails")
def pool_mails(*, pool_id: str, what: str, key: str, amount_minor: int) -> None:
    """Write to the people behind a pool: paid in, mostly used, used up, came too late, ended."""
    pool = queries.get_pool(uuid.UUID(pool_id))
    given = queries.by_project(pool.id) if what == "ended" else []
    for user in queries.list_people(pool):
        site = public_url(language=user.locale)
        mail.send(
            to=user.email,
            kind="pool",
            locale=user.locale,
            key=f"pool-{pool.id}-{what}-{key}-{user.id}",
            what=what,
            pool=pool,
            given=given,
            amount_minor=amount_minor,
            link=f"{site}/pools/{pool.slug}",
        )


@task("sponsor_mail")
def sponsor_mail(*, sponsor_id: str) -> None:
    """Tell somebody whether they can fund pools under the name that they gave."""
    sponsor = queries.get_sponsor(uuid.UUID(sponsor_id))
    user = accounts.get_user(sponsor.user_id)
    mail.send(
        to=user.email,
        kind="sponsor",
        locale=user.locale,
        key=f"sponsor-{sponsor.id}-{sponsor.decided_at}",
        sponsor=sponsor,
        link=public_url("/account/pools", user.locale),
    )
