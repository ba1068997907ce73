"""Checkout Sessions: a payment on the sandbox's own hosted page."""

from urllib.parse import urlsplit

from sandbox.errors import invalid, refused
from sandbox.listing import PAGING, list_objects, list_of
from sandbox.objects import intent_states
from sandbox.objects.finding import require
from sandbox.objects.line_items import make_item
from sandbox.objects.payment_methods import billing_details
from sandbox.params import Params, check_charge_amount
from sandbox.routing import endpoint
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id

_SHORTEST, _LONGEST = 30 * 60, 24 * 3600
_CREATE = (
    *("mode", "line_items", "payment_intent_data", "metadata", "client_reference_id"),
    *("customer_email", "success_url", "cancel_url", "expires_at", "locale", "ui_mode"),
    *("payment_method_types", "submit_type", "billing_address_collection", "customer_creation"),
    *("automatic_tax", "currency"),
)
_INTENT_DATA = ("transfer_group", "metadata", "description", "receipt_email", "capture_method")
_INVOICE = "account_tax_ids custom_fields description footer issuer rendering_options"
_ABSENT = (
    "after_expiration allow_promotion_codes billing_address_collection cancel_url"
    " client_reference_id client_secret collected_information consent consent_collection"
    " currency_conversion customer customer_account customer_creation customer_details"
    " customer_email discounts invoice locale origin_context payment_intent payment_link"
    " payment_method_collection payment_method_configuration_details permissions recovered_from"
    " saved_payment_method_options setup_intent shipping_address_collection shipping_cost"
    " submit_type subscription wallet_options"
)


def _web_url(params: Params, name: str) -> str | None:
    value = params.text(name)
    if value is not None and urlsplit(value).scheme not in ("http", "https"):
        raise invalid("Not a valid URL", param=name, code="url_invalid")
    return value


def _lines(unit: Unit, params: Params) -> tuple[list[Json], int, str]:
    """The line items, their total and their currency."""
    items = [make_item(unit, line) for line in params.items("line_items")]
    if not items:
        raise params.absent("line_items")
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All prices must be in the same currency", param="line_items")
    total, currency = sum(item["amount_total"] for item in items), items[0]["currency"]
    check_charge_amount(total, currency, param="line_items")
    return items, total, currency


def _expiry(unit: Unit, params: Params) -> int:
    expires_at = params.integer("expires_at") or unit.now + _LONGEST
    if not unit.now + _SHORTEST - 60 <= expires_at <= unit.now + _LONGEST + 60:
        raise invalid("expires_at must be 30 minutes to 24 hours from now", param="expires_at")
    return expires_at


def _blank(unit: Unit) -> Json:
    """What is the same in every new session."""
    identifier = new_id("cs_test", 58)
    texts = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    invoice = {**nulls(_INVOICE), "metadata": {}}
    return {
        "id": identifier,
        "object": "checkout.session",
        **nulls(_ABSENT),
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "created": unit.now,
        "custom_fields": [],
        "custom_text": dict.fromkeys(texts),
        "invoice_creation": {"enabled": False, "invoice_data": invoice},
        "livemode": False,
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{unit.public_url}/pay/{identifier}",
    }


@endpoint("POST", "/checkout/sessions")
def create(unit: Unit, params: Params) -> Json:
    """Make a session for one payment."""
    params.only(_CREATE)
    if params.choice("mode", ("payment", "setup", "subscription")) != "payment":
        raise invalid("The sandbox knows only mode=payment", param="mode")
    params.choice("ui_mode", ("hosted_page",))
    success_url = _web_url(params, "success_url")
    if success_url is None:
        raise params.absent("success_url")
    items, total, currency = _lines(unit, params)
    intent_data = params.nested("payment_intent_data")
    intent_data.only(_INTENT_DATA)
    creation = params.choice("customer_creation", ("always", "if_required"))
    data = _blank(unit) | {
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": _web_url(params, "cancel_url"),
        "client_reference_id": params.text("client_reference_id", at_most=200),
        "currency": currency,
        "customer_creation": creation or "if_required",
        "customer_email": params.text("customer_email", at_most=800),
        "expires_at": _expiry(unit, params),
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "submit_type": params.choice("submit_type", ("auto", "book", "donate", "pay")),
        "success_url": success_url,
    }
    if data["customer_email"]:
        data["customer_details"] = _details(data["customer_email"], None)
    internal = {"line_items": items, "intent": _intent_fields(intent_data)}
    unit.add(data, account=unit.caller.account, internal=internal, due=data["expires_at"])
    return data


def _intent_fields(params: Params) -> Json:
    capture = params.choice("capture_method", ("automatic", "automatic_async", "manual"))
    names = ("transfer_group", "description", "receipt_email")
    more = {name: params.text(name) for name in names if name in params}
    return {"metadata": params.metadata(), "capture_method": capture, "more": more}


