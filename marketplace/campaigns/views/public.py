"""What everybody sees of pools: who funds them, what is left, every entry."""

import uuid
from datetime import datetime

from flask import request

from marketplace.campaigns import queries
from marketplace.campaigns.queries.entries import NEWEST
from marketplace.campaigns.views.routes import Page, blueprint
from marketplace.core import clock
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, render
from marketplace.core.web.texts import path


@blueprint.get("/pools")
@access("public")
def pools() -> Page:
    """List the pools that were paid in, those that end last first."""
    page = queries.list_public(before=_before())
    here = path("/pools")
    return render(
        "campaigns/pools.html",
        pools=page.rows,
        now=clock.now(),
        first_url=here if request.args.get("after") else "",
        next_url=f"{here}?after={page.next_cursor}" if page.next_cursor else "",
    )


def _before() -> tuple[datetime, uuid.UUID] | None:
    key = decode_cursor(request.args.get("after"), 2)
    if key is None:
        return None
    try:
        moment, pool_id = datetime.fromisoformat(str(key[0])), uuid.UUID(str(key[1]))
    except ValueError:
        return None
    return (moment, pool_id) if moment.tzinfo else None


@blueprint.get("/pools/<slug>")
@access("public")
def pool(slug: str) -> Page:
    """Show a pool as it is now, what it gave to whom, and every entry of its money."""
    found = queries.get_public(slug)
    key = decode_cursor(request.args.get("after"), 1)
    below = key[0] if key and isinstance(key[0], int) and 0 < key[0] < NEWEST else NEWEST
    page = queries.list_entries(found.id, below=below)
    here = path(f"/pools/{found.slug}")
    return render(
        "campaigns/pool.html",
        pool=found,
        stage=found.stage(clock.now()),
        now=clock.now(),
        given=queries.by_project(found.id),
        orders=queries.count_orders(found.id),
        entries=page.rows,
        first_url=here if key else "",
        next_url=f"{here}?after={page.next_cursor}" if page.next_cursor else "",
    )
