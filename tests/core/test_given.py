"""What comes in addresses and forms is text, or what no text has is gone."""

from io import BytesIO

import pytest
from flask import request
from werkzeug.exceptions import NotFound


class TestPlainRequest:
    @pytest.fixture
    def sent(self, app):
        """Return a function that reads something sent as every view reads it."""

        def read(path="/", **how):
            with app.test_request_context(path, method="POST", **how):
                return request.args, request.form, [one.read() for one in request.files.values()]

        return read

    def test_has_no_control_characters_in_its_address(self, sent):
        args, _form, _files = sent("/?q=a%1b%5B31mb%07&q=%EF%BF%BEc%7f&r=%C2%9d")
        assert args.getlist("q") == ["a[31mb", "c"]
        assert args["r"] == ""

    @pytest.mark.parametrize("more", [{}, {"photo": (BytesIO(b"\x00\x1b"), "a.png")}])
    def test_has_none_in_its_form_either(self, sent, more):
        _args, form, files = sent(data={"a": ["x\x00y", "z\x08"], "b": "l\x0b\r\nm\tn", **more})
        assert form.getlist("a") == ["xy", "z"]
        assert form["b"] == "l\r\nm\tn"
        assert files == ([b"\x00\x1b"] if more else [])

    def test_has_none_in_the_names_of_files(self, app):
        name = "../nul\x00 \x1b[31mré\x07\u2028çu.pdf\x7f"
        body = b'--b\r\nContent-Disposition: form-data; name="a"; filename="' + name.encode()
        body += b'"\r\n\r\n%PDF\r\n--b--\r\n'
        with app.test_request_context(
            "/", method="POST", data=body, content_type="multipart/form-data; boundary=b"
        ):
            assert request.files["a"].filename == "../nul [31mré çu.pdf"
            assert request.files["a"].read() == b"%PDF"

    def test_keeps_every_letter_of_every_language(self, sent):
        text = "Zoë Ñandú 東京 \U0001f469\u200d\U0001f467 \u202eאב\u202c e\u0301"
        assert sent(data={"name": text})[1]["name"] == text


class TestRowNumber:
    def test_is_no_larger_than_the_largest_of_the_database(self, app):
        paths = app.url_map.bind("localhost")
        largest = 2**63 - 1
        found = paths.match(f"/company/somebody/payouts/{largest}")[1]
        assert found["number"] == largest
        with pytest.raises(NotFound):
            paths.match(f"/company/somebody/payouts/{largest + 1}")
