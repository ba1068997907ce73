import gzip
import json
import re

import brotli
import pytest

from marketplace.look import build as building
from marketplace.look.assets import build_dir
from marketplace.look.build import build, minified, styles

HASHED = re.compile(r"\.[0-9a-f]{12}\.")


@pytest.fixture(scope="module")
def built():
    return build()


@pytest.fixture(scope="module")
def manifest(built):
    return json.loads((built / "manifest.json").read_text())


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, built):
    """Build into another folder, with the fonts that were cut already."""
    monkeypatch.setenv("ASSETS_PATH", str(tmp_path / "static"))
    kept = built.with_name(f"{built.name}.kept")
    (tmp_path / "static.kept").symlink_to(kept, target_is_directory=True)
    return tmp_path / "static"


class TestBuild:
    def test_makes_the_same_bytes_again(self, built, manifest, elsewhere):
        assert build() == elsewhere != built
        for name in manifest.values():
            assert (elsewhere / name).read_bytes() == (built / name).read_bytes()
        assert json.loads((elsewhere / "manifest.json").read_text()) == manifest

    def test_does_nothing_when_no_source_has_changed(self, built):
        before = (built / "manifest.json").stat().st_mtime_ns
        build()
        assert (build_dir() / "manifest.json").stat().st_mtime_ns == before

    def test_starts_again_when_a_source_has_changed(self, built, monkeypatch):
        before = building._digest_of_sources()
        monkeypatch.setattr(building, "PACKAGES", building.PACKAGES[:1])
        assert building._digest_of_sources() != before

    def test_puts_the_content_into_each_name(self, manifest):
        assert all(HASHED.search(name) for name in manifest.values())

    def test_compresses_what_is_text(self, built, manifest):
        plain = (built / manifest["causeway.css"]).read_bytes()
        packed = built / f"{manifest['causeway.css']}.br"
        assert brotli.decompress(packed.read_bytes()) == plain
        assert gzip.decompress(packed.with_suffix(".gz").read_bytes()) == plain

    def test_makes_what_the_templates_and_the_documentation_ask_for(self, manifest):
        wanted = {"causeway.css", "causeway.js", "icon.svg", "swagger/swagger-ui.css"}
        assert wanted | {"swagger/swagger-ui-bundle.js"} <= manifest.keys()

    def test_stays_under_100_kilobytes_for_a_first_visit(self, built, manifest):
        sent = [f"{manifest['causeway.css']}.br", f"{manifest['causeway.js']}.br"]
        sent += [
            manifest[f"{face}-normal-latin.woff2"] for face in ("newsreader", "instrument-sans")
        ]
        assert sum((built / name).stat().st_size for name in sent) < 100_000


class TestStyles:
    def test_lose_no_rule_when_minified(self):
        assert minified(styles()).count(b"light-dark(") == styles().count("light-dark(")

    def test_stay_as_they_are_where_they_cannot_be_minified(self, monkeypatch):
        def refuse(*_, **__):
            raise ValueError

        monkeypatch.setattr(building.lightningcss, "process_stylesheet", refuse)
        assert minified("p { color: red }") == b"p { color: red }"

    def test_name_fonts_that_exist_only(self, built, manifest):
        css = (built / manifest["causeway.css"]).read_text()
        for name in re.findall(r"/static/([\w.-]+\.woff2)", css):
            assert (built / name).is_file()

    def test_keep_every_rule_in_a_layer(self):
        outside = re.sub(r"/\*.*?\*/", "", styles(), flags=re.DOTALL)
        depth, start, heads = 0, 0, []
        for place, sign in enumerate(outside):
            if sign == "{":
                heads += [outside[start:place].strip()] if depth == 0 else []
                depth += 1
            elif sign == "}":
                depth -= 1
                start = place + 1
        assert all("@layer" in head for head in heads), heads
