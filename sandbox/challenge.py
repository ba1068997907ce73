"""The 3-D Secure page: the bank asks whether the shopper really pays."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sandbox.errors import ApiError, missing
from sandbox.hosted import closed_page, session_of, show_again, success_address, write_down
from sandbox.objects import checkout_sessions, intent_states
from sandbox.pages import best_locale, page, see_other
from sandbox.running import store_of
from sandbox.shapes import Json
from sandbox.store import Record, Store, Unit
from sandbox.texts import TEXTS, money

pages = Blueprint("challenge", __name__)


def _store() -> Store:
    return store_of(current_app)


@pages.errorhandler(ApiError)
def _unknown(_error: ApiError) -> Response:
    return closed_page("not_found", status=404)


def _question(intent: Record, wanted: str | None, targets: tuple[str | None, ...]) -> Response:
    locale = best_locale(wanted)
    amount = money(intent.data["amount"], intent.data["currency"], locale)
    return page("challenge.html", targets=targets, t=TEXTS[locale], locale=locale, amount=amount)


def _passed() -> bool:
    return request.form.get("answer") == "complete"


@pages.get("/pay/<session_id>/challenge")
def show(session_id: str) -> AnyResponse:
    """The question for a session's payment; without one the browser goes to the payment page."""
    with _store().transaction() as unit:
        session = session_of(unit, session_id)
        intent = unit.get(session.data["payment_intent"] or "")
        if intent is None or intent.data["status"] != "requires_action":
            return see_other(url_for("hosted.show", session_id=session_id))
        targets = (session.data["success_url"], session.data["cancel_url"])
        return _question(intent, session.data["locale"], targets)


@pages.post("/pay/<session_id>/challenge")
def answer(session_id: str) -> AnyResponse:
    """The shopper completes or fails the check."""
    with _store().transaction() as unit:
        session = session_of(unit, session_id, lock=True)
        reply = _after(unit, session)
        write_down(unit, reply.status_code, session.data["payment_intent"])
    return reply


def _after(unit: Unit, session: Record) -> AnyResponse:
    if session.data["status"] == "complete":
        return see_other(success_address(session.data))
    payment_page = url_for("hosted.show", session_id=session.id)
    if session.data["status"] != "open" or not session.data["payment_intent"]:
        return see_other(payment_page)
    intent = checkout_sessions.intent_of(unit, session)
    if intent.data["status"] != "requires_action":
        return see_other(payment_page)
    method = unit.get(intent.data["payment_method"])
    error = intent_states.authenticate(unit, intent, passed=_passed())
    if error:
        return show_again(session, error)
    if method is not None:
        checkout_sessions.complete_if_paid(unit, session, intent, method)
    return see_other(success_address(session.data))


def _waiting(unit: Unit, intent_id: str, *, lock: bool = False) -> Record:
    """A payment intent, confirmed through the API, that waits for its challenge."""
    intent = unit.get(intent_id, lock=lock)
    if intent is None or intent.type != "payment_intent" or intent.internal.get("session"):
        raise missing("payment_intent", intent_id)
    if intent.data["status"] != "requires_action":
        raise missing("payment_intent", intent_id)
    unit.caller.account = intent.account
    return intent


@pages.get("/3ds/<intent_id>")
def show_for_intent(intent_id: str) -> AnyResponse:
    """The question for a payment intent that the API confirmed."""
    with _store().transaction() as unit:
        intent = _waiting(unit, intent_id)
        return _question(intent, None, (intent.internal.get("return_url"),))


@pages.post("/3ds/<intent_id>")
def answer_for_intent(intent_id: str) -> AnyResponse:
    """Complete or fail the check, then go to the `return_url`."""
    with _store().transaction() as unit:
        intent = _waiting(unit, intent_id, lock=True)
        error = intent_states.authenticate(unit, intent, passed=_passed())
        write_down(unit, 303, intent.id)
        back = intent.internal.get("return_url")
        if back:
            return see_other(_with_result(back, intent.data, failed=error is not None))
    return closed_page("expired" if error else "paid", status=200)


def _with_result(url: str, intent: Json, *, failed: bool) -> str:
    parts = urlsplit(url)
    more = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": "failed" if failed else "succeeded",
        }
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{more}" if parts.query else more))
