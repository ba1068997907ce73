"""Telling others, one inbox at a time."""

import json
import uuid

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.outgoing import Refused, Unreachable
from marketplace.core.worker import task
from marketplace.federation import queries, service
from marketplace.federation.jobs.asking import addresses, is_on, post
from marketplace.federation.models import Delivery, DeliveryState
from marketplace.federation.rules.waiting import may_succeed_later


@task("federate_update")
def federate_update(*, update_id: str) -> None:
    """Tell followers elsewhere of an update that is new, corrected or gone."""
    if is_on():
        with atomic():
            service.tell_update(update_id=uuid.UUID(update_id), at=addresses(), now=clock.now())


@task("federation_fan_out")
def fan_out(*, activity_id: str, after: str) -> None:
    """Enqueue a delivery for each inbox, two hundred at a time."""
    with atomic():
        service.fan_out(activity_id=uuid.UUID(activity_id), after=after, now=clock.now())


@task("federation_deliver")
def deliver(*, delivery_id: str) -> None:
    """Deliver to one inbox; who gets it twice knows it by its id."""
    row = queries.find_delivery(uuid.UUID(delivery_id))
    session.rollback()
    if row is None or row.state is not DeliveryState.WAITING:
        return
    if not is_on():
        _note_failed(row, "switched off", is_final=True)
        return
    body = json.dumps(row.activity.document, ensure_ascii=False).encode()
    try:
        answer = post(row.inbox, body, project_id=row.activity.project_id, now=clock.now())
    except Refused as reason:
        _note_failed(row, str(reason), is_final=True)
    except Unreachable as reason:
        _note_failed(row, str(reason))
    else:
        if 200 <= answer.status < 300:
            with atomic():
                service.note_delivered(delivery_id=row.id, now=clock.now())
        else:
            is_final = not may_succeed_later(answer.status)
            _note_failed(row, f"HTTP {answer.status}", status=answer.status, is_final=is_final)


def _note_failed(row: Delivery, problem: str, *, status: int = 0, is_final: bool = False) -> None:
    with atomic():
        service.note_failed(
            delivery_id=row.id,
            problem=problem,
            status=status,
            is_final=is_final,
            now=clock.now(),
        )


@task("purge_federation", every="47 3 * * *")
def purge_federation() -> None:
    """Forget what was delivered long ago and people of whom nothing is left."""
    with atomic():
        service.purge(now=clock.now())
