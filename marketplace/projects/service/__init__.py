"""What changes projects: one function for each use case."""

from marketplace.projects.service.spending import Foreign, Spent, set_budget, spend
from marketplace.projects.service.standing import edit, move, propose, recount, set_route
from marketplace.projects.service.telling import follow, post_update, unfollow

__all__ = [
    "Foreign",
    "Spent",
    "edit",
    "follow",
    "move",
    "post_update",
    "propose",
    "recount",
    "set_budget",
    "set_route",
    "spend",
    "unfollow",
]
