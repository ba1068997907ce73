"""Who may change the people of a company or a project."""

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import CompanyMember
from marketplace.projects.models import ProjectOwner


def may_change_people(membership: CompanyMember | ProjectOwner | None) -> bool:
    """Say whether somebody may invite and remove people and change what they may do: owners."""
    return membership is not None and membership.role is MemberRole.OWNER
