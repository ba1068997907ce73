"""What changes papers, checks and concerns."""

from marketplace.verification.service.checks import (
    check,
    decide,
    remind,
)
from marketplace.verification.service.concerns import (
    add_to_concern,
    forget_reporter,
    handle_concern,
    raise_concern,
)
from marketplace.verification.service.papers import (
    ask_for,
    declare,
    delete_old,
    give,
    judge,
    take_back,
)

__all__ = [
    "add_to_concern",
    "ask_for",
    "check",
    "decide",
    "declare",
    "delete_old",
    "forget_reporter",
    "give",
    "handle_concern",
    "judge",
    "raise_concern",
    "remind",
    "take_back",
]
