"""What became of the money, from the ledger's roll-ups: of one, of some, of all."""

from marketplace.impact.queries.groups import (
    Group,
    GroupTotals,
    Month,
    group_totals,
    list_months,
    list_projects,
)
from marketplace.impact.queries.totals import (
    CompanyTotals,
    PlatformTotals,
    ProjectTotals,
    company_totals,
    platform_totals,
    project_totals,
)

__all__ = [
    "CompanyTotals",
    "Group",
    "GroupTotals",
    "Month",
    "PlatformTotals",
    "ProjectTotals",
    "company_totals",
    "group_totals",
    "list_months",
    "list_projects",
    "platform_totals",
    "project_totals",
]
