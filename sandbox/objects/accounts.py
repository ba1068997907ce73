"""Connected accounts, and the links to the sandbox's own onboarding page."""

from sandbox.errors import invalid
from sandbox.listing import list_objects, list_of
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json, names, nulls
from sandbox.store import Record, Unit, new_id

LINK_SECONDS = 300
_TYPES = ("custom", "express", "standard")
_BUSINESS_TYPES = ("company", "government_entity", "individual", "non_profit")
_SENT = (
    *("business_type", "business_profile", "capabilities", "country", "default_currency"),
    *("email", "metadata", "tos_acceptance", "external_account", "company", "individual"),
    *("settings",),
)
_CURRENCIES = {"GB": "gbp", "CH": "chf", "US": "usd"}
_PROFILE = (
    "mcc name product_description support_address support_email support_phone support_url url"
)
_NO_REQUIREMENTS = names(
    "alternatives currently_due errors eventually_due past_due pending_verification"
)


def _requirements() -> Json:
    lists: Json = {name: [] for name in _NO_REQUIREMENTS}
    return lists | {"current_deadline": None, "disabled_reason": None}


def _settings() -> Json:
    payouts = {"delay_days": 2, "interval": "manual"}
    prefixes = "statement_descriptor_prefix statement_descriptor_prefix_kana"
    descriptors = "statement_descriptor statement_descriptor_kana statement_descriptor_kanji"
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            **nulls(prefixes),
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": nulls(descriptors),
        "payouts": {
            "debit_negative_balances": False,
            "schedule": payouts,
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


def _controller(kind: str) -> Json:
    return {
        "fees": {"payer": "application"},
        "is_controller": True,
        "losses": {"payments": "application"},
        "requirement_collection": "application" if kind == "custom" else "stripe",
        "stripe_dashboard": {"type": {"custom": "none", "standard": "full"}.get(kind, kind)},
        "type": "application",
    }


@endpoint("POST", "/accounts")
def create(unit: Unit, params: Params) -> Json:
    """Make a connected account; it can receive money once its requirements are met."""
    params.only(("type", "controller", *_SENT))
    kind = params.choice("type", _TYPES) or "express"
    country = (params.text("country") or "FR").upper()
    if len(country) != 2 or not country.isalpha():
        raise invalid(
            f"Country '{country}' is unknown.", param="country", code="country_unsupported"
        )
    data = _blank(unit, kind, country)
    if "default_currency" in params:
        data["default_currency"] = params.currency("default_currency")
    record = unit.add(data)
    _apply(record, params)
    return data


def _blank(unit: Unit, kind: str, country: str) -> Json:
    identifier = new_id("acct", 16)
    terms = nulls("date ip user_agent")
    return {
        "id": identifier,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "minority_owned_business_designation": None,
            **nulls(_PROFILE),
        },
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": _controller(kind),
        "country": country,
        "created": unit.now,
        "default_currency": _CURRENCIES.get(country, "eur"),
        "details_submitted": False,
        "email": None,
        "external_accounts": list_of(f"/v1/accounts/{identifier}/external_accounts", []),
        "future_requirements": _requirements(),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": _requirements(),
        "settings": _settings(),
        "tos_acceptance": terms if kind == "custom" else {},
        "type": kind,
    }


def _apply(record: Record, params: Params) -> None:
    """Take over what a request sent, and work out what is still due."""
    data = record.data
    if "business_type" in params:
        data["business_type"] = params.choice("business_type", _BUSINESS_TYPES)
    if "email" in params:
        data["email"] = params.text("email")
    profile = params.nested("business_profile")
    profile.only(names(_PROFILE))
    for name in profile.names():
        data["business_profile"][name] = profile.raw(name) or None
    capabilities = params.nested("capabilities")
    for name in capabilities.names():
        if capabilities.nested(name).flag("requested"):
            data["capabilities"].setdefault(name, "inactive")
    data["metadata"] = params.metadata(data["metadata"])
    terms = params.nested("tos_acceptance")
    if "date" in terms:
        data["tos_acceptance"] = {
            "date": terms.integer("date"),
            "ip": terms.text("ip"),
            "user_agent": terms.text("user_agent"),
        }
    if "external_account" in params:
        _add_bank(record, params)
    update_requirements(record)


