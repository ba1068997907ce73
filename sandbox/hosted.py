"""The hosted payment page and the 3-D Secure challenge: plain HTML, no script."""

import re
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as AnyResponse

from sandbox import cards, journal
from sandbox.errors import ApiError
from sandbox.objects import checkout_sessions, payment_intents, payment_methods
from sandbox.shapes import Json
from sandbox.store import Caller, Record, Store, Unit
from sandbox.texts import LOCALES, TEXTS, money

pages = Blueprint("hosted", __name__)


def _store() -> Store:
    return cast(Store, current_app.extensions["sandbox"])


def _locale(wanted: str | None) -> str:
    short = (wanted or "auto").split("-")[0]
    return short if short in LOCALES else request.accept_languages.best_match(LOCALES) or "en"


def page(
    template: str, *, status: int = 200, targets: tuple[str | None, ...] = (), **context: object
) -> Response:
    """A page with a strict policy; `targets` are addresses that its forms may end at."""
    origins = sorted(
        {f"{u.scheme}://{u.netloc}" for t in targets if t and (u := urlsplit(t)).netloc}
    )
    response = make_response(render_template(template, **context), status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {' '.join(chr(39) + 'self' + chr(39) if o == '' else o for o in ['', *origins])}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def see_other(url: str) -> AnyResponse:
    """Send the browser on with GET."""
    return redirect(url, code=303)


@dataclass
class CardForm:
    """What the shopper typed; `problems` maps a field to the key of its sentence."""

    email: str = ""
    number: str = ""
    expiry: str = ""
    cvc: str = ""
    name: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    month: int = 0
    year: int = 0

    @classmethod
    def read(cls) -> "CardForm":
        """The submitted form, checked field by field."""
        sent = {
            key: request.form.get(key, "").strip()[:200]
            for key in ("email", "card_number", "card_expiry", "card_cvc", "cardholder_name")
        }
        form = cls(
            sent["email"],
            sent["card_number"],
            sent["card_expiry"],
            sent["card_cvc"],
            sent["cardholder_name"],
        )
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", form.email):
            form.problems["email"] = "bad_email"
        if not form.name:
            form.problems["name"] = "bad_name"
        if not re.fullmatch(r"\d{3,4}", form.cvc):
            form.problems["cvc"] = "bad_cvc"
        match = re.fullmatch(r"(\d{1,2})\s*/?\s*(\d{2}|\d{4})", form.expiry)
        if match:
            form.month, year = int(match[1]), int(match[2])
            form.year = year + 2000 if year < 100 else year
        return form

    def card(self, unit: Unit) -> cards.Card | None:
        """The test card that was typed, if number and date can be right."""
        try:
            payment_methods.check_expiry(unit, self.month, self.year)
        except ApiError:
            self.problems["expiry"] = "bad_expiry"
        try:
            card = cards.of_number(self.number)
        except ApiError:
            self.problems["number"] = "bad_number"
            return None
        return None if self.problems else card


def _show(session: Record, form: CardForm, problem: str | None = None) -> Response:
    data = session.data
    locale = _locale(data["locale"])
    amount = money(data["amount_total"], data["currency"], locale)
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
        amount=amount,
        t=TEXTS[locale],
        locale=locale,
        cards=cards.CARDS,
    )


def _closed(session: Record) -> Response:
    data = session.data
    locale = _locale(data["locale"])
    done = data["status"] == "complete"
    link = success_address(data) if done else data["cancel_url"]
    return page(
        "closed.html",
        status=200 if done else 410,
        t=TEXTS[locale],
        locale=locale,
        kind="paid" if done else "expired",
        link=link,
    )


def _no_such_page() -> Response:
    locale = _locale(None)
    return page(
        "closed.html", status=404, t=TEXTS[locale], locale=locale, kind="not_found", link=None
    )


def success_address(session: Json) -> str:
    """Where the shopper goes after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


@pages.errorhandler(ApiError)
def _unknown(error: ApiError) -> Response:
    return _no_such_page()


def _locked(unit: Unit, session_id: str) -> Record:
    record = checkout_sessions.current(unit, session_id)
    locked = unit.get(record.id, lock=True)
    return locked or record


@pages.get("/pay/<session_id>")
def show(session_id: str) -> Response:
    """The payment page of an open session."""
    with _owned(session_id) as owner, _store().transaction(owner) as unit:
        session = checkout_sessions.current(unit, session_id)
        if session.data["status"] != "open":
            return _closed(session)
        return _show(session, CardForm(email=session.data["customer_email"] or ""))


@pages.post("/pay/<session_id>")
def pay(session_id: str) -> AnyResponse:
    """Try to pay; a second submission of the form finds the first one's result."""
    form = CardForm.read()
    with _owned(session_id) as owner, _store().transaction(owner) as unit:
        session = _locked(unit, session_id)
        answer = _try_to_pay(unit, session, form)
        shown = dict(request.form.items())
        journal.write(
            unit.connection,
            owner,
            "POST",
            request.path,
            shown,
            answer.status_code,
            object_id=session.data["payment_intent"],
        )
    return answer


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
    error = payment_intents.attempt(unit, intent, method)
    if error:
        return _show(session, form, _reason(session, error))
    if checkout_sessions.complete_if_paid(unit, session, intent, method):
        return see_other(success_address(session.data))
    return see_other(f"{request.path}/challenge")


