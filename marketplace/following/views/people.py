"""The page of somebody who is named in public: what they answer for, and what they told."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.core.errors import NotFound
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.following import queries
from marketplace.following.queries import PersonPage, Scope
from marketplace.following.rules import Kind, person_key, person_slug
from marketplace.following.service import put_in_words
from marketplace.following.views.paging import place
from marketplace.following.views.routes import blueprint


@blueprint.get("/people/<slug>")
@access("public")
def person(slug: str) -> tuple[str, int] | Response:
    """Show what somebody answers for and what they told; an old name leads to the present one."""
    found = load_person(slug)
    present = person_slug(found.name, found.id)
    if slug != present:
        return redirect(url_for("following.person", slug=present), 301)
    after = place(request.args.get("after"))
    page = queries.list_news(Scope(Kind.PERSON, found.id), after=after)
    language = current_language()
    return render(
        "following/person.html",
        person=found,
        slug=present,
        told=[put_in_words(one, language) for one in page.rows],
        next_cursor=page.next_cursor,
        is_first=after is None,
        followers=queries.count_followers(Kind.PERSON, found.id),
    )


def load_person(slug: str) -> PersonPage:
    """Return who stands at an address.

    :raises NotFound: nobody who is named in public.
    """
    key = person_key(slug)
    found = queries.find_person_page(key) if key else None
    if found is None:
        raise NotFound
    return found
