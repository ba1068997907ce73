"""No address and no form breaks the house, whatever it is given.

Each parameter gets a few of the values that nobody meant, other ones than its neighbours get; with
`FAULTS=long` (`make faults`) it gets all.
"""

import os
import re
from io import BytesIO
from itertools import count
from urllib.parse import quote

import pytest

from tests.browser.hostile import steps
from tests.browser.hostile.crawl import walk
from tests.browser.hostile.nonsense import CURSORS, RAW, VALUES, watched

ALWAYS = {"csrf_token", "lang"}
IS_LONG = os.environ.get("FAULTS") == "long"
FEW = 5


def _some(values, place):
    """Return what is tried at a place: a few, beginning with another one at each; or all."""
    return (
        values if IS_LONG else [values[(place * FEW + more) % len(values)] for more in range(FEW)]
    )


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


class TestAddress:
    def test_with_nonsense_is_no_accident(self, market, known):
        market.broken.clear()
        values = [*(quote(one) for one in VALUES), *RAW]
        place = count()
        for who, path, names in _addresses(market, known):
            for name in names:
                given = [*CURSORS, *RAW] if name in ("after", "before") else values
                for value in _some(given, next(place)):
                    market.open(who, f"{path}?{name}={value}")
        assert not market.broken, "\n".join(market.broken)

    @pytest.mark.parametrize("number", ["9" * 30, "0", str(2**31), str(2**63)])
    def test_with_a_number_that_no_row_has_is_no_accident(self, app, market, known, number):
        market.broken.clear()
        places = steps.places_of(market, known[0])
        for rule in app.url_map.iter_rules():
            if "<int:" in rule.rule and "GET" in rule.methods:
                for who, path in places(rule.rule, number):
                    market.open(who, path)
        assert not market.broken, "\n".join(market.broken)

    def test_of_things_that_are_not_there_is_no_accident(self, app, market):
        market.broken.clear()
        odd = ["%00", "%FF", "\u00b2", "x" * 3_000, "-1", "..%2f..", "%0d%0aX:y", "CON"]
        rules = sorted(one.rule for one in app.url_map.iter_rules() if "GET" in one.methods)
        for place, rule in enumerate(one for one in rules if "<" in one):
            ids = re.sub(r"<uuid:\w+>", steps.SOME_ID, rule)
            ids = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", ids)
            for value in _some(odd, place):
                for who in ("", steps.world.OPERATOR):
                    market.open(who, re.sub(r"<[^>]+>", value, ids))
        assert not market.broken, "\n".join(market.broken)


BODIES = (b"[" * 5_000, b'{"a":"\\ud800\\u0000"}', b"", b"{", b"\xff\xfe", b"[1]")


class TestForm:
    """Every route that takes something, as each person who comes so far."""

    def test_with_nonsense_is_no_accident(self, market, known):
        for place, (who, path, names) in enumerate(self._places(market, known)):
            market.post(who, path)
            for value in _some(VALUES, place)[: 1 + IS_LONG * len(VALUES)]:
                market.post(who, path, data=dict.fromkeys(names, f"{value}nul\x00"))
                market.post(who, path, data=dict.fromkeys(names, value))
            for body in _some(BODIES, place)[: 1 + IS_LONG * len(BODIES)]:
                market.post(who, path, data=body, content_type="application/json")
            market.post(who, path, data={name: ["1", "x", ""] * 60 for name in names})
            files = {name: (BytesIO(b"\x00"), "a\x00.png") for name in names[:FEW]}
            market.post(who, path, data=files)
        assert not market.broken, "\n".join(market.broken)

    @staticmethod
    def _places(market, known):
        answers, read = known
        market.broken.clear()
        places = steps.places_of(market, answers)
        rules = {one.rule for one in market.app.url_map.iter_rules() if "POST" in one.methods}
        for rule in sorted(rules - steps.ENDS_SESSIONS):
            for who, path in places(rule):
                yield who, path, sorted(read.get(rule, set()) - ALWAYS) or ["x"]
