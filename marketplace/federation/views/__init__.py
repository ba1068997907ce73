"""What other servers ask for and send, and the desk of who is followed from there."""

from marketplace.federation.views import desk, inbox, public
from marketplace.federation.views.routes import blueprint

__all__ = ["blueprint", "desk", "inbox", "public"]
