"""What is shared: feeds, pictures, cards for other sites, posters."""

from marketplace.sharing.views import embeds, feeds, pictures
from marketplace.sharing.views.routes import blueprint

__all__ = ["blueprint", "embeds", "feeds", "pictures"]
