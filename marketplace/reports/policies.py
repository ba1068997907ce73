"""Who may do what with a report."""

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import CompanyMember


def may_publish(membership: CompanyMember) -> bool:
    """Say whether somebody may put a report before the public: an owner signs it by name."""
    return membership.role is MemberRole.OWNER
