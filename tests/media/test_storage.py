"""Files in a folder and in a bucket behave alike."""

import io
import urllib.request

import pytest
from moto.server import ThreadedMotoServer

from marketplace.media import storage


@pytest.fixture(scope="module")
def bucket():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    request = urllib.request.Request(f"{endpoint}/photos-of-shop", method="PUT")
    urllib.request.urlopen(request).close()  # our own server
    yield f"s3://key:secret@photos-of-shop/shop?endpoint={endpoint}&region=us-east-1"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_stores", {})
    if request.param == "folder":
        storage.configure(f"file:{tmp_path / 'media'}")
    else:
        storage.configure(request.getfixturevalue("bucket"))
    yield
    storage.delete([stored.name for stored in storage.list_stored("photos")])


@pytest.mark.usefixtures("place")
class TestStorage:
    def test_gives_back_what_was_put(self):
        storage.put("photos/a.webp", b"pixels")
        assert storage.find("photos/a.webp") == b"pixels"

    def test_finds_nothing_where_nothing_is(self):
        assert storage.find("photos/none.webp") is None
        assert storage.copy_to("photos/none.webp", io.BytesIO()) is False

    def test_reads_and_writes_in_parts(self):
        storage.put("photos/long.csv", io.BytesIO(b"0123456789" * 700_000))
        target = io.BytesIO()
        assert storage.copy_to("photos/long.csv", target)
        assert target.getvalue() == b"0123456789" * 700_000

    def test_lists_what_lies_there_and_deletes_it(self):
        storage.put("photos/a.webp", b"pixels")
        storage.put("photos/b.webp", b"more pixels")
        assert {(s.name, s.size) for s in storage.list_stored("photos")} == {
            ("photos/a.webp", 6),
            ("photos/b.webp", 11),
        }
        storage.delete(["photos/a.webp", "photos/never-there.webp"])
        assert [s.name for s in storage.list_stored("photos")] == ["photos/b.webp"]

    def test_does_not_leave_its_folder(self):
        with pytest.raises(Exception, match=r"(?i)path|parse|segment"):
            storage.put("../outside.webp", b"pixels")


class TestConfigure:
    def test_is_asked_for_before_any_use(self, monkeypatch):
        monkeypatch.setattr(storage, "_stores", {})
        with pytest.raises(storage.NotConfigured):
            storage.find("photos/a.webp")
