"""Tasks: known by one name, run inside the app, their failures told and passed on."""

import procrastinate
import pytest
from structlog.testing import capture_logs

from marketplace.core import worker
from marketplace.core.db import NestedTransaction, atomic, session


@pytest.fixture
def tasks(monkeypatch):
    known = {}
    monkeypatch.setattr(worker, "TASKS", known)
    return known


def queue(app):
    return worker.make_queue(app, app.config["SETTINGS"].database_url)


class TestTask:
    def test_is_known_by_its_name(self, tasks):
        @worker.task("sweep", every="* * * * *")
        def sweep() -> None: ...

        assert tasks["sweep"].run is sweep
        assert tasks["sweep"].every == "* * * * *"

    def test_does_not_take_another_ones_name(self, tasks):
        def theirs() -> None: ...

        theirs.__module__ = "elsewhere"
        worker.task("sweep")(theirs)
        with pytest.raises(ValueError, match="two tasks are called sweep"):

            @worker.task("sweep")
            def ours() -> None: ...

    def test_gets_its_arguments_but_a_periodic_one_no_time(self, app, db, tasks):
        seen = []
        worker.task("told")(lambda **said: seen.append(said))
        worker.task("daily", every="0 3 * * *")(lambda **said: seen.append(said))
        made = queue(app)
        made.tasks["told"](order_id="1")
        made.tasks["daily"](timestamp=5)
        assert seen == [{"order_id": "1"}, {}]
        assert isinstance(made.tasks["told"].retry_strategy, procrastinate.RetryStrategy)

    def test_that_fails_says_so_and_is_tried_again(self, app, db, tasks):
        def fails() -> None:
            raise LookupError("gone")

        worker.task("failing")(fails)
        with capture_logs() as told, pytest.raises(LookupError, match="gone"):
            queue(app).tasks["failing"]()
        (line,) = told
        assert (line["event"], line["task"], line["error"]) == (
            "job_failed", "failing", "LookupError",
        )  # fmt: skip


class TestAtomic:
    def test_does_not_nest(self, db):
        with pytest.raises(NestedTransaction), atomic(), atomic():
            pass
        assert session.info["atomic"] is False
