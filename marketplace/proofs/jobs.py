"""The sequencer: the one that writes the log, never the checkout."""

from urllib.parse import urlsplit

from flask import current_app

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.worker import task
from marketplace.proofs import service
from marketplace.proofs.rules.notes import Signer


@task("sequence_log", every="* * * * *")
def sequence_log() -> None:
    """Bring everything into the log that the ledger has and it has not, in small transactions."""
    after_id, is_done = 0, False
    while not is_done:
        with atomic():
            run = service.sequence(signer=signer(), now=clock.now(), after_id=after_id)
        after_id, is_done = run.last_id, run.is_done


def signer() -> Signer:
    """Return who signs the log: its name is where it is, without the scheme."""
    address = urlsplit(str(current_app.config["PUBLIC_URL"]))
    return Signer.from_text(f"{address.netloc}/log", str(current_app.config["LOG_KEY"]))
