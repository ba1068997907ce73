"""Who may read and change what stands behind a project or company."""

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import CompanyMember
from marketplace.projects.models import ProjectOwner


def may_read_papers(membership: CompanyMember | ProjectOwner | None) -> bool:
    """Say whether somebody may give papers and read them: owners, not editors."""
    return membership is not None and membership.role is MemberRole.OWNER
