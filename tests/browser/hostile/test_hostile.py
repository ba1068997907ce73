"""What people write is shown, sent and exported as they wrote it, and does nothing."""

import os

import pytest

from tests.browser.hostile import steps
from tests.browser.hostile.crawl import walk
from tests.browser.hostile.fields import LEFT_OUT, fields_for_words
from tests.browser.hostile.log import log_of, wrong_with_line
from tests.browser.hostile.payloads import CALL, OWN, Pen, of_others
from tests.browser.hostile.sinks import wrong_with, wrong_with_letter
from tests.browser.hostile.window import windows
from tests.field import needs_field_data

FORMS_COMPARED = 20
TIMES = 3 if os.environ.get("FAULTS") == "long" else 1
"""How many fields a payload of others goes into at least."""
HEADERS = {
    "subject", "from", "to", "date", "message-id", "auto-submitted", "list-unsubscribe",
    "list-unsubscribe-post", "list-id", "reply-to", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip


@pytest.fixture(scope="module")
def pen():
    """Return what writes: ours, and where the field data is, what others gathered."""
    return Pen(OWN, of_others())


@pytest.fixture(scope="module")
def written(market, pen):
    """Return the market after everything was written everywhere."""
    with market.listening(pen), log_of(market.app, market.logged):
        steps.write_everywhere(market, pen)
        steps.run_jobs(market)
    return market


@pytest.fixture(scope="module")
def answers(written):
    """Return an answer of each address that leads anywhere, for each person."""
    return walk(written, steps.starts_of(written), samples=1)


class TestHostileText:
    def test_breaks_nothing(self, written):
        assert not written.broken, "\n".join(written.broken)

    def test_leaves_every_answer_whole(self, answers):
        found = [
            f"{path} ({who}): {problem}"
            for (who, path), answer in answers.items()
            for problem in wrong_with(answer)
        ]
        assert not found, "\n".join(found)

    def test_does_nothing_in_a_browser(self, answers, written, chromium):
        found = []
        with windows(chromium, written) as window_of:
            for (who, path), answer in answers.items():
                if answer.mimetype == "text/html" and CALL in answer.text:
                    found += window_of(who).look_at(path)
        assert not found, "\n".join(found)

    def test_leaves_letters_whole(self, written):
        letters = written.app.extensions["post"].letters
        assert letters
        found = [
            f"{letter['Subject']}: {problem}"
            for letter in letters
            for problem in wrong_with_letter(letter, HEADERS)
        ]
        assert not found, "\n".join(found)

    def test_comes_back_as_it_was_written(self, written):
        """In a form that was refused, and in the one with which it can be changed."""
        assert written.compared > FORMS_COMPARED
        assert not written.lost, "\n".join(written.lost)

    def test_stands_in_the_log_on_one_line(self, written):
        assert written.logged
        found = [problem for line in written.logged for problem in wrong_with_line(line)]
        assert not found, "\n".join(found)

    def test_goes_into_each_field_for_words(self, written):
        left = sorted(fields_for_words() - LEFT_OUT.keys() - written.covered)
        assert not left, (
            "these fields get no hostile words: lead to their forms from a page of "
            "tests/browser/addresses.py, or add a step to tests/browser/hostile/steps.py\n"
            + "\n".join([*left, "what stopped us:", *written.stuck])
        )

    def test_is_all_written_somewhere(self, written, pen):
        left = [payload for payload in pen.ours if not pen.uses[payload]]
        assert not left, "\n".join(left)

    @pytest.mark.field
    @needs_field_data
    def test_of_others_is_written_into_as_many_fields_as_asked(self, written, pen):
        left = [payload for payload in pen.theirs if pen.uses[payload] < TIMES]
        assert pen.theirs
        assert not left, "\n".join(left)
