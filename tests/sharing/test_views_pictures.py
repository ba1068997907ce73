"""Pictures, cards, counters, posters and oEmbed: as other sites and walls need them."""

import io
import json
import re
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pypdf
import pytest
from PIL import Image

from marketplace.projects.models import ProjectState
from tests import factories
from tests.sharing.test_drawing import codes_in
from tests.statements import statements

THINGS = (
    "projects/wells",
    "companies/loom",
    "products/towel",
    "companies/loom/reports/the-year-2025",
)


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


class TestPicture:
    @pytest.mark.parametrize("thing", THINGS)
    def test_is_of_the_size_that_sites_want(self, client, project, company, thing):
        answer = client.get(f"/share/{thing}.png")
        assert answer.mimetype == "image/png"
        assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
        assert answer.headers["Cache-Control"].startswith("public, max-age=3600")
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

    @pytest.mark.parametrize("thing", THINGS)
    def test_is_named_by_the_page(self, client, project, company, thing):
        page = Tags(client.get(f"/fr/{thing}").text)
        named = {one.get("property"): one.get("content") for one in page.of("meta")}
        assert named["og:image:width"] == "1200"
        pictures = [one["content"] for one in page.of("meta") if one.get("property") == "og:image"]
        assert f"http://localhost/fr/share/{thing}.png" in pictures

    @pytest.mark.parametrize(
        "thing",
        [
            "projects/none",
            "companies/none",
            "products/none",
            "companies/loom/reports/the-year-2026",
            "x/y",
        ],
    )
    def test_is_not_there_for_what_is_not_public(self, client, project, company, thing):
        assert client.get(f"/share/{thing}.png").status_code == 404

    def test_of_a_proposed_project_is_its_owners_alone(self, client, db, project, sign_in):
        project.state = ProjectState.PROPOSED
        owner = factories.make_user()
        factories.make_owner(project, owner)
        db.commit()
        assert client.get("/share/projects/wells.png").status_code == 404
        sign_in(client, owner)
        answer = client.get("/share/projects/wells.png")
        assert answer.status_code == 200
        assert "public" not in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("thing", THINGS)
    def test_costs_few_statements(self, client, project, company, engine, thing):
        with statements(engine) as seen:
            client.get(f"/share/{thing}.png")
        assert len(seen) <= 4


class TestShare:
    @pytest.mark.parametrize("thing", THINGS[:3])
    def test_offers_what_there_is(self, client, project, company, thing):
        page = Tags(client.get(f"/share/{thing}").text)
        hrefs = {one.get("href") for one in page.of("a")}
        assert f"/embed/{thing}" in hrefs
        assert (f"/share/{thing}/poster.pdf" in hrefs) is (not thing.startswith("products"))

    def test_gives_code_that_is_whole(self, client, project):
        codes = re.findall(
            r"<textarea[^>]*>(.*?)</textarea>", client.get("/share/projects/wells").text
        )
        assert len(codes) == 2
        assert all("<" not in code for code in codes)

    def test_is_linked_from_the_page(self, client, project, company):
        assert 'href="/share/projects/wells"' in client.get("/projects/wells").text
        assert 'href="/share/companies/loom"' in client.get("/companies/loom").text


class TestCard:
    @pytest.mark.parametrize("thing", THINGS)
    def test_may_stand_in_any_frame_and_runs_nothing(self, client, project, company, thing):
        answer = client.get(f"/embed/{thing}")
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "script-src" not in policy
        assert "Set-Cookie" not in answer.headers
        page = Tags(answer.text)
        assert page.of("script") == page.of("form") == []
        assert [one["href"] for one in page.of("a")] == [f"http://localhost/{thing}"]

    @pytest.mark.parametrize("path", ["/", "/projects/wells", "/share/projects/wells", "/oembed"])
    def test_is_the_only_page_that_may(self, client, project, path):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy

    def test_keeps_words_words(self, client, project):
        assert "Wells &amp; &lt;b&gt;" in client.get("/embed/projects/wells").text


