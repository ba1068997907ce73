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

        broken = _ask_all(market, known, choose)
        assert not broken, "\n".join(broken)

    @pytest.mark.field
    @needs_field_data
    def test_with_any_nonsense_is_no_accident(self, market, known):
        every = [*CURSORS, *(quote(one) for one in VALUES), *RAW]
        broken = _ask_all(market, known, lambda *_: every)
        assert not broken, "\n".join(broken)

    @pytest.mark.parametrize("number", ["9" * 30, "0", str(2**31), str(2**63)])
    def test_with_a_number_that_no_row_has_is_no_accident(self, app, market, known, number):
        market.broken.clear()
        places = steps.places_of(market, known[0])
        for rule in app.url_map.iter_rules():
            if "<int:" in rule.rule and "GET" in rule.methods:
                for who, path in places(rule.rule, number):
                    market.open(who, path)
        assert not market.broken, "\n".join(market.broken)

    @pytest.mark.field
    @needs_field_data
    def test_of_things_that_are_not_there_is_no_accident(self, app, market):
        market.broken.clear()
        odd = ["%00", "%FF", "\u00b2", "x" * 3_000, "-1", "..%2f..", "%0d%0aX:y", "CON"]
        for rule in app.url_map.iter_rules():
            if "<" not in rule.rule or "GET" not in rule.methods:
                continue
            for who in ("", steps.world.OPERATOR):
                for value in odd:
                    ids = re.sub(r"<uuid:\w+>", steps.SOME_ID, rule.rule)
                    ids = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", ids)
                    market.open(who, re.sub(r"<[^>]+>", value, ids))
        assert not market.broken, "\n".join(market.broken)


BODIES = (b"[" * 5_000, b'{"a":"\\ud800\\u0000"}', b"", b"{", b"\xff\xfe", b"[1]")


class TestForm:
    """Every route that takes something, as each person who comes so far."""

    def test_with_nonsense_is_no_accident(self, market, known):
        for who, path, names in self._places(market, known):
            value = VALUES[len(path) % len(VALUES)]
            market.post(who, path, data=dict.fromkeys(names, f"{value}nul\x00"))
            market.post(who, path, data=BODIES[1], content_type="application/json")
        assert not market.broken, "\n".join(market.broken)

    @pytest.mark.field
    @needs_field_data
    def test_with_any_nonsense_is_no_accident(self, market, known):
        for who, path, names in self._places(market, known):
            market.post(who, path)
            for number in range(FEW):
                value = VALUES[(number * 7 + len(path)) % len(VALUES)]
                market.post(who, path, data=dict.fromkeys(names, value))
            market.post(who, path, data={name: ["1", "x", ""] * 60 for name in names})
            file = (b"\x00", "a\x00.png")
            market.post(who, path, data={name: (BytesIO(file[0]), file[1]) for name in names[:FEW]})
            for body in BODIES:
                market.post(who, path, data=body, content_type="application/json")
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
