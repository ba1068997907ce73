"""Reading what came from people whose key had to be asked for."""

import uuid
from datetime import timedelta

import structlog

from marketplace.core import clock, jobs
from marketplace.core.db import atomic, session
from marketplace.core.outgoing import Refused, Unreachable
from marketplace.core.worker import task
from marketplace.federation import queries, service
from marketplace.federation.jobs.asking import Gone, addresses, fetch_person
from marketplace.federation.models import IncomingActivity
from marketplace.federation.rules import checking, reading
from marketplace.federation.rules.reading import NotUnderstood, Person
from marketplace.federation.rules.signatures import BadSignature, Request
from marketplace.federation.rules.waiting import FETCHES
from marketplace.federation.service.receiving import SeenBefore

log = structlog.get_logger()

PATIENCE = timedelta(minutes=5)


@task("federation_receive")
def receive(*, incoming_id: str) -> None:
    """Ask who signed something; do what it says if they did, and forget it if not."""
    row = session.get(IncomingActivity, uuid.UUID(incoming_id), populate_existing=True)
    session.rollback()
    if row is None:
        return
    request = Request(row.method, row.path, row.headers)
    try:
        activity = reading.read_activity(reading.load(row.body))
        person = fetch_person(activity.actor, now=clock.now())
        signature = checking.check_signed(
            request, row.body, person.keys, base=addresses().base, now=row.received_at
        )
        with atomic():
            actor = service.keep_actor(person=person, now=clock.now())
            if queries.find_block(actor.uri) is None:
                service.apply(
                    activity=activity,
                    actor=actor,
                    signature=signature,
                    at=addresses(),
                    now=clock.now(),
                )
    except Unreachable as reason:
        _try_later(row, str(reason))
        return
    except (Refused, Gone, NotUnderstood, BadSignature, SeenBefore) as reason:
        log.info("inbox_refused", reason=str(reason) or type(reason).__name__)
    _forget(row.id)


def _try_later(row: IncomingActivity, reason: str) -> None:
    """Ask again in some minutes, a few times."""
    if row.attempts + 1 >= FETCHES:
        log.info("inbox_refused", reason=reason)
        _forget(row.id)
        return
    with atomic():
        kept = session.get(IncomingActivity, row.id)
        if kept is not None:
            kept.attempts += 1
            run_at = clock.now() + PATIENCE * kept.attempts
            jobs.enqueue("federation_receive", run_at=run_at, incoming_id=str(row.id))


def _forget(incoming_id: uuid.UUID) -> None:
    with atomic():
        kept = session.get(IncomingActivity, incoming_id)
        if kept is not None:
            session.delete(kept)


@task("federation_refresh")
def refresh(*, uri: str) -> None:
    """Ask again who somebody is who said that they changed; who is gone is forgotten."""
    try:
        person: Person | None = fetch_person(uri, now=clock.now())
    except Gone:
        person = None
    except (Refused, Unreachable, NotUnderstood) as reason:
        log.info("actor_not_refreshed", reason=str(reason))
        return
    with atomic():
        if person is not None:
            service.keep_actor(person=person, now=clock.now())
        elif (actor := queries.find_actor(uri)) is not None:
            service.forget_actor(actor=actor)
