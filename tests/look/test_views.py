import re
from pathlib import Path

import pytest

from marketplace.look.build import styles

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGES = sorted(
    str(file.relative_to(TEMPLATES))
    for file in TEMPLATES.rglob("*.html")
    if "mail" not in file.parts
)


class TestComponents:
    def test_show_every_part_without_style_or_handlers(self, client):
        page = client.get("/look").text
        assert page.count('class="spec"') > 8
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)

    @pytest.mark.parametrize("language", ["en", "fr", "it"])
    def test_stand_in_a_page_that_says_its_language(self, client, language):
        assert f'<html lang="{language}"' in client.get(f"/{language}/look").text

    def test_link_fields_to_their_errors(self, client):
        page = client.get("/look").text
        assert 'href="#f-email"' in page
        assert 'aria-invalid="true" aria-describedby="h-email e-email"' in page
        for wanted in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page):
            assert all(f'id="{one}"' in page for one in wanted.split()), wanted

    def test_use_no_id_twice(self, client):
        ids = re.findall(r'\sid="([^"]+)"', client.get("/look").text)
        assert len(ids) == len(set(ids))

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_keep_the_theme_that_was_chosen(self, client, theme):
        client.set_cookie("theme", theme)
        assert f'data-theme="{theme}"' in client.get("/look").text

    def test_let_no_cookie_write_into_the_page(self, client):
        client.set_cookie("theme", "x&quot;onload")
        assert "data-theme" not in client.get("/look").text


class TestArt:
    def test_is_sent_once_and_kept(self, client):
        answer = client.get("/art/topo/riwa-springs.svg")
        assert answer.mimetype == "image/svg+xml"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.data == client.get("/art/topo/riwa-springs.svg").data

    @pytest.mark.parametrize(
        "address", ["topo/a/b", "yacht/a", "product/tidal/tote//x", "topo/" + "a" * 81]
    )
    def test_is_not_there_for_other_addresses(self, client, address):
        assert client.get(f"/art/{address}.svg").status_code == 404


class TestErrors:
    def test_say_that_no_money_moved(self, client):
        page = client.get("/no-such-page").text
        assert "No money moved" in page
        assert "broken__no" in page


class TestTemplates:
    def test_use_classes_that_the_style_sheet_knows(self, known_classes):
        unknown = {}
        for name in PAGES:
            for group in re.findall(r'class="([^"]*)"', (TEMPLATES / name).read_text()):
                written = re.sub(r"\{\{.*?\}\}", "…", re.sub(r"\{%.*?%\}", " ", group))
                others = {one for one in written.split() if "…" not in one} - known_classes
                if others:
                    unknown.setdefault(name, set()).update(others)
        assert unknown == {}


@pytest.fixture(scope="module")
def known_classes():
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", styles())) | HOOKS


HOOKS = {"letter", "broken"}
"""Names that mark something and need no rule."""
