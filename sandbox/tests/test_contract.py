"""Every object that the sandbox shows, against the SDK's typed classes and recorded ones."""

import functools
import importlib
import inspect
import json
import typing
from pathlib import Path

import pytest
import stripe
from stripe._object_classes import OBJECT_CLASSES

from sandbox.shapes import names
from sandbox.store import Store
from sandbox.tests.conftest import card_form

RECORDED = (
    Path(__file__).resolve().parents[3] / "shared/data/3-stripe/openapi-fixtures-objects.json"
)
KINDS = names(
    "account balance_transaction charge checkout.session dispute payment_intent payment_method"
    " payout refund transfer transfer_reversal event account_link balance item price bank_account"
)


@functools.cache
def class_of(kind: str) -> type:
    module, name = OBJECT_CLASSES[kind]
    return getattr(importlib.import_module(module), name)


def hints(cls: type) -> dict[str, object]:
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, stripe.StripeObject) and base.__module__ != "stripe._stripe_object":
            found |= inspect.get_annotations(base)
    return {key: value for key, value in found.items() if key.islower()}


def inner_class(hint: object) -> type | None:
    """The nested class of the SDK that a field holds, if it is one."""
    for part in (hint, *typing.get_args(hint)):
        if isinstance(part, type) and issubclass(part, stripe.StripeObject):
            return part if hints(part) else None
    return None


def is_optional(hint: object) -> bool:
    return type(None) in typing.get_args(hint) or "NotRequired" in str(hint)


def is_object(value: object) -> bool:
    return isinstance(value, dict) and str(value.get("object")) in OBJECT_CLASSES


def problems(data: object, cls: type, path: str) -> list[str]:
    """Fields that Stripe does not have, and required ones that are missing, all the way down."""
    if isinstance(data, list):
        return [p for item in data for p in problems(item, cls, path)]
    if not isinstance(data, dict):
        return []
    if is_object(data):
        cls = class_of(data["object"])
    known = hints(cls)
    found = [f"{path}.{key} is invented" for key in data if key not in known and key != "object"]
    found += [
        f"{path}.{key} is missing"
        for key, hint in known.items()
        if key not in data and not is_optional(hint)
    ]
    for key, value in data.items():
        inner = inner_class(known.get(key))
        if value is None and key in known and not is_optional(known[key]):
            found.append(f"{path}.{key} is null")
        if inner or is_object(value):
            found += problems(value, inner or stripe.StripeObject, f"{path}.{key}")
        elif isinstance(value, dict) and value.get("object") == "list":
            for item in value["data"]:
                found += problems(item, class_of(item["object"]), f"{path}.{key}[]")
    return found


@pytest.fixture
def world(v1, pay, session, account, browser, control, store: Store) -> dict[str, list[dict]]:
    """At least one object of each kind, in several states."""
    maker = account()
    pay(card="pm_card_createDispute")
    pay(card="pm_card_threeDSecure2Required", return_url="http://shop.test")
    pay(1000, capture_method="manual")
    with pytest.raises(stripe.CardError):
        pay(card="pm_card_visa_chargeDeclined")
    paid = session(customer_email="ada@example.org")
    browser.post(paid.url.removeprefix("http://pay.test"), data=card_form())
    v1.checkout.sessions.expire(session().id)
    intent = pay(card="pm_card_refundFail")
    v1.refunds.create(params={"payment_intent": intent.id, "amount": 100})
    params = {"amount": 4000, "currency": "eur", "destination": maker}
    moved = v1.transfers.create(params=params | {"source_transaction": intent.latest_charge})
    v1.transfers.reversals.create(moved.id, params={"amount": 100})
    pay(50_000, card="pm_card_bypassPending")
    v1.payouts.create(params={"amount": 100, "currency": "eur"})
    failed = v1.payouts.create(params={"amount": 100, "currency": "eur"})
    control(f"payouts/{failed.id}", status="failed")
    control("clock", advance=3601)
    urls = {"return_url": "http://shop.test", "refresh_url": "http://shop.test"}
    link = v1.account_links.create(params={"account": maker, "type": "account_onboarding", **urls})
    with store.connection() as connection:
        stored = [row[0] for row in connection.execute("SELECT data FROM sandbox.object")]
        events = [row[0] for row in connection.execute("SELECT data FROM sandbox.event")]
    lines = v1.checkout.sessions.line_items.list(paid.id).to_dict()["data"]
    extra = [link.to_dict(), v1.balance.retrieve().to_dict(), *lines, lines[0]["price"]]
    theirs = v1.accounts.retrieve(maker).to_dict()["external_accounts"]["data"]
    gathered: dict[str, list[dict]] = {}
    for item in [*stored, *events, *extra, *theirs]:
        gathered.setdefault(item["object"], []).append(item)
    return gathered


class TestEveryObject:
    def test_has_the_fields_of_the_sdk_and_no_others(self, world):
        assert set(KINDS) <= set(world)
        found = {
            problem
            for kind, items in world.items()
            for item in items
            for problem in problems(item, class_of(kind), kind)
        }
        assert found == set()

    def test_is_made_by_the_sdk_into_its_class(self, v1, pay):
        assert type(pay()) is stripe.PaymentIntent
        assert type(v1.charges.list().data[0]) is stripe.Charge

    def test_names_its_events_as_the_sdk_does(self, world):
        from stripe._event import Event

        known = set(typing.get_args(hints(Event)["type"]))
        assert {event["type"] for event in world["event"]} <= known

    @pytest.mark.field
    @pytest.mark.skipif(
        not RECORDED.exists(), reason="the recorded objects are not on this machine"
    )
    @pytest.mark.parametrize("kind", KINDS)
    def test_has_all_fields_that_stripe_recorded(self, world, kind):
        recorded = json.loads(RECORDED.read_text())
        example = recorded.get("resources", recorded).get(kind)
        if example is None:
            pytest.skip(f"no recorded {kind}")
        not_here = {
            "charge": {"source", "authorization_code", "refunds"},
            "checkout.session": {"payment_link", "shipping_cost"},
        }.get(kind, set())
        known = set(hints(class_of(kind)))
        wanted = {key for key in example if key in known} - not_here
        for item in world[kind]:
            assert wanted - set(item) - _rarely(kind) == set()


def _rarely(kind: str) -> set[str]:
    """Fields that Stripe shows only for features that the sandbox does not have."""
    return {
        "payment_intent": {"managed_payments", "payment_method_configuration_details"},
        "checkout.session": {"managed_payments", "integration_identifier"},
        "bank_account": {"customer"},
    }.get(kind, set())
