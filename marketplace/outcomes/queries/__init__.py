"""Reads of indicators, of measured values and of what was spent for them."""

from marketplace.outcomes.queries.told import Told, list_told
from marketplace.outcomes.queries.values import (
    MOST_OUTCOMES,
    PublishedOutcome,
    find_correction,
    find_published_outcomes,
    get_indicator,
    get_outcome,
    get_project_of,
    has_outcomes,
    list_indicators,
    list_outcomes,
    list_spent,
    list_to_review,
    lock_state,
    measured,
)

__all__ = [
    "MOST_OUTCOMES",
    "PublishedOutcome",
    "Told",
    "find_correction",
    "find_published_outcomes",
    "get_indicator",
    "get_outcome",
    "get_project_of",
    "has_outcomes",
    "list_indicators",
    "list_outcomes",
    "list_spent",
    "list_to_review",
    "list_told",
    "lock_state",
    "measured",
]
