"""Photos over HTTP."""

import io

import pytest
from PIL import Image

from marketplace.media import service
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
