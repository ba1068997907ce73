"""Photos over HTTP."""

import io

import pytest
from PIL import Image

from marketplace.media import service, storage
from tests import factories


@pytest.fixture
def photo(app, db):
    target = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(target, "PNG")
    target.seek(0)
    return service.store_photo(upload=target, alt="A bowl", user_id=None, now=factories.NOW)


class TestPhoto:
    def test_is_kept_for_ever_and_can_do_nothing(self, client, photo):
        answer = client.get(f"/media/{photo.key}-320.webp")
        assert answer.status_code == 200
        assert Image.open(io.BytesIO(answer.data)).size == (320, 240)
        assert answer.content_type == "image/webp"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

    @pytest.mark.parametrize(
        "name",
        ["0" * 32 + "-320.webp", "x-320.webp", "..%2fsecret_key", "0" * 32 + "-320.webp%00.html"],
    )
    def test_is_not_found_under_another_name(self, client, name):
        assert client.get(f"/media/{name}").status_code in (400, 404)


class TestPhotoForLetters:
    def test_is_a_jpeg_that_pages_of_other_sites_may_show(self, client, photo):
        answer = client.get(f"/media/{photo.key}-320.jpg")
        assert answer.content_type == "image/jpeg"
        made = Image.open(io.BytesIO(answer.data))
        assert (made.format, made.size) == ("JPEG", (320, 240))
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers

    def test_is_made_once(self, client, photo):
        client.get(f"/media/{photo.key}-320.jpg")
        name = service.letter_name(photo.key, 320)
        assert storage.find(name)
        storage.put(name, b"kept")
        assert client.get(f"/media/{photo.key}-320.jpg").data == b"kept"

    @pytest.mark.parametrize("end", ["-400.png", "-321.jpg", "-0.jpg", "-320.jpeg", ".jpg"])
    def test_is_of_our_own_widths_only(self, client, photo, end):
        assert client.get(f"/media/{photo.key}{end}").status_code == 404
        assert client.get(f"/media/{'0' * 32}-320.jpg").status_code == 404

    def test_is_not_of_what_is_too_wide_for_a_letter(self, client, db):
        target = io.BytesIO()
        Image.new("RGB", (1300, 20), "teal").save(target, "PNG")
        target.seek(0)
        wide = service.store_photo(upload=target, alt="", user_id=None, now=factories.NOW)
        assert client.get(f"/media/{wide.key}-640.jpg").status_code == 200
        assert client.get(f"/media/{wide.key}-1280.webp").status_code == 200
        assert client.get(f"/media/{wide.key}-1280.jpg").status_code == 404
