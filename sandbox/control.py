"""`/_sandbox/*`: the control surface of tests; the only part that Stripe does not have."""

from collections.abc import Callable
from dataclasses import asdict
from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox import chaos, journal
from sandbox.due import run_due
from sandbox.errors import ApiError
from sandbox.objects import accounts, disputes, payouts
from sandbox.objects.finding import require
from sandbox.running import deliver_pending, store_of
from sandbox.shapes import Json
from sandbox.store import Store, Unit

surface = Blueprint("control", __name__, url_prefix="/_sandbox")


def _store() -> Store:
    return store_of(current_app)


def _sent() -> Json:
    return cast("Json", request.get_json(silent=True) or {})


@surface.errorhandler(chaos.BadDial)
def _bad_dial(error: chaos.BadDial) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


@surface.errorhandler(ApiError)
def _api_error(error: ApiError) -> tuple[Response, int]:
    return jsonify(error.body), error.status


def advance_clock(store: Store, seconds: int) -> int:
    """Move the sandbox's clock forward and do what became due; returns the new time."""
    with store.transaction() as unit:
        offset = int(unit.settings.get("clock", {}).get("offset", 0)) + seconds
        now = unit.now + seconds
    store.change_setting("clock", {"offset": offset})
    run_due(store)
    return now


def set_chaos(store: Store, dials: Json) -> Json:
    """Replace all rules and webhook dials."""
    value = chaos.checked(dials)
    store.change_setting("chaos", value)
    return value


@surface.get("/health")
def health() -> Response:
    """Tell that the database is there."""
    with _store().transaction() as unit:
        return jsonify(ok=True, now=unit.now)


@surface.post("/clock")
def clock() -> Response:
    """`{"advance": seconds}`."""
    return jsonify(now=advance_clock(_store(), int(_sent().get("advance", 0))))


@surface.route("/chaos", methods=["GET", "POST", "DELETE"])
def dial() -> Response:
    """`{"rules": [...], "webhooks": {...}}` replaces what was set."""
    if request.method == "GET":
        with _store().transaction() as unit:
            return jsonify(unit.settings.get("chaos", {"rules": [], "webhooks": {}}))
    return jsonify(set_chaos(_store(), _sent() if request.method == "POST" else {}))


@surface.post("/webhook")
def webhook() -> Response:
    """`{"url": ..., "secret": ...}` replaces the address that the program was started with."""
    sent = _sent()
    _store().change_setting("webhook", {key: sent.get(key) for key in ("url", "secret")})
    return jsonify(url=sent.get("url"))


@surface.get("/journal")
def read_journal() -> Response:
    """The requests after sequence number `after`, of paths that start with `path`."""
    entries = journal.read(
        _store(),
        after=request.args.get("after", 0, int),
        path=request.args.get("path", ""),
        limit=request.args.get("limit", 1000, int),
    )
    return jsonify(entries=[asdict(entry) | {"at": entry.at.isoformat()} for entry in entries])


@surface.post("/deliver")
def deliver_now() -> Response:
    """Send the webhooks that are due, and wait for it."""
    return jsonify(attempts=deliver_pending(current_app))


def _change(work: Callable[[Unit], Json]) -> Response:
    with _store().transaction() as unit:
        body = work(unit)
    return jsonify(body)


@surface.post("/disputes/<dispute>")
def decide_dispute(dispute: str) -> Response:
    """`{"status": "won" | "lost"}`."""
    status = str(_sent().get("status"))
    if status not in ("won", "lost"):
        raise chaos.BadDial("status must be won or lost")

    def work(unit: Unit) -> Json:
        record = require(unit, "dispute", dispute, lock=True)
        disputes.decide(unit, record, status)
        return record.data

    return _change(work)


@surface.post("/charges/<charge>/dispute")
def open_dispute(charge: str) -> Response:
    """Open a dispute on any charge: `{"reason": "fraudulent", "amount": part of it}`."""
    reason = str(_sent().get("reason", "fraudulent"))
    amount = int(_sent()["amount"]) if "amount" in _sent() else None

    def work(unit: Unit) -> Json:
        record = require(unit, "charge", charge, lock=True)
        return disputes.open_dispute(unit, record, reason, amount).data

    return _change(work)


@surface.post("/payouts/<payout>")
def end_payout(payout: str) -> Response:
    """`{"status": "paid" | "failed"}`."""
    status = str(_sent().get("status"))

    def work(unit: Unit) -> Json:
        record = unit.get(payout, lock=True)
        if record is None:
            raise chaos.BadDial(f"no payout {payout}")
        if status == "failed":
            payouts.give_back(unit, record, "failed")
        else:
            payouts.arrive(unit, record)
        return record.data

    return _change(work)


@surface.post("/accounts/<account>/onboard")
def onboard(account: str) -> Response:
    """Meet all requirements of a connected account without its page."""

    def work(unit: Unit) -> Json:
        record = require(unit, "account", account, lock=True)
        name = str(_sent().get("name") or record.data["business_profile"]["name"] or "Test company")
        accounts.onboard(unit, record, name, record.data["business_type"] or "company", "3000")
        return record.data

    return _change(work)
