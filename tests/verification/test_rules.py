"""What checks carry, and for how long."""

from datetime import date
from uuid import uuid4

import pytest

from marketplace.verification import rules
from marketplace.verification.rules import (
    BackedBy,
    Checked,
    ConcernState,
    Level,
    PaperKind,
    Result,
    Step,
)

TODAY = date(2026, 11, 22)
BASE = {Step.PERSONS, Step.SANCTIONS}


def checks(*steps, on=TODAY, result=Result.PASSED):
    return [Checked(step, result, on) for step in steps]


class TestEndsOn:
    @pytest.mark.parametrize(
        ("day", "end"),
        [
            (date(2026, 11, 22), date(2028, 11, 22)),
            (date(2024, 2, 29), date(2026, 2, 28)),
        ],
    )
    def test_is_two_years_on(self, day, end):
        assert rules.ends_on(day) == end


class TestLevelOf:
    @pytest.mark.parametrize(
        ("steps", "backed_by", "level"),
        [
            ((), None, None),
            ((Step.BANK, Step.REGISTER, Step.DOCUMENTS, Step.VISIT), None, None),
            (BASE, None, Level.DECLARED),
            ((*BASE, Step.BANK), None, Level.DECLARED),
            ((*BASE, Step.BANK, Step.REGISTER), None, Level.EXISTENCE),
            ((*BASE, Step.BANK, Step.DOCUMENTS), BackedBy.ORGANISATION, Level.DECLARED),
            ((*BASE, Step.BANK), BackedBy.GROUP, Level.DECLARED),
            ((*BASE, Step.BANK, Step.DOCUMENTS), BackedBy.GROUP, Level.DOCUMENTS),
            (tuple(Step), BackedBy.HOSTED_GROUP, Level.VISITED),
            ((*BASE, Step.VISIT), BackedBy.GROUP, Level.DECLARED),
        ],
    )
    def test_is_never_more_than_the_checks_carry(self, steps, backed_by, level):
        assert rules.level_of(checks(*steps), backed_by, TODAY) is level

    def test_counts_nothing_that_failed_or_is_too_old(self):
        bad = checks(Step.SANCTIONS, result=Result.FAILED)
        old = checks(Step.SANCTIONS, on=date(2024, 11, 21))
        for one in (bad, old):
            assert rules.level_of([*checks(Step.PERSONS), *one], None, TODAY) is None
        last_day = checks(*BASE, on=date(2024, 11, 22))
        assert rules.level_of(last_day, None, TODAY) is Level.DECLARED


class TestMissing:
    def test_names_what_nothing_is_opened_without(self):
        assert rules.missing([], TODAY) == [Step.PERSONS, Step.SANCTIONS]
        assert rules.missing(checks(Step.SANCTIONS), TODAY) == [Step.PERSONS]
        assert rules.missing(checks(*BASE), TODAY) == []


class TestValidUntil:
    def test_ends_with_the_oldest_check_that_the_level_stands_on(self):
        made = [
            *checks(Step.PERSONS, on=date(2026, 1, 5)),
            *checks(Step.SANCTIONS, on=TODAY),
            *checks(Step.VISIT, on=date(2025, 1, 5)),
        ]
        steps = rules.steps_for(Level.DECLARED, None)
        assert rules.valid_until(made, steps) == date(2028, 1, 5)


class TestPapers:
    def test_are_asked_for_by_kind(self):
        assert set(rules.PAPERS) == set(BackedBy)
        assert PaperKind.HOST_AGREEMENT in rules.PAPERS[BackedBy.HOSTED_GROUP]
        assert all(PaperKind.BANK_PROOF in asked for asked in rules.PAPERS.values())


class TestMayBecome:
    def test_lets_nothing_be_new_again(self):
        assert not any(rules.may_become(state, ConcernState.NEW) for state in ConcernState)
        assert rules.may_become(ConcernState.CLOSED, ConcernState.LOOKING)
        assert not rules.may_become(ConcernState.CLOSED, ConcernState.ANSWERED)


class TestConcernToken:
    def test_opens_one_concern_and_cannot_be_made_up(self):
        concern = uuid4()
        token = rules.concern_token("secret", concern)
        assert rules.read_concern_token("secret", token) == concern
        assert rules.read_concern_token("other", token) is None
        assert rules.read_concern_token("secret", str(concern)) is None
