"""The UN's targets in our own few words, and what else may be needed."""

import enum
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

MOST_SECTIONS = 8
MOST_ROWS = 30
_TARGET = re.compile(r"[0-9]{1,2}\.[0-9a-d]{1,2}")


class NeedKind(enum.StrEnum):
    """What is needed that is not money."""

    TIME = "time"
    SKILL = "skill"
    THING = "thing"
    LIFT = "lift"
    HOSTING = "hosting"


RECEIPTS_AFTER = timedelta(days=90)
"""What was paid out so long ago ought to have its receipts."""


class WrongKind(enum.StrEnum):
    """What can go wrong with a project, as far as it is recorded."""

    SETBACK = "setback"
    UPDATE_CORRECTED = "update_corrected"
    UPDATE_TAKEN_BACK = "update_taken_back"
    SPENDING_CORRECTED = "spending_corrected"
    OUTCOME_CORRECTED = "outcome_corrected"
    OUTCOME_WITHDRAWN = "outcome_withdrawn"
    LATE = "late"
    WITHOUT_RECEIPT = "without_receipt"
    SILENT = "silent"
    PAYOUT_RETURNED = "payout_returned"
    REROUTED = "rerouted"


def _read() -> Mapping[str, tuple[str, str, str]]:
    text = Path(__file__).with_name("targets.json").read_text(encoding="utf-8")
    return {number: tuple(names) for number, *names in json.loads(text)}


TARGETS = _read()
"""By the official number: what a target asks for, in English, French and Italian."""

LANGUAGE_PLACES = {"en": 0, "fr": 1, "it": 2}


def target_name(number: str, language: str) -> str:
    """Return what a target asks for; nothing for a number that there is not."""
    names = TARGETS.get(number)
    return names[LANGUAGE_PLACES.get(language, 0)] if names else ""


def goal_of(number: str) -> int:
    """Return the goal that a target belongs to: 6 of 6.1."""
    return int(number.partition(".")[0])


def targets_in(text: str) -> list[str]:
    """Return the numbers of targets in a text, in their official order, each once."""
    found = {number for number in _TARGET.findall(text.lower()) if number in TARGETS}
    order = {number: place for place, number in enumerate(TARGETS)}
    return sorted(found, key=order.__getitem__)


def unknown_targets(text: str) -> list[str]:
    """Return what looks like a number of a target in a text, and is none."""
    return [number for number in _TARGET.findall(text.lower()) if number not in TARGETS]
