"""Photos get a row and files, or neither."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from marketplace.core.errors import Invalid
from marketplace.media import queries, rules, service, storage
from marketplace.media.models import Photo
from tests import factories

NOW = factories.NOW


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_stores", {})
    storage.configure(f"file:{tmp_path}")


def upload() -> io.BytesIO:
    target = io.BytesIO()
    Image.new("RGB", (700, 350), "teal").save(target, "JPEG")
    target.seek(0)
    return target


class TestStorePhoto:
    def test_stores_every_width_under_a_name_of_ours(self, db):
        user = factories.make_user()
        photo = service.store_photo(upload=upload(), alt=" A bowl ", user_id=user.id, now=NOW)
        assert (photo.width, photo.height, photo.widths) == (700, 350, [320, 640, 700])
        assert photo.alt == "A bowl"
        assert {s.name for s in storage.list_stored("photos")} == {
            f"photos/{photo.key}-{width}.webp" for width in photo.widths
        }
        assert queries.get_photo(photo.id) is photo

    def test_writes_nothing_of_what_it_refuses(self, db):
        with pytest.raises(rules.NotAPhoto):
            service.store_photo(upload=io.BytesIO(b"<svg/>"), alt="", user_id=None, now=NOW)
        with pytest.raises(Invalid):
            service.store_photo(upload=upload(), alt="x" * 501, user_id=None, now=NOW)
        assert list(storage.list_stored("photos")) == []
        assert db.query(Photo).count() == 0


class TestSweepOrphans:
    def test_takes_away_only_old_files_without_a_row(self, db):
        kept = service.store_photo(upload=upload(), alt="", user_id=None, now=NOW)
        lost = service.file_name("0" * 32, 320)
        storage.put(lost, b"pixels")
        storage.put("imports/other.csv", b"rows")
        now = datetime.now(UTC)
        assert service.sweep_orphans(now=now) == 0
        assert service.sweep_orphans(now=now + timedelta(days=2)) == 1
        assert storage.find(lost) is None
        assert storage.find(service.file_name(kept.key, 320))
        assert storage.find("imports/other.csv")


class TestStoreDocument:
    def test_is_kept_as_long_as_its_row(self, db):
        pdf = b"%PDF-1.4\ntrailer<<>>\n%%EOF\n"
        kept = service.store_document(upload=io.BytesIO(pdf), user_id=None, now=NOW)
        name = service.paper_name(kept.key)
        assert storage.find(name) == pdf
        late = datetime.now(UTC) + timedelta(days=2)
        assert service.sweep_orphans(now=late) == 0
        db.delete(kept)
        db.flush()
        assert service.sweep_orphans(now=late) == 1
        assert storage.find(name) is None
