"""Imports in the background: also when the file turns out to be broken, or nobody came back."""

import pytest

from marketplace.catalog import jobs
from marketplace.catalog.imports import runs
from marketplace.catalog.models import ImportRun
from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.media import storage
from tests import factories


@pytest.fixture
def make_run(app, db):
    def make_run(text: str, state: str = "running") -> ImportRun:
        run = runs.keep_preview(
            company_id=factories.make_company().id,
            user_id=factories.make_user().id,
            file_name="feed.xml",
            format_name="google",
            storage_key=f"{runs.UPLOADS}/{new_id().hex}",
            result={"label": "Google"},
            now=factories.NOW,
        )
        run.state = state
        storage.put(run.storage_key, text.encode())
        db.flush()
        return run

    return make_run


class TestRunImport:
    def test_says_that_a_file_is_broken_and_imports_nothing(self, db, make_run):
        run = make_run("<rss><channel><item><id>1</id>")
        jobs.run_import(str(run.id))
        db.refresh(run)
        assert run.state == "failed"
        assert "broken" in run.result["reason"]

    @pytest.mark.parametrize("state", ["previewed", "done", "failed"])
    def test_does_only_what_was_started(self, db, make_run, state):
        run = make_run("<rss/>", state)
        jobs.run_import(str(run.id))
        db.refresh(run)
        assert run.state == state

    def test_of_nothing_is_nothing(self, db):
        jobs.run_import(str(new_id()))


class TestSweepUploads:
    def test_takes_away_what_waited_for_a_week(self, db, make_run, monkeypatch):
        run = make_run("<rss/>", "previewed")
        jobs.sweep_uploads()
        assert storage.find(run.storage_key)
        week_later = clock.now() + 2 * jobs.KEPT_FOR
        monkeypatch.setattr(clock, "now", lambda: week_later)
        jobs.sweep_uploads()
        assert storage.find(run.storage_key) is None
