"""Pages of teams, and of what somebody's purchases gave."""

from marketplace.community.views import companies, impact, joining, leading, teams, years
from marketplace.community.views.routes import blueprint

__all__ = ["blueprint", "companies", "impact", "joining", "leading", "teams", "years"]
