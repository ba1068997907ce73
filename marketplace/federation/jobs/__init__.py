"""What goes to other servers and is asked of them: never while somebody waits for a page."""

from marketplace.federation.jobs import delivering, notifying, receiving

__all__ = ["delivering", "notifying", "receiving"]
