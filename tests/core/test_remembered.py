"""What a process keeps of answers, for a moment."""

import pytest

from marketplace.core import remembered
from marketplace.core.remembered import Remembered


@pytest.fixture
def asked():
    """Return the list of what was asked, and the question."""
    log = []

    def ask(of, *, for_whom=""):
        log.append((of, for_whom))
        return len(log)

    return log, Remembered(ask)


@pytest.fixture
def kept():
    """Let answers be kept during a test."""
    remembered.keep_for(60)
    yield
    remembered.keep_for(0)


class TestRemembered:
    @pytest.mark.usefixtures("kept")
    def test_asks_once_in_a_while(self, asked):
        _log, ask = asked
        assert [ask("a"), ask("a")] == [1, 1]

    @pytest.mark.usefixtures("kept")
    def test_keeps_an_answer_for_what_was_asked_with(self, asked):
        log, ask = asked
        assert [ask("a"), ask("b"), ask("a", for_whom="c"), ask("b")] == [1, 2, 3, 2]
        assert log == [("a", ""), ("b", ""), ("a", "c")]

    def test_asks_each_time_where_nothing_is_kept(self, asked):
        _log, ask = asked
        assert [ask("a"), ask("a")] == [1, 2]

    def test_forgets_when_keeping_ends(self, asked, kept):
        _log, ask = asked
        assert [ask("a"), ask("a")] == [1, 1]
        remembered.keep_for(0)
        assert ask("a") == 2
