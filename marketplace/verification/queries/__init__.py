"""Reads of checks, papers and concerns."""

from marketplace.verification.queries.checks import (
    find_backing,
    find_verification,
    get_paper,
    get_team_of,
    last_of,
    list_checks,
    list_papers,
)
from marketplace.verification.queries.concerns import (
    count_new_concerns,
    get_concern,
    list_concerns,
    list_notes,
    name_of,
)
from marketplace.verification.queries.public import (
    Shown,
    get_shown,
)
from marketplace.verification.queries.retention import lock_outlived
from marketplace.verification.queries.standing import PassedCheck, Standing, list_standing
from marketplace.verification.queries.waiting import (
    ENDING,
    ORPHANS,
    Due,
    list_ending,
    list_given,
    list_orphans,
    list_owners,
    list_to_remind,
)

__all__ = [
    "ENDING",
    "ORPHANS",
    "Due",
    "PassedCheck",
    "Shown",
    "Standing",
    "count_new_concerns",
    "find_backing",
    "find_verification",
    "get_concern",
    "get_paper",
    "get_shown",
    "get_team_of",
    "last_of",
    "list_checks",
    "list_concerns",
    "list_ending",
    "list_given",
    "list_notes",
    "list_orphans",
    "list_owners",
    "list_papers",
    "list_standing",
    "list_to_remind",
    "lock_outlived",
    "name_of",
]
