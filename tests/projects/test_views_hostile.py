"""What strangers put into addresses and owners into texts does no harm."""

import re
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from marketplace.core.paging import encode_cursor
from marketplace.core.rich_text import TAGS, render_markdown
from marketplace.projects import service
from marketplace.projects.models import ProjectState
from tests import factories
from tests.field import DATA, needs_field_data

ATOM = "{http://www.w3.org/2005/Atom}"
SOME_ID = "0199e000-0000-7000-8000-000000000000"
DAY_KEY = encode_cursor(["2026-03-12T18:42:00+00:00", SOME_ID])
GOAL_KEY = encode_cursor([1_000_000, SOME_ID])
ODD_KEYS = [
    DAY_KEY,
    GOAL_KEY,
    encode_cursor([10**30, SOME_ID]),
    encode_cursor([None, SOME_ID]),
    encode_cursor(["x", "y"]),
    encode_cursor(["2026-03-12", SOME_ID]),
    encode_cursor(["²"]),
    encode_cursor([10**30]),
    "nonsense",
]


class Tags(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def pictures(number: int) -> list[tuple[BytesIO, str]]:
    made = []
    for place in range(number):
        file = BytesIO()
        Image.new("RGB", (64, 48), (place * 20, 90, 90)).save(file, "PNG")
        file.seek(0)
        made.append((file, f"{place}.png"))
    return made


@pytest.fixture
def owner(db):
    return factories.make_user()


@pytest.fixture
def project(db, owner):
    made = factories.make_project()
    factories.make_owner(made, owner)
    db.commit()
    return made


class TestCursors:
    @pytest.mark.parametrize("key", ODD_KEYS)
    @pytest.mark.parametrize(
        "address", ["/projects?", "/projects?sort=goal&", "/projects?sort=nearest&"]
    )
    def test_of_other_lists_begin_the_list_anew(self, client, project, address, key):
        assert client.get(f"{address}after={key}").status_code == 200

    @pytest.mark.parametrize("key", ODD_KEYS)
    @pytest.mark.parametrize("list_of", ["updates", "money"])
    def test_made_up_begin_a_project_s_list_anew(self, client, project, list_of, key):
        answer = client.get(f"/projects/{project.slug}/{list_of}?after={key}")
        assert answer.status_code == 200


class TestTexts:
    @needs_field_data
    def test_of_attackers_stay_text(self):
        for line in (DATA / "4-input" / "xss-a.txt").read_text("utf-8", "replace").splitlines():
            tags = Tags()
            tags.feed(render_markdown(line))
            for tag, attributes in tags.found:
                assert tag in TAGS, line
                assert set(attributes) <= {"href", "rel"}, line
                assert re.match(r"(https?|mailto):", attributes.get("href") or "https:"), line

    @needs_field_data
    def test_of_attackers_leave_the_pages_and_feed_whole(self, client, project, owner, db):
        lines = (DATA / "4-input" / "xss-a.txt").read_text("utf-8", "replace").splitlines()
        for number in range(6):
            part = lines[number::6]
            service.post_update(
                project=project,
                author=owner,
                title=part[number][:200] or "-",
                body="\n\n".join(part),
                now=factories.NOW,
            )
        db.commit()
        page = client.get(f"/projects/{project.slug}")
        tags = Tags()
        tags.feed(page.text)
        assert not [name for _tag, had in tags.found for name in had if name.startswith("on")]
        feed = ET.fromstring(client.get(f"/projects/{project.slug}/updates.atom").data)
        assert len(feed.findall(f"{ATOM}entry")) == 6

    def test_with_control_characters_leave_the_feed_readable(self, client, project, owner, db):
        service.post_update(
            project=project,
            author=owner,
            title="Ring\x07 \x1b[31mred",
            body="A\x0cB\x08C \ufffe",
            now=factories.NOW,
        )
        db.commit()
        feed = ET.fromstring(client.get(f"/projects/{project.slug}/updates.atom").data)
        assert feed.find(f"{ATOM}entry/{ATOM}title").text == "Ring [31mred"


class TestPhotos:
    def test_of_an_update_may_be_six_each_with_its_words(self, client, project, owner, sign_in):
        sign_in(client, owner)
        desk = client.get(f"/project-desk/{project.slug}").text
        assert desk.count('name="alts"') == 6
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={
                "title": "Six",
                "body": "Look",
                "photos": pictures(6),
                "alts": [f"Words {number}" for number in range(6)],
            },
        )
        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert re.findall(r'alt="Words (\d)"', page) == list("012345")

    def test_keep_their_own_words_where_a_place_was_left_empty(
        self, client, project, owner, sign_in
    ):
        sign_in(client, owner)
        answer = client.post(
            f"/project-desk/{project.slug}",
            data={
                "title": "One",
                "body": "Look",
                "photos": [(BytesIO(b""), ""), *pictures(1)],
                "alts": ["", "The second place"],
            },
        )
        assert answer.status_code == 303
        assert 'alt="The second place"' in client.get(answer.location).text

    def test_without_words_are_refused(self, client, project, owner, sign_in):
        sign_in(client, owner)
        data = {"title": "One", "body": "Look", "photos": pictures(2), "alts": ["Words", ""]}
        assert client.post(f"/project-desk/{project.slug}", data=data).status_code == 422


class TestFeed:
    def test_of_a_proposed_project_is_for_its_owners_and_nobody_s_cache(
        self, client, project, owner, sign_in, db
    ):
        project.state = ProjectState.PROPOSED
        db.commit()
        assert client.get(f"/projects/{project.slug}/updates.atom").status_code == 404
        sign_in(client, owner)
        answer = client.get(f"/projects/{project.slug}/updates.atom")
        assert answer.status_code == 200
        assert "public" not in answer.headers["Cache-Control"]

    def test_is_not_sent_twice(self, client, project):
        first = client.get("/projects/updates.atom")
        again = client.get(
            "/projects/updates.atom", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304
