"""What is new of all that somebody follows."""

from flask import request
from flask_login import current_user

from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.following import queries
from marketplace.following.service import put_in_words
from marketplace.following.views.paging import place
from marketplace.following.views.routes import blueprint


@blueprint.get("/following")
@access("signed_in")
def following() -> tuple[str, int]:
    """Show what was told, the newest first, and what is followed."""
    after = place(request.args.get("after"))
    page = queries.list_followed_news(current_user.id, after=after)
    language = current_language()
    return render(
        "following/news.html",
        told=[put_in_words(one, language) for one in page.rows],
        follows_of=queries.list_follows(current_user.id),
        next_cursor=page.next_cursor,
        is_first=after is None,
    )
