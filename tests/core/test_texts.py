"""Dates and shares as each language writes them."""

from datetime import UTC, date, datetime

import pytest

from marketplace.core.web.texts import long_date, long_time, percent, short_day

FIRST = date(2026, 11, 1)


@pytest.fixture(params=["en", "fr", "it"])
def language(request, app):
    """Return a language that a page is read in."""
    with app.test_request_context(f"/{request.param}/", environ_base={}) as context:
        context.request.environ["causeway.language"] = request.param
        yield request.param


class TestLongDate:
    def test_has_its_own_first_of_a_month_in_french(self, language):
        said = {"en": "1 November 2026", "fr": "1er novembre 2026", "it": "1 novembre 2026"}
        assert long_date(FIRST) == said[language]

    def test_leaves_the_other_days_alone(self, language):
        assert long_date(date(2026, 5, 11))[:3] == "11 "
        assert long_date(None) == ""


class TestLongTime:
    def test_begins_as_the_date_does(self, language):
        moment = datetime(2026, 11, 1, 8, 5, tzinfo=UTC)
        assert long_time(moment) == f"{long_date(FIRST)}, 08:05"


class TestShortDay:
    def test_leaves_the_year_out(self, language):
        said = {"en": "17 Sep", "fr": "17 sept.", "it": "17 set"}
        assert short_day(date(2026, 9, 17)) == said[language]


class TestPercent:
    def test_keeps_the_sign_on_the_line_in_french(self, language):
        said = {"en": "7.5%", "fr": "7,5\N{NO-BREAK SPACE}%", "it": "7,5%"}
        assert percent(750) == said[language]
