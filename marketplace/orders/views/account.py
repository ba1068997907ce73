"""What a signed-in person bought."""

import uuid
from datetime import datetime

from flask import request
from flask_login import current_user

from marketplace.core.paging import decode_cursor, page_of
from marketplace.core.web import access, render
from marketplace.orders import queries
from marketplace.orders.views.routes import Page, blueprint

ORDERS_A_PAGE = 20


@blueprint.get("/account/orders")
@access("signed_in")
def list_orders() -> Page:
    """Show a person's orders, the newest first."""
    rows = queries.list_of_customer(
        current_user.id, before=_cursor(request.args.get("after")), limit=ORDERS_A_PAGE + 1
    )
    page = page_of(rows, ORDERS_A_PAGE, lambda order: (order.placed_at.isoformat(), order.id))
    return render("orders/list_orders.html", page=page)


def _cursor(text: str | None) -> tuple[datetime, uuid.UUID] | None:
    key = decode_cursor(text, 2)
    try:
        return (datetime.fromisoformat(str(key[0])), uuid.UUID(str(key[1]))) if key else None
    except ValueError:
        return None
