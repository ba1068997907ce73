"""Days in words."""

from datetime import UTC, date, datetime

import pytest

from marketplace.core.days import long_day, long_moment


class TestLongDay:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", "1 March 2026"), ("fr", "1er mars 2026"), ("it", "1 marzo 2026")],
    )
    def test_begins_with_the_day_as_each_language_writes_it(self, language, words):
        assert long_day(date(2026, 3, 1), language) == words
        assert long_day(date(2026, 3, 11), language).startswith("11 ")


class TestLongMoment:
    def test_has_the_time_behind_the_day(self):
        moment = datetime(2026, 3, 1, 18, 42, tzinfo=UTC)
        assert long_moment(moment, "fr") == "1er mars 2026, 18:42"
