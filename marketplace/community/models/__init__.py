"""Tables of teams, and of links to what somebody gave."""

from marketplace.community.models.share import ImpactShare
from marketplace.community.models.team import Team, TeamChallenge, TeamComplaint, TeamMember

__all__ = ["ImpactShare", "Team", "TeamChallenge", "TeamComplaint", "TeamMember"]
