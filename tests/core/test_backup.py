"""What PostgreSQL's own programs say when something went wrong."""

from marketplace.core.backup import UNKNOWN_BEFORE_17, what_went_wrong

NAMED = "pg_restore: while INITIALIZING:\n"
TIMEOUT = (
    "pg_restore: error: could not execute query: "
    'ERROR:  unrecognized configuration parameter "transaction_timeout"\n'
)
FULL = "pg_restore: error: could not execute query: ERROR:  could not extend file: No space left\n"
COUNTED = "pg_restore: warning: errors ignored on restore: 1\n"


class TestWhatWentWrong:
    def test_is_nothing_where_an_old_server_does_not_know_a_setting(self):
        assert what_went_wrong([NAMED, TIMEOUT, COUNTED], UNKNOWN_BEFORE_17) == ""

    def test_is_that_very_thing_where_the_server_should_know_it(self):
        assert what_went_wrong([NAMED, TIMEOUT, COUNTED]) == TIMEOUT.strip()

    def test_is_the_first_error_that_matters(self):
        said = [NAMED, TIMEOUT, FULL, COUNTED]
        assert what_went_wrong(said, UNKNOWN_BEFORE_17) == FULL.strip()

    def test_is_not_overlooked_where_nothing_was_said(self):
        """Killed, for example."""
        assert what_went_wrong([], UNKNOWN_BEFORE_17) == "it was ended"
        assert what_went_wrong([COUNTED], UNKNOWN_BEFORE_17) == "it was ended"
