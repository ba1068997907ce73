"""Reads of updates in other languages."""

from marketplace.volunteer_translations.queries.complaints import (
    get_offered,
    get_readable,
    list_complaints,
    list_complaints_of,
    list_offered_in,
    list_taken_down,
)
from marketplace.volunteer_translations.queries.offered import (
    count_waiting,
    find_draft,
    find_in,
    find_to_begin_with,
    find_translation,
    get_of_project,
    get_own,
    list_for_desk,
    list_history,
    list_own,
    list_people,
    lock_translation,
    lock_update,
)
from marketplace.volunteer_translations.queries.shown import (
    Shown,
    list_found,
    list_shown,
    newest_shown,
    shown_of,
)

__all__ = [
    "Shown",
    "count_waiting",
    "find_draft",
    "find_in",
    "find_to_begin_with",
    "find_translation",
    "get_of_project",
    "get_offered",
    "get_own",
    "get_readable",
    "list_complaints",
    "list_complaints_of",
    "list_for_desk",
    "list_found",
    "list_history",
    "list_offered_in",
    "list_own",
    "list_people",
    "list_shown",
    "list_taken_down",
    "lock_translation",
    "lock_update",
    "newest_shown",
    "shown_of",
]
