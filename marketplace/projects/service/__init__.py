"""What changes projects: one function for each use case."""

from marketplace.projects.service.budgeting import change_budget, set_budget
from marketplace.projects.service.spending import Foreign, Spent, spend
from marketplace.projects.service.standing import (
    count_givers,
    edit,
    move,
    name_successor,
    pause,
    propose,
    recount,
    remind,
    set_route,
)
from marketplace.projects.service.telling import post_update

__all__ = [
    "Foreign",
    "Spent",
    "change_budget",
    "count_givers",
    "edit",
    "move",
    "name_successor",
    "pause",
    "post_update",
    "propose",
    "recount",
    "remind",
    "set_budget",
    "set_route",
    "spend",
]
