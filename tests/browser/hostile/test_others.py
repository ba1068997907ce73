"""The same with what others gathered: naughty strings, and payloads for everything that parses."""

import os

import pytest

from tests.browser.hostile import test_hostile
from tests.browser.hostile.payloads import Pen, of_others
from tests.browser.hostile.test_hostile import answers, written
from tests.field import needs_field_data

__all__ = ["answers", "written"]

pytestmark = [pytest.mark.field, needs_field_data]
TIMES = 3 if os.environ.get("FAULTS") == "long" else 1
"""How many fields a payload goes into at least."""


@pytest.fixture(scope="module")
def pen():
    """Return what writes."""
    return Pen(of_others())


class TestTextOfOthers(test_hostile.TestHostileText):
    """What others gathered does nothing, either."""

    def test_goes_into_several_fields(self, written, pen):
        found = [payload for payload, uses in pen.uses.items() if uses < TIMES]
        assert not found, "\n".join(found)