def _add_bank(record: Record, params: Params) -> None:
    bank = params.nested("external_account")
    number = bank.required("account_number")
    add_bank_account(record, number[-4:], bank.text("account_holder_name"))


def add_bank_account(record: Record, last4: str, holder: str | None) -> None:
    """Give an account the bank account that its payouts go to."""
    data = record.data
    account: Json = {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": record.id,
        "account_holder_name": holder,
        "account_holder_type": None,
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "SANDBOX TEST BANK",
        "country": data["country"],
        "currency": data["default_currency"],
        "default_for_currency": True,
        "fingerprint": f"bank{last4}",
        "last4": last4,
        "metadata": {},
        "routing_number": None,
        "status": "new",
    }
    data["external_accounts"]["data"] = [account]


def update_requirements(record: Record) -> None:
    """Work out what is due, and what the account may do when nothing is."""
    data = record.data
    present = {
        "business_type": data["business_type"],
        "business_profile.name": data["business_profile"]["name"],
        "external_account": data["external_accounts"]["data"],
        "tos_acceptance.date": data["tos_acceptance"].get("date")
        or (data["details_submitted"] and data["type"] != "custom"),
    }
    due = [name for name, value in present.items() if not value]
    data["requirements"] |= {
        "currently_due": due,
        "eventually_due": list(due),
        "past_due": list(due),
        "disabled_reason": "requirements.past_due" if due else None,
    }
    data["details_submitted"] = data["details_submitted"] or not due
    data["payouts_enabled"] = not due
    for name in data["capabilities"]:
        data["capabilities"][name] = "inactive" if due else "active"
    data["charges_enabled"] = data["capabilities"].get("card_payments") == "active"


def onboard(unit: Unit, record: Record, name: str, business_type: str, last4: str) -> None:
    """The owner of a locked account filled in the onboarding page."""
    data = record.data
    keys = ("details_submitted", "payouts_enabled", "charges_enabled", "business_type")
    before: Json = {key: data[key] for key in keys}
    before["capabilities"] = dict(data["capabilities"])
    data["business_type"] = business_type
    data["business_profile"]["name"] = name
    add_bank_account(record, last4, name)
    if data["type"] == "custom":
        data["tos_acceptance"] = {"date": unit.now, "ip": "127.0.0.1", "user_agent": None}
    data["details_submitted"] = True
    data["capabilities"].setdefault("transfers", "inactive")
    update_requirements(record)
    unit.changed(record)
    unit.emit("account.updated", record, before=before, account=record.id)


@endpoint("GET", "/accounts")
def list_accounts(unit: Unit, params: Params) -> Json:
    """The platform's connected accounts."""
    return list_objects(unit, params, "account", "/v1/accounts")


@endpoint("GET", "/accounts/<account>")
def retrieve(unit: Unit, params: Params, account: str) -> Json:
    """One connected account."""
    params.only(())
    return require(unit, "account", account).data


@endpoint("POST", "/accounts/<account>")
def update(unit: Unit, params: Params, account: str) -> Json:
    """Change what is known about a connected account."""
    params.only(_SENT)
    record = require(unit, "account", account, lock=True)
    before = {name: record.data[name] for name in params.names() if name in record.data}
    _apply(record, params)
    unit.changed(record)
    unit.emit("account.updated", record, before=before, account=record.id)
    return record.data


@endpoint("POST", "/account_links")
def create_link(unit: Unit, params: Params) -> Json:
    """A link, good for five minutes, to the onboarding page of an account."""
    params.only(("account", "refresh_url", "return_url", "type", "collection_options", "collect"))
    record = require(unit, "account", params.required("account"), lock=True, param="account")
    if params.choice("type", ("account_onboarding", "account_update")) is None:
        raise params.absent("type")
    token = new_id("link", 32)
    record.internal["links"] = {
        token: {
            "return_url": params.required("return_url"),
            "refresh_url": params.required("refresh_url"),
            "expires_at": unit.now + LINK_SECONDS,
        }
    }
    unit.changed(record)
    return {
        "object": "account_link",
        "created": unit.now,
        "expires_at": unit.now + LINK_SECONDS,
        "url": f"{unit.public_url}/onboard/{record.id}/{token}",
    }
