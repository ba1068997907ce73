"""One request to the API: chaos, key, effects, answer and journal, in one transaction."""

import json
import logging
import time
from dataclasses import dataclass, field

from psycopg import Rollback

from sandbox import chaos, idempotency, journal
from sandbox.errors import ApiError
from sandbox.expansion import render
from sandbox.idempotency import Saved
from sandbox.params import Params
from sandbox.routing import Handler
from sandbox.shapes import Json
from sandbox.store import Caller, Store, Unit

log = logging.getLogger("sandbox")


@dataclass(frozen=True)
class Call:
    """A request as it came in; `ids` are the parts of the path."""

    method: str
    path: str
    caller: Caller
    params: Json
    fingerprint: str
    ids: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What to send back; `dropped` means that the connection breaks instead."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False


def execute(store: Store, call: Call, handler: Handler) -> Answer:
    """Run one request; its effects, its saved answer and its journal line commit together."""
    try:
        with store.transaction(call.caller) as unit:
            has_rules = bool(unit.settings.get("chaos", {}).get("rules"))
            rule = chaos.take(store, call.method, call.path) if has_rules else None
            if rule and rule.do in ("connection_error", "rate_limit_429", "fail_500_before"):
                return _refuse(unit, call, rule)
            return _run(unit, call, handler, rule)
    except Exception:
        log.exception("the sandbox failed on %s %s", call.method, call.path)
        return _broken(store, call)


def _refuse(unit: Unit, call: Call, rule: chaos.Rule) -> Answer:
    """The request goes wrong before anything began: nothing is saved under its key."""
    if rule.do == "connection_error":
        _journal(unit, call, None, None, rule.do)
        return Answer(0, "", dropped=True)
    limited = rule.do == "rate_limit_429"
    error = ApiError(
        429 if limited else 500,
        "invalid_request_error" if limited else "api_error",
        "Too many requests." if limited else "An unexpected error occurred.",
        code="rate_limit" if limited else None,
    )
    _journal(unit, call, error.status, None, rule.do)
    return Answer(error.status, json.dumps(error.body))


def _run(unit: Unit, call: Call, handler: Handler, rule: chaos.Rule | None) -> Answer:
    key = call.caller.idempotency_key
    note = rule.do if rule else None
    try:
        _check_account(unit)
        if key:
            idempotency.claim(unit, key)
            saved = idempotency.find(unit, key, call.path, call.fingerprint)
            if saved:
                _journal(unit, call, saved.status, _id_in(saved.response), "replayed")
                headers = {
                    "Idempotent-Replayed": "true",
                    "Original-Request": saved.request_id,
                }
                return Answer(saved.status, saved.response, headers)
    except ApiError as error:
        _journal(unit, call, error.status, None, note)
        return Answer(error.status, json.dumps(error.body))
    if rule and rule.do == "delay":
        time.sleep(rule.seconds)
    status, body, keep = _effects(unit, call, handler)
    if rule and rule.do == "fail_500_after":
        error_body = ApiError(500, "api_error", "An unexpected error occurred.").body
        status, body, keep = 500, json.dumps(error_body), True
    if key and keep:
        saved = Saved(status, body, call.caller.request_id)
        idempotency.save(unit, key, call.path, call.fingerprint, saved)
    dropped = bool(rule and rule.do == "drop_reply_after_effect")
    _journal(unit, call, None if dropped else status, _id_in(body), note)
    return Answer(status, body, dropped=dropped)


def _check_account(unit: Unit) -> None:
    account = unit.caller.account
    if account and unit.get(account) is None:
        raise ApiError(
            403,
            "invalid_request_error",
            f"The key has no access to account '{account}', or it does not exist.",
            code="account_invalid",
        )


def _effects(unit: Unit, call: Call, handler: Handler) -> tuple[int, str, bool]:
    """Status, body, and whether the answer is kept under the key."""
    params = Params(call.params)
    failure: ApiError | None = None
    body = ""
    with unit.connection.transaction():
        try:
            body = json.dumps(render(unit, handler(unit, params, **call.ids), params))
            unit.flush()
        except ApiError as error:
            failure = error
            if not error.keeps_effects:
                unit.forget()
                raise Rollback from None
            unit.flush()
    if failure:
        return failure.status, json.dumps(failure.body), failure.saved
    return 200, body, True


def _id_in(body: str) -> str | None:
    shown = json.loads(body) if body else {}
    value = shown.get("id") or shown.get("error", {}).get("charge")
    return value if isinstance(value, str) else None


def _journal(
    unit: Unit, call: Call, status: int | None, object_id: str | None, note: str | None
) -> None:
    journal.write(
        unit.connection,
        call.caller,
        call.method,
        call.path,
        call.params,
        status=status,
        object_id=object_id,
        note=note,
    )


def _broken(store: Store, call: Call) -> Answer:
    """A fault of the sandbox itself: the effects are gone, the 500 is kept under the key."""
    body = json.dumps(ApiError(500, "api_error", "The sandbox has a fault; see its log.").body)
    with store.transaction(call.caller) as unit:
        if call.caller.idempotency_key:
            saved = Saved(500, body, call.caller.request_id)
            key = call.caller.idempotency_key
            idempotency.save(unit, key, call.path, call.fingerprint, saved)
        _journal(unit, call, 500, None, "fault")
    return Answer(500, body)
