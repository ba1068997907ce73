"""No address and no form breaks the house, whatever it is given."""

import re
from io import BytesIO
from urllib.parse import quote

import pytest

from tests.browser.hostile import steps
from tests.browser.hostile.crawl import walk
from tests.browser.hostile.nonsense import CURSORS, RAW, VALUES, watched
from tests.field import needs_field_data

ALWAYS = {"csrf_token", "lang"}
FEW = 4
"""So many of what could be given go into each parameter where not all are tried."""


@pytest.fixture(scope="module")
def known(market):
    """Return an address of each route for each person, and what each route reads."""
    with watched(market) as read:
        answers = walk(market, steps.starts_of(market), samples=1)
        for who, path in list(answers):
            if "?" not in path:
                market.open(who, f"{path}?unknown=1")
    return answers, read


def _addresses(market, known):
    """Give each route once, as the first who may read it."""
    answers, read = known
    seen = set()
    for (who, path), answer in answers.items():
        rule = market.rule_of(path)
        if answer.status_code < 400 and rule not in seen:
            seen.add(rule)
            yield who, path.split("?")[0], sorted(read.get(rule, set()) - ALWAYS)


def _ask_all(market, known, choose):
    market.broken.clear()
    for who, path, names in _addresses(market, known):
        for place, name in enumerate(names):
            for value in choose(name, place + len(path)):
                market.open(who, f"{path}?{name}={value}")
    return market.broken


class TestAddress:
    def test_with_nonsense_is_no_accident(self, market, known):
        def choose(name, place):
            given = CURSORS if name in ("after", "before") else [quote(one) for one in VALUES]
            return [(given * 2)[(place * FEW + more) % len(given)] for more in range(FEW)]

        assert _ask_all(market, known, choose) == []

    @pytest.mark.field
    @needs_field_data
    def test_with_any_nonsense_is_no_accident(self, market, known):
        every = [*CURSORS, *(quote(one) for one in VALUES), *RAW]
        assert _ask_all(market, known, lambda *_: every) == []

    def test_of_things_that_are_not_there_is_no_accident(self, app, market):
        market.broken.clear()
        odd = ["%00", "%FF", "\u00b2", "x" * 3_000, "-1", "9" * 30, "..%2f..", "%0d%0aX:y", "CON"]
        for rule in app.url_map.iter_rules():
            if "<" not in rule.rule or "GET" not in rule.methods:
                continue
            for who in ("", steps.world.OPERATOR):
                for value in odd if "int" in rule.rule or who else odd[:3]:
                    ids = re.sub(r"<uuid:\w+>", steps.SOME_ID, rule.rule)
                    ids = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", ids)
                    market.open(who, re.sub(r"<[^>]+>", value, ids))
        assert market.broken == []


class TestForm:
    def test_with_nonsense_is_no_accident(self, app, market, known):
        """Every route that takes something, as each person who comes so far."""
        market.broken.clear()
        places = steps.places_of(market, known[0])
        read = known[1]
        for rule in sorted({one.rule for one in app.url_map.iter_rules() if "POST" in one.methods}):
            if rule in steps.ENDS_SESSIONS:
                continue
            for who, path in places(rule):
                market.post(who, path)
                names = sorted(read.get(rule, set()) - ALWAYS) or ["x"]
                for number in range(FEW):
                    value = VALUES[(number * 7 + len(path)) % len(VALUES)]
                    market.post(who, path, data=dict.fromkeys(names, value))
                market.post(who, path, data=dict.fromkeys(names, "nul\x00"))
                market.post(who, path, data={name: ["1", "x", ""] * 60 for name in names})
                market.post(
                    who, path, data={name: (BytesIO(b"\x00"), "a\x00.png") for name in names[:4]}
                )
                for body in (
                    b"",
                    b"{",
                    b"[" * 5_000,
                    b'{"a":"\\ud800\\u0000"}',
                    b"\xff\xfe",
                    b"[1]",
                ):
                    market.post(who, path, data=body, content_type="application/json")
        assert market.broken == []
