"""The receipt: where every cent of a purchase is now. Its address is its secret."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, current_app, jsonify, make_response

from marketplace.campaigns import queries as campaigns
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.web import access, render
from marketplace.core.web.texts import path
from marketplace.impact import queries as impact
from marketplace.ledger import queries as ledger
from marketplace.ledger.rules import Kind
from marketplace.orders import queries, rules
from marketplace.orders.models import FailedRefund, Order, OrderState
from marketplace.orders.views import lanes as lanes_of_order
from marketplace.orders.views import tracing
from marketplace.orders.views.lanes import Lane
from marketplace.orders.views.routes import blueprint
from marketplace.orders.views.sums import sum_of
from marketplace.proofs.queries.receipts import receipt_proof


@blueprint.get("/receipt/<token>")
@access("public")
def receipt(token: str) -> Response:
    """Show the receipt; while the payment's news is awaited, say so."""
    order = queries.get_by_token(token)
    if order.state is not OrderState.PAID:
        page, status = render("orders/not_paid.html", order=order, now=clock.now())
        return _private(make_response(page, status))
    page, status = render("orders/receipt.html", 200, **_told(order), now=clock.now())
    return _private(make_response(page, status))


@blueprint.get("/receipt/<token>.json")
@access("public")
def receipt_json(token: str) -> Response:
    """Answer the same as JSON, without the address it was sent to."""
    order = queries.get_by_token(token)
    answer: dict[str, object] = {
        "number": order.number,
        "state": order.state.value,
        "currency": order.currency,
        "placed_at": order.placed_at.isoformat(),
        "paid_at": _iso(order.paid_at),
        "total_minor": order.total_minor,
        "vat_minor": order.vat_minor,
        "shipping_minor": order.shipping_minor,
        "own_donation_minor": order.top_up_minor,
        "given_by_companies_minor": order.share_minor,
        "added_by_sponsors_minor": order.matched_minor,
        "refunded_minor": order.refunded_minor,
        "disclosure": {"version": order.disclosure_version, "text": order.disclosure},
        "lines": [_line(line) for line in order.lines],
    }
    if order.state is OrderState.PAID:
        told = _told(order)
        answer |= {
            "projects": [lane.to_json(clock.now(), told["maximum_age"]) for lane in told["lanes"]],
            "entries": [entry.to_json() for entry in told["book"]],
            "proof": _proof_of(order),
        }
    return _private(jsonify(answer))


def _proof_of(order: Order) -> dict[str, object] | None:
    """Return what proves the receipt to somebody who does not believe us (docs/proofs.md)."""
    config = current_app.config
    log = f"{config['PUBLIC_URL']}/log"
    return receipt_proof(order.id, key=str(config["LOG_SIGNER"].key), url=log)


def _line(line: object) -> dict[str, object]:
    names = ("title", "variant_title", "sku", "quantity", "unit_price_minor", "gross_minor")
    more = ("net_minor", "vat_bp", "share_minor", "sentence", "refunded_quantity")
    return {name: getattr(line, name) for name in (*names, *more)}


def _told(order: Order) -> dict[str, Any]:  # Any: what the template reads
    """Return what the page and the JSON are made of."""
    entries = ledger.list_book_of_order(order.id)
    kinds = {entry.kind for entry in entries}
    chosen = dict.fromkeys(allocation.project_id for allocation in order.allocations)
    moved = queries.list_moved(order.id) if Kind.REROUTE in kinds else []
    arrived = queries.list_projects([row.to_id for row in moved if row.to_id not in chosen])
    projects = [*chosen, *arrived]
    totals = impact.project_totals(projects) if projects else {}
    has_released = any(part.released_at for part in order.company_orders)
    ahead = queries.list_released_before(order.id) if has_released else {}
    pools = campaigns.list_of_order(order.id) if order.matched_minor else {}
    lanes = lanes_of_order.with_payouts(
        lanes_of_order.lanes_of(
            order, entries, totals, ahead, pools=pools, moved=moved, arrived=arrived
        )
    )
    maximum_age = timedelta(days=current_app.config["SETTINGS"].payout_maximum_age_days)
    return {
        "order": order,
        "maximum_age": maximum_age,
        "lanes": lanes,
        "sums": sum_of(lanes),
        "given": rules.given_by(order),
        "book": tracing.book_of(order, entries, pools.values(), arrived.values()),
        "refunds": queries.list_refunds(order.id) if order.refund_reserved_minor else [],
        "moved": moved,
        **_afterwards(order, kinds, lanes),
        "public_link": public_url(path(f"/receipt/{order.token}")),
    }


def _afterwards(order: Order, kinds: set[str], lanes: Sequence[Lane]) -> dict[str, object]:
    """Return what happened after the purchase; asked for only where the book says that it did."""
    is_contested = any(kind.startswith("dispute") for kind in kinds)
    disputes = queries.list_disputes_of_order(order.id) if is_contested else []
    return {
        "disputes": disputes,
        "failed": _failed(order) if Kind.REFUND_FAILED in kinds else {},
        "can_choose": any(lane.pending_minor for lane in lanes)
        and not any(dispute.is_open for dispute in disputes),
    }


def _failed(order: Order) -> dict[UUID | None, FailedRefund]:
    """Return the last failure of each refund that did not reach the shopper."""
    return {one.refund_id: one for one in queries.list_failed_of_order(order.id)}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _private(response: Response) -> Response:
    """A secret link is not indexed, not kept, and not told to other sites."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