def _details(email: str | None, name: str | None) -> Json:
    owner = billing_details(email, name)
    shown: Json = {key: owner[key] for key in ("address", "email", "name", "phone")}
    if name is None:
        shown["address"] = None
    return shown | {
        "business_name": None,
        "individual_name": name,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def intent_of(unit: Unit, session: Record) -> Record:
    """The locked payment intent of a locked session, made at the first attempt to pay."""
    data = session.data
    if data["payment_intent"]:
        record = unit.get(data["payment_intent"], lock=True)
        if record is None:
            raise RuntimeError(f"{session.id} has lost its payment intent")
        return record
    wanted = session.internal["intent"]
    intent = intent_states.new_intent(
        unit,
        data["amount_total"],
        data["currency"],
        capture_method=wanted["capture_method"],
        metadata=wanted["metadata"],
        more=wanted["more"],
        session=session.id,
    )
    data["payment_intent"] = intent.id
    unit.changed(session)
    return intent


def complete_if_paid(unit: Unit, session: Record, intent: Record, method: Record) -> bool:
    """Close a locked session whose intent has the money."""
    if intent.data["status"] not in ("succeeded", "requires_capture"):
        return False
    owner = method.data["billing_details"]
    paid = intent.data["status"] == "succeeded"
    session.data |= {
        "status": "complete",
        "payment_status": "paid" if paid else "unpaid",
        "customer_details": _details(owner["email"], owner["name"]),
        "url": None,
    }
    session.due = None
    unit.changed(session)
    unit.emit("checkout.session.completed", session)
    return True


def expire(unit: Unit, session: Record) -> None:
    """Close a locked, open session unpaid; its intent is canceled with it."""
    session.data |= {"status": "expired", "url": None}
    session.due = None
    unit.changed(session)
    if session.data["payment_intent"]:
        intent = unit.get(session.data["payment_intent"], lock=True)
        if intent is not None:
            intent_states.cancel(unit, intent, "automatic")
    unit.emit("checkout.session.expired", session)


def current(unit: Unit, session_id: str) -> Record:
    """A session as it is now: one whose time is over expires when it is looked at."""
    record = require(unit, "checkout.session", session_id)
    if record.data["status"] == "open" and record.data["expires_at"] <= unit.now:
        record = require(unit, "checkout.session", session_id, lock=True)
        if record.data["status"] == "open":
            expire(unit, record)
    return record


@endpoint("GET", "/checkout/sessions")
def list_sessions(unit: Unit, params: Params) -> Json:
    """List by payment intent, status, e-mail and time."""
    details = params.nested("customer_details")
    filters = ("payment_intent", "status")
    params.only((*PAGING, *filters, "customer_details"))
    fixed = {"customer_email": email} if (email := details.text("email")) else {}
    rest = Params({name: params.raw(name) for name in params.names() if name != "customer_details"})
    return list_objects(
        unit, rest, "checkout.session", "/v1/checkout/sessions", filters=filters, fixed=fixed
    )


@endpoint("GET", "/checkout/sessions/<session>")
def retrieve(unit: Unit, params: Params, session: str) -> Json:
    """One session."""
    params.only(())
    return current(unit, session).data


@endpoint("POST", "/checkout/sessions/<session>")
def update(unit: Unit, params: Params, session: str) -> Json:
    """Change the metadata."""
    params.only(("metadata",))
    record = require(unit, "checkout.session", session, lock=True)
    record.data["metadata"] = params.metadata(record.data["metadata"])
    unit.changed(record)
    return record.data


@endpoint("POST", "/checkout/sessions/<session>/expire")
def expire_session(unit: Unit, params: Params, session: str) -> Json:
    """Close an open session: after this nobody can pay it."""
    params.only(())
    record = require(unit, "checkout.session", session, lock=True)
    if record.data["status"] != "open":
        raise refused(
            f"Only sessions with status open can be expired; this one is {record.data['status']}."
        )
    expire(unit, record)
    return record.data


@endpoint("GET", "/checkout/sessions/<session>/line_items")
def line_items(unit: Unit, params: Params, session: str) -> Json:
    """The session's lines."""
    params.only(PAGING)
    record = require(unit, "checkout.session", session)
    items: list[Json] = record.internal["line_items"]
    limit = params.integer("limit") or 10
    after = params.text("starting_after")
    start = next((i + 1 for i, item in enumerate(items) if item["id"] == after), 0)
    page = items[start : start + limit]
    url = f"/v1/checkout/sessions/{session}/line_items"
    return list_of(url, page, has_more=start + limit < len(items))
