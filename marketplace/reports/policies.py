"""Who may do what with a report."""

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company, CompanyMember, CompanyState


def may_publish(membership: CompanyMember) -> bool:
    """Say whether somebody may put a report before the public: an owner signs it by name."""
    return membership.role is MemberRole.OWNER


def may_report(company: Company) -> bool:
    """Say whether a company may begin and publish reports; what is published stays readable."""
    return company.state is CompanyState.VERIFIED
