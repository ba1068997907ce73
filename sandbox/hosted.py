"""The hosted payment page: plain HTML, no script."""

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sandbox import cards, journal
from sandbox.cardform import CardForm
from sandbox.errors import ApiError, missing
from sandbox.objects import checkout_sessions, intent_states, payment_methods
from sandbox.pages import best_locale, page, see_other
from sandbox.running import store_of
from sandbox.shapes import Json
from sandbox.store import Record, Store, Unit
from sandbox.texts import TEXTS, money

pages = Blueprint("hosted", __name__)


def _store() -> Store:
    return store_of(current_app)


def session_of(unit: Unit, session_id: str, *, lock: bool = False) -> Record:
    """A session as it is now; the unit then acts for the account that owns it."""
    record = unit.get(session_id)
    if record is None or record.type != "checkout.session":
        raise missing("checkout.session", session_id)
    unit.caller.account = record.account
    record = checkout_sessions.current(unit, session_id)
    return (unit.get(session_id, lock=True) or record) if lock else record


def _show(session: Record, form: CardForm, problem: str | None = None) -> Response:
    data = session.data
    locale = best_locale(data["locale"])
    items = [
        {**item, "shown": money(item["amount_total"], item["currency"], locale)}
        for item in session.internal["line_items"]
    ]
    return page(
        "pay.html",
        status=402 if problem else 422 if form.problems else 200,
        targets=(data["success_url"], data["cancel_url"]),
        session=data,
        items=items,
        form=form,
        problem=problem,
        amount=money(data["amount_total"], data["currency"], locale),
        t=TEXTS[locale],
        locale=locale,
        cards=cards.CARDS,
    )


def _closed(session: Record) -> Response:
    data = session.data
    is_paid = data["status"] == "complete"
    return closed_page(
        "paid" if is_paid else "expired",
        status=200 if is_paid else 410,
        link=success_address(data) if is_paid else data["cancel_url"],
        wanted=data["locale"],
    )


def closed_page(
    kind: str, *, status: int, link: str | None = None, wanted: str | None = None
) -> Response:
    """A page where nothing can be paid: `paid`, `expired` or `not_found`."""
    locale = best_locale(wanted)
    return page("closed.html", status=status, t=TEXTS[locale], locale=locale, kind=kind, link=link)


def success_address(session: Json) -> str:
    """Where the shopper goes after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


@pages.errorhandler(ApiError)
def _unknown(_error: ApiError) -> Response:
    return closed_page("not_found", status=404)


@pages.get("/pay/<session_id>")
def show(session_id: str) -> Response:
    """The payment page of an open session."""
    with _store().transaction() as unit:
        session = session_of(unit, session_id)
        if session.data["status"] != "open":
            return _closed(session)
        return _show(session, CardForm(email=session.data["customer_email"] or ""))


@pages.post("/pay/<session_id>")
def pay(session_id: str) -> AnyResponse:
    """Try to pay; a second submission of the form finds the first one's result."""
    form = CardForm.read(request.form)
    with _store().transaction() as unit:
        session = session_of(unit, session_id, lock=True)
        answer = _try_to_pay(unit, session, form)
        write_down(unit, answer.status_code, session.data["payment_intent"])
    return answer


def write_down(unit: Unit, status: int, object_id: str | None) -> None:
    """Journal a submitted form."""
    shown = dict(request.form.items())
    path = request.path
    journal.write(
        unit.connection, unit.caller, "POST", path, shown, status=status, object_id=object_id
    )


def _try_to_pay(unit: Unit, session: Record, form: CardForm) -> AnyResponse:
    if session.data["status"] == "complete":
        return see_other(success_address(session.data))
    if session.data["status"] != "open":
        return _closed(session)
    card = form.card(unit)
    if card is None:
        return _show(session, form)
    method = payment_methods.make(
        unit, card, exp_month=form.month, exp_year=form.year, email=form.email, name=form.name
    )
    intent = checkout_sessions.intent_of(unit, session)
    error = intent_states.attempt(unit, intent, method)
    if error:
        return _show(session, form, reason(session, error))
    if checkout_sessions.complete_if_paid(unit, session, intent, method):
        return see_other(success_address(session.data))
    return see_other(url_for("challenge.show", session_id=session.id))


def show_again(session: Record, error: ApiError) -> Response:
    """The payment page after something went wrong on another page."""
    form = CardForm(email=session.data["customer_email"] or "")
    return _show(session, form, reason(session, error))


def reason(session: Record, error: ApiError) -> str:
    """Why a payment failed, in the words of the session's language."""
    texts = TEXTS[best_locale(session.data["locale"])]
    key = error.error.get("decline_code") or error.error["code"]
    return texts.get(key) or cards.MESSAGES[key]
