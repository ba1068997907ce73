"""The shopper's choice after the purchase: what is pending may go to other projects."""

import uuid
from dataclasses import dataclass

from flask import Response, flash, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from marketplace.checkout import service as checkout
from marketplace.checkout.queries import routes
from marketplace.checkout.queries.projects import search_choosable
from marketplace.core import clock
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount, parse_minor, to_decimal_text
from marketplace.core.web import Form, access, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.core.web.languages import current_language
from marketplace.giving.rules import MOST_PROJECTS
from marketplace.ledger.rules import Source
from marketplace.orders import queries
from marketplace.orders.models import Order, OrderState
from marketplace.orders.views.routes import blueprint

FIELDS = {Source.PLEDGE: "pledge", Source.TOP_UP: "top_up"}
"""By whose money it is: the names of the fields."""


@dataclass(frozen=True)
class Row:
    """A project of the form, and what is typed for it by field."""

    id: uuid.UUID
    title: str
    organisation: str
    typed: dict[str, str]


@blueprint.get("/receipt/<token>/choice")
@access("public")
def choice(token: str) -> Response:
    """Show what is pending and where it goes, to be changed; words find other projects."""
    order = queries.get_by_token(token)
    return _page(order, Form())


@blueprint.post("/receipt/<token>/choice")
@access("public")
def change_choice(token: str) -> AnyResponse:
    """Send what is pending to the projects that were chosen anew."""
    order = queries.get_by_token(token)
    form = Form(values=request.form.to_dict())
    wanted: dict[Source, dict[uuid.UUID, int]] = {}
    try:
        wanted = _wanted(order)
    except Invalid as fact:
        form.refuse(fact.fields)
    if form.ok:
        with attempt(form, whole="amounts"):
            made = checkout.change_choice(order_id=order.id, wanted=wanted, now=clock.now())
            flash(_("Your choice is changed.") if made else _("Nothing was changed."))
            return redirect_to("orders.receipt", token=token)
    return _page(order, form, status=422)


def _wanted(order: Order) -> dict[Source, dict[uuid.UUID, int]]:
    """Return what was typed, by whose money it is.

    :raises Invalid: something typed is no amount.
    """
    wanted: dict[Source, dict[uuid.UUID, int]] = {source: {} for source in FIELDS}
    comma = current_language() != "en"
    for project in _named():
        for source, field in FIELDS.items():
            text = request.form.get(f"{field}-{project}", "").strip()
            try:
                minor = parse_minor(text, order.currency, decimal_comma=comma) if text else 0
            except NotAnAmount:
                said = _("“%(text)s” is not an amount.", text=text[:40])
                raise Invalid(fields={"amounts": said}) from None
            wanted[source][project] = minor
    return wanted


def _named() -> list[uuid.UUID]:
    """Return the projects that the form or the address names, at most five of them new."""
    found: list[uuid.UUID] = []
    for text in [*request.values.getlist("project"), *request.values.getlist("add")]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))[: 2 * MOST_PROJECTS]


def _page(order: Order, form: Form, *, status: int = 200) -> Response:
    pending = {} if order.state is not OrderState.PAID else checkout.pending_of(order.id)
    held = list(dict.fromkeys(one for amounts in pending.values() for one in amounts))
    wanted = [*held, *(one for one in _named() if one not in held)]
    words = request.args.get("q", "").strip()[:80]
    found = search_choosable(order.currency, words=words, limit=8) if words else []
    page, code = render(
        "orders/choice.html",
        status,
        order=order,
        form=form,
        is_disputed=queries.is_disputed(order.id),
        sums={FIELDS[source]: sum(pending.get(source, {}).values()) for source in FIELDS},
        rows=_rows(order, wanted, pending),
        words=words,
        today=clock.now().date(),
        found=[one for one in found if one.id not in wanted],
        added=[one for one in wanted if one not in held],
        is_full=len(wanted) >= MOST_PROJECTS,
        most=MOST_PROJECTS,
    )
    response = make_response(page, code)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _rows(
    order: Order, wanted: list[uuid.UUID], pending: dict[Source, dict[uuid.UUID, int]]
) -> list[Row]:
    titles = routes.list_titles(wanted)
    decimal = "." if current_language() == "en" else ","
    rows: list[Row] = []
    for one in wanted:
        title, organisation = titles.get(one, ("", ""))
        typed = {
            field: request.form.get(
                f"{field}-{one}",
                to_decimal_text(pending.get(source, {}).get(one, 0), order.currency).replace(
                    ".", decimal
                ),
            )
            for source, field in FIELDS.items()
        }
        if title:
            rows.append(Row(one, title, organisation, typed))
    return rows
