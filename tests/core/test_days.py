"""Days as people write them, and in words."""

from datetime import UTC, date, datetime

import pytest

from marketplace.core.days import long_day, long_moment, read_day


class TestReadDay:
    @pytest.mark.parametrize("text", ["2026-03-12", "12/03/2026", " 12.3.2026 "])
    def test_reads_what_people_write(self, text):
        assert read_day(text) == date(2026, 3, 12)

    @pytest.mark.parametrize(
        "text",
        ["", "soon", "1/2", "99/99/2026", "0001-01-01", "9999-12-31", "20226-03-12", "1.1.0206"],
    )
    def test_takes_no_nonsense(self, text):
        assert read_day(text) is None


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
