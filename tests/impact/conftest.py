"""Projects of two causes to which money was given."""

import pytest

from marketplace.ledger.rules import CLEARING, Entry, Kind
from tests.factories import make_cause, make_project
from tests.impact.test_queries import available, in_flight, pending, post


@pytest.fixture
def world(db):
    """Give to three projects of two causes, pay one out, and to one in another currency."""
    water, school = make_cause(sdg=6), make_cause(sdg=4)
    made = {
        "wells": make_project(cause_id=water.id, sdgs=[6, 3], country="KE"),
        "taps": make_project(cause_id=water.id, sdgs=[6], country="IT"),
        "books": make_project(cause_id=school.id, sdgs=[4], country="KE"),
        "hidden": make_project(cause_id=water.id, sdgs=[6], country="KE", state="proposed"),
        "yen": make_project(cause_id=water.id, sdgs=[6], country="KE", currency="JPY"),
    }
    for name, minor in (("wells", 500), ("taps", 300), ("books", 200)):
        post(Kind.CAPTURE, Entry(CLEARING, pending(made[name]), minor))
    wells = made["wells"]
    post(Kind.RELEASE, Entry(pending(wells), available(wells), 400))
    post(Kind.PAYOUT, Entry(available(wells), in_flight(wells), 150))
    post(Kind.PAYOUT_SETTLED, Entry(in_flight(wells), CLEARING, 150))
    post(Kind.CAPTURE, Entry(CLEARING, pending(made["yen"]), 9_000), currency="JPY")
    return made | {"water": water, "school": school}
