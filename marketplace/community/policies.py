"""Who may see and lead a team."""

from marketplace.community.models import Team, TeamMember
from marketplace.community.rules import TeamRole
from marketplace.companies.models import CompanyMember


def may_see_team(
    team: Team,
    membership: TeamMember | None,
    *,
    is_invited: bool = False,
    is_operator: bool = False,
) -> bool:
    """Say whether somebody may see a team: a suspended one is left to its members."""
    if team.dissolved_at is not None:
        return False
    if membership is not None or is_operator:
        return True
    return team.suspended_at is None and (team.is_public or is_invited)


def may_lead_team(membership: TeamMember | None) -> bool:
    """Say whether somebody may change a team, its people and its challenges."""
    return membership is not None and membership.role is TeamRole.CAPTAIN


def may_join_team(team: Team, last: TeamMember | None, *, is_invited: bool) -> bool:
    """Say whether somebody may come: who was removed needs the link that was made since."""
    if team.suspended_at is not None or team.dissolved_at is not None:
        return False
    return is_invited or (team.is_public and not (last is not None and last.is_removed))


def may_confirm_team(team: Team, membership: CompanyMember | None) -> bool:
    """Say whether somebody may say of a team that it is of their company."""
    return membership is not None and team.company_id == membership.company_id
