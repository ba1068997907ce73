"""Reads of plans: in one statement for pages, row by row for the desk."""

from marketplace.planning.queries.plan import (
    MONTHS_TOLD,
    Plan,
    PlannedLine,
    Revision,
    Step,
    get_plan,
    statement,
)
from marketplace.planning.queries.rows import (
    MOST_ANSWERS,
    Row,
    count_answers,
    find_answer,
    get_answer,
    get_need,
    list_answers,
    list_own_answers,
    list_rows,
    lock_rows,
)
from marketplace.planning.queries.wrong import Wrong

__all__ = [
    "MONTHS_TOLD",
    "MOST_ANSWERS",
    "Plan",
    "PlannedLine",
    "Revision",
    "Row",
    "Step",
    "Wrong",
    "count_answers",
    "find_answer",
    "get_answer",
    "get_need",
    "get_plan",
    "list_answers",
    "list_own_answers",
    "list_rows",
    "lock_rows",
    "statement",
]
