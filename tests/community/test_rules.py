"""Challenges stand where their days and their progress say; names are what is seen of them."""

from datetime import date

import pytest

from marketplace.community.rules import (
    Stage,
    bounds_of,
    is_lived,
    progress_bp,
    seen_name,
    share_bp,
    stage_of,
)

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


class TestStageOf:
    @pytest.mark.parametrize(
        ("today", "done", "stage"),
        [
            (date(2026, 10, 31), 9, Stage.AHEAD),
            (FIRST, 0, Stage.RUNNING),
            (FIRST, 5, Stage.REACHED),
            (LAST, 4, Stage.RUNNING),
            (date(2026, 12, 1), 4, Stage.NOT_REACHED),
            (date(2026, 12, 1), 5, Stage.REACHED),
        ],
    )
    def test_hangs_on_the_day_and_on_what_is_done(self, today, done, stage):
        assert stage_of(FIRST, LAST, today=today, done=done, goal=5) is stage


class TestProgress:
    def test_is_never_less_than_nothing_nor_more_than_all(self):
        assert [progress_bp(done, 300) for done in (-5, 0, 100, 300, 900)] == [
            0,
            0,
            3_333,
            10_000,
            10_000,
        ]


class TestShare:
    def test_is_rounded_down_and_needs_a_whole(self):
        assert share_bp(1, 3) == 3_333
        assert share_bp(1, 0) == 0
        assert share_bp(5, 3) == 10_000


class TestSeenName:
    def test_holds_nothing_that_hides_or_turns_letters(self):
        assert seen_name(" The\u202e evil \u200b\n team\x00 ") == "The evil team"
        assert seen_name("\u200b\u200b\u200b") == ""
        assert seen_name("Équipe d’été 🌻") == "Équipe d’été 🌻"


class TestYear:
    def test_is_one_that_somebody_could_have_bought_in(self):
        today = date(2026, 11, 22)
        assert [is_lived(year, today) for year in (2024, 2025, 2026, 2027)] == [
            False,
            True,
            True,
            False,
        ]

    def test_ends_where_the_next_begins(self):
        assert bounds_of(2025)[1] == bounds_of(2026)[0]
