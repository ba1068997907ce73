"""The sequencer, the one that writes the log, and what others are asked: witnesses."""

import uuid
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from flask import current_app

from marketplace.core import clock, outgoing
from marketplace.core.db import atomic, session
from marketplace.core.errors import Invalid
from marketplace.core.outgoing import Answer, Limits, OutgoingError
from marketplace.core.worker import task
from marketplace.orders import queries as orders
from marketplace.proofs import service
from marketplace.proofs.queries import log
from marketplace.proofs.rules.witness import Witness, lines_of, question, size_of
from marketplace.proofs.verify import Wrong

MOST_ANSWER = 16 * 1024


@task("sequence_log", every="* * * * *")
def sequence_log() -> None:
    """Bring everything into the log that the ledger has and it has not, in small transactions."""
    signer = current_app.config["LOG_SIGNER"]
    after_id, is_done = 0, False
    while not is_done:
        with atomic():
            run = service.sequence(signer=signer, now=clock.now(), after_id=after_id)
        after_id, is_done = run.last_id, run.is_done


@task("ask_witnesses", every="*/5 * * * *")
def ask_witnesses() -> None:
    """Ask each configured witness to cosign the newest checkpoint, unless it has."""
    for asked in asked_witnesses():
        if not asked.is_good:
            structlog.get_logger().warning(
                "witness_did_not_cosign", witness=asked.witness, size=asked.size, why=asked.why
            )


@dataclass(frozen=True)
class Asked:
    """What became of asking a witness."""

    witness: str
    size: int
    why: str = ""
    """Why it did not sign; empty if it did, or had."""

    @property
    def is_good(self) -> bool:
        """Say whether its line is under the checkpoint."""
        return not self.why


def asked_witnesses() -> list[Asked]:
    """Ask all, one after another; one that fails keeps no other from being asked."""
    head = log.find_head()
    if head is None:
        return []
    known = {one.witness: one.size for one in log.list_cosigned()}
    return [
        Asked(witness.key.name, head.size, _ask(witness, head.size, known.get(witness.key.name, 0)))
        for witness in map(Witness.read, current_app.config["SETTINGS"].witnesses)
    ]


def _ask(witness: Witness, size: int, known: int) -> str:
    """Ask one witness, once more from the size that it says it knows; return why it refused."""
    if known == size:
        return ""
    try:
        answer = _send(witness, size, known)
        if answer.status == HTTPStatus.CONFLICT:
            told = size_of(answer.body)
            if told is None or told > size:
                return f"it has seen {told} entries, the log has {size}"
            answer = _send(witness, size, told)
    except (OutgoingError, Wrong) as error:
        return f"{type(error).__name__}: {error}"
    if answer.status != HTTPStatus.OK:
        return f"it answered {answer.status}"
    return _keep(witness, size, lines_of(answer.body))


def _send(witness: Witness, size: int, known: int) -> Answer:
    signed = log.find_signed(size)
    note = signed.note if signed else ""
    body = question(known, log.list_growth(known, size), note)
    session.rollback()  # nothing is open while we wait for somebody
    return outgoing.send(
        "POST",
        witness.address,
        headers={"Content-Type": "text/plain; charset=utf-8"},
        body=body,
        limits=Limits(seconds=10.0, most_bytes=MOST_ANSWER),
        to_private=bool(current_app.config["OUTGOING_TO_PRIVATE"]),
    )


def _keep(witness: Witness, size: int, lines: list[str]) -> str:
    for line in lines:
        try:
            with atomic():
                service.cosign(size=size, line=line, witnesses=[witness.key], now=clock.now())
        except Invalid:
            continue  # it may sign with an older key, too
        return ""
    return "its answer is no signature of its key"


@task("forget_proofs")
def forget_proofs(*, user_id: str) -> None:
    """Make the entries of somebody's orders in the public log anonymous, now and from now on."""
    own = orders.list_ids_of_customer(uuid.UUID(user_id))
    with atomic():
        service.forget_orders(order_ids=own, now=clock.now())
