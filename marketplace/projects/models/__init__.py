"""Tables of projects, of what they plan, and of what they tell."""

from marketplace.projects.models.budget import (
    BudgetChange,
    BudgetLine,
)
from marketplace.projects.models.project import (
    SPENDING_COUNTS,
    Cause,
    Project,
    ProjectGiver,
    ProjectOwner,
    ProjectState,
    ProjectUpdate,
    ProjectUpdatePhoto,
    Spending,
)

__all__ = [
    "SPENDING_COUNTS",
    "BudgetChange",
    "BudgetLine",
    "Cause",
    "Project",
    "ProjectGiver",
    "ProjectOwner",
    "ProjectState",
    "ProjectUpdate",
    "ProjectUpdatePhoto",
    "Spending",
]
