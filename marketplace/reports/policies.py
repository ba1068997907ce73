"""Who may do what with a report."""

import uuid

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.reports.models import Version, VersionState


def may_publish(membership: CompanyMember) -> bool:
    """Say whether somebody may put a report before the public: an owner signs it by name."""
    return membership.role is MemberRole.OWNER


def may_report(company: Company) -> bool:
    """Say whether a company may begin and publish reports; what is published stays readable."""
    return company.state is CompanyState.VERIFIED


def may_review(version: Version, user_id: uuid.UUID) -> bool:
    """Say whether somebody is a second person: another one handed it in."""
    return version.state is VersionState.IN_REVIEW and version.submitted_by_id != user_id


def is_ready(version: Version, *, people: int) -> bool:
    """Say whether a version may be published: read by a second person, where there is one."""
    if version.state is VersionState.REVIEWED:
        return True
    return version.state is VersionState.IN_REVIEW and people < 2


def is_suspended(company: Company) -> bool:
    """Say whether a report's company may publish nothing new while something is looked into."""
    return company.state is CompanyState.SUSPENDED
