"""Public pages are kept for visitors without a cookie, and for nobody else."""

import pytest
from flask import Flask, Response, g, request

from marketplace.core.web import kept, languages


@pytest.fixture
def counted():
    """Return a small program whose page tells how often it was made."""
    app = Flask(__name__)
    kept.init_app(app, 60, {"shade": str.lower, "basket": lambda cookie: cookie[-1]})
    languages.init_app(app)
    made = []

    @app.get("/page")
    def page():
        made.append(request.full_path)
        said = "private, no-cache" if request.cookies else "public, max-age=60"
        answer = Response(f"made {len(made)}", headers={"Cache-Control": said})
        answer.add_etag()
        return answer

    @app.get("/basket")
    def basket():
        g.is_personal = True
        made.append("basket")
        return Response(f"made {len(made)}", headers={"Cache-Control": "private, no-cache"})

    @app.get("/private")
    def private():
        made.append("private")
        return Response(f"made {len(made)}", headers={"Cache-Control": "private, no-cache"})

    @app.get("/cookie")
    def cookie():
        made.append("cookie")
        answer = Response(f"made {len(made)}", headers={"Cache-Control": "public, max-age=60"})
        answer.set_cookie("a", "b")
        return answer

    @app.get("/wrong")
    def wrong():
        made.append("wrong")
        return Response("no", 404, headers={"Cache-Control": "public, max-age=60"})

    return app.test_client(use_cookies=False)


class TestKept:
    def test_makes_a_page_once(self, counted):
        first = counted.get("/page")
        again = counted.get("/page")
        assert again.text == first.text == "made 1"
        assert again.headers["Cache-Control"] == "public, max-age=60"

    def test_makes_one_for_each_address_language_and_encoding(self, counted):
        texts = {
            counted.get("/page").text,
            counted.get("/page?a=1").text,
            counted.get("/fr/page").text,
            counted.get("/page", headers={"Accept-Language": "it"}).text,
            counted.get("/page", headers={"Accept-Encoding": "gzip"}).text,
            counted.get("/page", headers={"Host": "elsewhere.example"}).text,
        }
        assert len(texts) == 6

    def test_says_that_nothing_has_changed(self, counted):
        tag = counted.get("/page").headers["ETag"]
        answer = counted.get("/page", headers={"If-None-Match": tag})
        assert answer.status_code == 304
        assert answer.data == b""

    @pytest.mark.parametrize(
        "header",
        [
            ("Cookie", "session=x"),
            ("Cookie", "basket=x1; session=x"),
            ("Authorization", "Bearer x"),
        ],
    )
    def test_never_answers_somebody_known(self, counted, header):
        counted.get("/page")
        assert counted.get("/page", headers=dict([header])).text == "made 2"
        assert counted.get("/page").text == "made 1"

    def test_makes_one_for_all_whose_cookies_show_the_same(self, counted):
        def seen(cookie):
            return counted.get("/page", headers={"Cookie": cookie}).text

        assert counted.get("/page").text == "made 1"
        assert [seen("basket=a2"), seen("basket=b2"), seen("basket=a3")] == [
            "made 2", "made 2", "made 3",
        ]  # fmt: skip
        assert seen("basket=a2; shade=DARK") == seen("shade=dark; basket=c2") == "made 4"
        assert seen("shade=dark") == "made 5"
        assert counted.get("/page").text == "made 1"

    def test_never_keeps_what_looked_into_the_basket(self, counted):
        for made in (1, 2):
            assert counted.get("/basket", headers={"Cookie": "basket=a2"}).text == f"made {made}"

    @pytest.mark.parametrize("path", ["/private", "/cookie"])
    def test_keeps_nothing_that_is_somebodys(self, counted, path):
        assert counted.get(path).text == "made 1"
        assert counted.get(path).text == "made 2"

    def test_keeps_no_failure(self, counted):
        counted.get("/wrong")
        counted.get("/wrong")
        assert counted.get("/page").text == "made 3"

    def test_asks_anew_after_its_time(self, monkeypatch):
        app = Flask(__name__)
        clock = [0.0]
        monkeypatch.setattr(kept, "monotonic", lambda: clock[0])
        kept.init_app(app, 1)
        languages.init_app(app)
        made = []

        @app.get("/")
        def page():
            made.append(1)
            return Response(str(len(made)), headers={"Cache-Control": "public, max-age=60"})

        visitor = app.test_client(use_cookies=False)
        assert [visitor.get("/").text, visitor.get("/").text] == ["1", "1"]
        clock[0] += 1.1
        assert visitor.get("/").text == "2"

    def test_is_off_where_it_is_told_so(self):
        app = Flask(__name__)
        kept.init_app(app, 0)
        assert not app.before_request_funcs
