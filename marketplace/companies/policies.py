"""Who may do what for a company."""

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company, CompanyMember, CompanyState


def may_sell(company: Company) -> bool:
    """Say whether the public sees a company and its products."""
    return company.state is CompanyState.VERIFIED


def may_edit_products(membership: CompanyMember | None) -> bool:
    """Say whether somebody may change products and send orders: every member may."""
    return membership is not None


def may_edit_company(membership: CompanyMember | None) -> bool:
    """Say whether somebody may change the promise, the profile and the people: owners may."""
    return membership is not None and membership.role is MemberRole.OWNER
