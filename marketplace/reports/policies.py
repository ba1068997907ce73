"""Who may do what with a report, and what a version of it tells."""

import uuid
from collections.abc import Collection

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.reports.models import Version, VersionState
from marketplace.reports.rules import OWN_WORDS, Annex, Part, Place


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


def told_in(version: Version, *, has_outcomes: bool) -> Collection[Place]:
    """Return what a version tells: a part of words only where there are words."""
    told: set[Place] = {Annex.HEAD, Annex.QUESTIONS}
    if version.number > 1:
        told.add(Annex.RESTATED)
    for section in version.sections:
        needs_words = section.part in {*OWN_WORDS, Part.BADLY} or (
            section.part is Part.OUTCOMES and not has_outcomes
        )
        if section.is_shown and (section.text.strip() or not needs_words):
            told.add(section.part)
    return told
