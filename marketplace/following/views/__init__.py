"""What there is to hear, following and stopping, and the page of all letters."""

from marketplace.following.views import letters, news, people, pressing
from marketplace.following.views.routes import blueprint

__all__ = ["blueprint", "letters", "news", "people", "pressing"]