class TestCounter:
    @pytest.mark.parametrize("thing", THINGS[:2])
    def test_is_a_picture_without_script(self, client, project, company, thing):
        answer = client.get(f"/embed/{thing}.svg")
        assert answer.mimetype == "image/svg+xml"
        root = ET.fromstring(answer.data)
        assert (root.get("width"), root.get("height")) == ("360", "96")
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not names & {"script", "foreignObject", "a", "text"}
        sources = [value for one in root.iter() for key, value in one.items() if "href" in key]
        assert all(value.startswith(("#", "data:image/")) for value in sources)

    def test_is_not_made_of_products(self, client, company):
        assert client.get("/embed/products/towel.svg").status_code == 404


class TestPoster:
    @pytest.mark.parametrize("language", ["en", "fr", "it"])
    @pytest.mark.parametrize("thing", THINGS[:2])
    def test_is_one_page_with_a_code_that_leads_there(
        self, client, project, company, thing, language, monkeypatch
    ):
        links = codes_in(monkeypatch)
        answer = client.get(f"/{language}/share/{thing}/poster.pdf")
        assert answer.mimetype == "application/pdf"
        (page,) = pypdf.PdfReader(io.BytesIO(answer.data)).pages
        assert f"localhost/{language}/{thing}" in page.extract_text().replace("\n", "")
        assert links == [f"http://localhost/{language}/{thing}"]


class TestOembed:
    def ask(self, client, thing, **more):
        query = "".join(f"&{name}={value}" for name, value in more.items())
        return client.get(f"/oembed?url={quote(f'http://localhost/{thing}', safe='')}{query}")

    @pytest.mark.parametrize("thing", THINGS)
    @pytest.mark.parametrize("language", ["", "it/"])
    def test_has_what_the_standard_wants(self, client, project, company, thing, language):
        answer = self.ask(client, f"{language}{thing}")
        assert answer.mimetype == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        told = json.loads(answer.text)
        assert {"type", "version", "html", "width", "height"} <= set(told)
        assert (told["type"], told["version"]) == ("rich", "1.0")
        (frame,) = Tags(told["html"]).of("iframe")
        shown = client.get(frame["src"].removeprefix("http://localhost"))
        assert shown.status_code == 200
        picture = client.get(told["thumbnail_url"].removeprefix("http://localhost"))
        assert Image.open(io.BytesIO(picture.data)).size == (1200, 630)

    def test_says_the_same_as_xml(self, client, project):
        told = json.loads(self.ask(client, "projects/wells").text)
        root = ET.fromstring(self.ask(client, "projects/wells", format="xml").data)
        assert {child.tag: child.text for child in root} == {
            name: str(value) for name, value in told.items()
        }

    def test_keeps_to_the_bounds_of_who_asks(self, client, project):
        told = json.loads(self.ask(client, "projects/wells", maxwidth=300, maxheight="x").text)
        assert (told["width"], told["height"]) == (300, 420)
        told = json.loads(self.ask(client, "projects/wells", maxwidth=1, maxheight=99999999).text)
        assert (told["width"], told["height"]) == (240, 420)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "http://elsewhere.example/projects/wells",
            "ftp://localhost/projects/wells",
            "http://localhost/account",
            "http://localhost/projects/none",
            "http://localhost/projects/wells/money",
            "http://[",
            "javascript:alert(1)",
            "http://localhost",
        ],
    )
    def test_knows_no_other_address(self, client, project, url):
        assert client.get(f"/oembed?url={quote(url, safe='')}").status_code == 404

    def test_speaks_no_other_format(self, client, project):
        assert self.ask(client, "projects/wells", format="yaml").status_code == 501

    @pytest.mark.parametrize("thing", THINGS)
    def test_is_found_from_the_page(self, client, project, company, thing):
        links = Tags(client.get(f"/{thing}").text).of("link")
        for kind in ("application/json+oembed", "text/xml+oembed"):
            (href,) = [one["href"] for one in links if one.get("type") == kind]
            assert client.get(href.removeprefix("http://localhost")).status_code == 200
