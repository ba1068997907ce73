"""The chaos dial: rules that make chosen requests go wrong, and dials for webhooks."""

import re
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from sandbox.shapes import Json
from sandbox.store import Store

ACTIONS = (
    "drop_reply_after_effect",
    "delay",
    "fail_500_before",
    "fail_500_after",
    "rate_limit_429",
    "connection_error",
)
_WEBHOOK_DIALS = ("duplicate", "reorder", "hold", "drop", "types")


@dataclass(frozen=True)
class Rule:
    """What to do to one request; `seconds` is for `delay`."""

    do: str
    seconds: float = 0.0


class BadDial(ValueError):
    """The control surface was given a rule or dial that does not exist."""


def checked(dials: Json) -> Json:
    """The dials as they are stored.

    :raises BadDial: an unknown action, field or regular expression.
    """
    rules = []
    for rule in dials.get("rules", []):
        if rule.get("do") not in ACTIONS:
            raise BadDial(f"do must be one of {', '.join(ACTIONS)}")
        if set(rule) - {"match", "method", "do", "times", "seconds"}:
            raise BadDial("a rule has match, method, do, times and seconds")
        re.compile(rule.get("match", ""))
        rules.append({"match": "", "method": None, "times": 1, "seconds": 0.5, **rule})
    webhooks = dials.get("webhooks", {})
    if set(webhooks) - set(_WEBHOOK_DIALS):
        raise BadDial(f"the webhook dials are {', '.join(_WEBHOOK_DIALS)}")
    return {"rules": rules, "webhooks": webhooks}


def take(store: Store, method: str, path: str) -> Rule | None:
    """The first rule that matches, used up once in its own transaction: no rollback restores it."""
    with store.connection() as connection, connection.transaction():
        row = connection.execute(
            "SELECT value FROM sandbox.setting WHERE key = 'chaos' FOR UPDATE"
        ).fetchone()
        if row is None:
            return None
        for rule in row[0]["rules"]:
            if rule["times"] < 1 or not re.search(rule["match"], path):
                continue
            if rule["method"] and rule["method"].upper() != method:
                continue
            rule["times"] -= 1
            row[0]["rules"] = [r for r in row[0]["rules"] if r["times"] > 0]
            connection.execute(
                "UPDATE sandbox.setting SET value = %s WHERE key = 'chaos'", (Jsonb(row[0]),)
            )
            return Rule(rule["do"], float(rule["seconds"]))
    return None
