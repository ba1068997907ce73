"""The sequencer: the one that writes the log, never the checkout."""

import uuid

from flask import current_app

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.worker import task
from marketplace.orders import queries as orders
from marketplace.proofs import service


@task("sequence_log", every="* * * * *")
def sequence_log() -> None:
    """Bring everything into the log that the ledger has and it has not, in small transactions."""
    signer = current_app.config["LOG_SIGNER"]
    after_id, is_done = 0, False
    while not is_done:
        with atomic():
            run = service.sequence(signer=signer, now=clock.now(), after_id=after_id)
        after_id, is_done = run.last_id, run.is_done


@task("forget_proofs")
def forget_proofs(*, user_id: str) -> None:
    """Make the entries of somebody's orders in the public log anonymous, now and from now on."""
    own = orders.list_ids_of_customer(uuid.UUID(user_id))
    with atomic():
        service.forget_orders(order_ids=own, now=clock.now())
