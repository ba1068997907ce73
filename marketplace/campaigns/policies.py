"""Who may do what about matching pools."""

from marketplace.accounts.models import MemberRole
from marketplace.campaigns.models import Sponsor
from marketplace.campaigns.rules import SponsorState
from marketplace.companies.models import CompanyMember, CompanyState


def may_open_pools(sponsor: Sponsor | None) -> bool:
    """Say whether somebody who is no company may open and fund pools: an admitted sponsor."""
    return sponsor is not None and sponsor.state is SponsorState.ADMITTED


def may_fund_pools(membership: CompanyMember | None) -> bool:
    """Say whether somebody may open, fund and end a company's pools: owners of a verified one."""
    return (
        membership is not None
        and membership.role is MemberRole.OWNER
        and membership.company.state is CompanyState.VERIFIED
    )
