"""Pages of matching pools: for everybody, and for the company that funds them."""

from marketplace.campaigns.views import desk, public
from marketplace.campaigns.views.routes import blueprint

__all__ = ["blueprint", "desk", "public"]
