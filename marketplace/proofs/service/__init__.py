"""Writing of the log: the sequencer, witnesses, and what is forgotten."""

from marketplace.proofs.service.forgetting import forget, forget_orders
from marketplace.proofs.service.sequencing import BATCH, LogWasChanged, Run, sequence
from marketplace.proofs.service.witnessing import cosign

__all__ = ["BATCH", "LogWasChanged", "Run", "cosign", "forget", "forget_orders", "sequence"]
