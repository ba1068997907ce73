"""Photos' files without a row go away."""

from marketplace.core import clock
from marketplace.media import jobs, service, storage


class TestSweepPhotos:
    def test_takes_away_old_orphans(self, db, monkeypatch):
        lost = service.file_name("0" * 32, 320)
        storage.put(lost, b"pixels")
        jobs.sweep_photos()
        assert storage.find(lost)
        later = clock.now() + 2 * service.ORPHANED_AFTER
        monkeypatch.setattr(clock, "now", lambda: later)
        jobs.sweep_photos()
        assert storage.find(lost) is None