def _reason(session: Record, error: ApiError) -> str:
    texts = TEXTS[_locale(session.data["locale"])]
    key = error.error.get("decline_code") or error.error["code"]
    return texts.get(key) or cards.MESSAGES[key]


@pages.get("/pay/<session_id>/challenge")
def show_challenge(session_id: str) -> AnyResponse:
    """The bank's question."""
    with _owned(session_id) as owner, _store().transaction(owner) as unit:
        session = checkout_sessions.current(unit, session_id)
        if session.data["status"] != "open":
            return _closed(session)
        intent = unit.get(session.data["payment_intent"] or "")
        if intent is None or intent.data["status"] != "requires_action":
            return see_other(request.path.removesuffix("/challenge"))
        return _challenge(intent, session.data["locale"], (session.data["success_url"],))


def _challenge(intent: Record, wanted: str | None, targets: tuple[str | None, ...]) -> Response:
    locale = _locale(wanted)
    amount = money(intent.data["amount"], intent.data["currency"], locale)
    return page("challenge.html", targets=targets, t=TEXTS[locale], locale=locale, amount=amount)


@pages.post("/pay/<session_id>/challenge")
def answer_challenge(session_id: str) -> AnyResponse:
    """The shopper completes or fails the check."""
    with _owned(session_id) as owner, _store().transaction(owner) as unit:
        session = _locked(unit, session_id)
        answer = _after_challenge(unit, session)
        journal.write(
            unit.connection,
            owner,
            "POST",
            request.path,
            dict(request.form.items()),
            answer.status_code,
            object_id=session.data["payment_intent"],
        )
    return answer


def _after_challenge(unit: Unit, session: Record) -> AnyResponse:
    if session.data["status"] == "complete":
        return see_other(success_address(session.data))
    if session.data["status"] != "open":
        return _closed(session)
    intent = checkout_sessions.intent_of(unit, session)
    if intent.data["status"] != "requires_action":
        return see_other(request.path.removesuffix("/challenge"))
    method = unit.get(intent.data["payment_method"])
    error = payment_intents.authenticate(
        unit, intent, passed=request.form.get("answer") == "complete"
    )
    if error or method is None:
        problem = _reason(session, error) if error else None
        return _show(session, CardForm(email=session.data["customer_email"] or ""), problem)
    checkout_sessions.complete_if_paid(unit, session, intent, method)
    return see_other(success_address(session.data))


@pages.get("/3ds/<intent_id>")
def show_intent_challenge(intent_id: str) -> AnyResponse:
    """The bank's question for a payment intent that the API confirmed."""
    with _owned(intent_id) as owner, _store().transaction(owner) as unit:
        intent = unit.get(intent_id)
        if intent is None or intent.data["status"] != "requires_action":
            return _no_such_page()
        if intent.internal.get("session"):
            return see_other(f"{unit.public_url}/pay/{intent.internal['session']}/challenge")
        return _challenge(intent, None, (intent.internal.get("return_url"),))


@pages.post("/3ds/<intent_id>")
def answer_intent_challenge(intent_id: str) -> AnyResponse:
    """Complete or fail the check, then go to the `return_url`."""
    with _owned(intent_id) as owner, _store().transaction(owner) as unit:
        intent = unit.get(intent_id, lock=True)
        if (
            intent is None
            or intent.data["status"] != "requires_action"
            or intent.internal.get("session")
        ):
            return _no_such_page()
        passed = request.form.get("answer") == "complete"
        error = payment_intents.authenticate(unit, intent, passed=passed)
        journal.write(
            unit.connection,
            owner,
            "POST",
            request.path,
            dict(request.form.items()),
            303,
            object_id=intent.id,
        )
        back = intent.internal.get("return_url")
        if not back:
            return (
                _no_such_page()
                if error
                else page("closed.html", t=TEXTS["en"], locale="en", kind="paid", link=None)
            )
        return see_other(_with_result(back, intent.data, failed=error is not None))


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


class _Owner:
    """The account that an object belongs to, so that a page acts on its behalf."""

    def __init__(self, object_id: str) -> None:
        self._object_id = object_id

    def __enter__(self) -> Caller:
        with _store().transaction() as unit:
            record = unit.get(self._object_id)
        return Caller(account=record.account if record else None)

    def __exit__(self, *error: object) -> None:
        return None


def _owned(object_id: str) -> _Owner:
    return _Owner(object_id)
