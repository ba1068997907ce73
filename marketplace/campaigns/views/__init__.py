"""Pages of matching pools: for everybody, for the company that funds them, for other sponsors."""

from marketplace.campaigns.views import desk, public, sponsor
from marketplace.campaigns.views.routes import blueprint

__all__ = ["blueprint", "desk", "public", "sponsor"]
