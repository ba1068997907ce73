"""The house rules that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from marketplace.following.rules.letters import all_kinds

pytestmark = pytest.mark.usefixtures("untraced")

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "marketplace"
NOT_FEATURES = {"core", "look", "static", "translations", "demo", "__pycache__"}
NAMES = {"rules", "models", "policies", "queries", "service", "schemas", "views", "staff", "api"}
EXCEPTIONS = {
    "backups": {"commands"},
    "catalog": {"commands", "imports"},
    "drafts": {"commands"},
    "media": {"storage"},
    "opendata": {"commands"},
    "payments": {"gateway"},
    "reports": {"pdf"},
    "projects": {"commands", "imports"},
    "proofs": {"commands", "verify"},
    "reconciliation": {"commands"},
    "sharing": {"drawing"},
}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
LONGER = {"marketplace/proofs/verify.py": 600}
"""An outsider checks us with this one file, which therefore holds all that it takes."""

FEATURES = sorted(
    path for path in PACKAGE.iterdir() if path.is_dir() and path.name not in NOT_FEATURES
)
SOURCES = sorted(
    path
    for root in (PACKAGE, CHECKOUT / "sandbox", CHECKOUT / "embedded")
    for path in root.rglob("*.py")
    if "tests" not in path.relative_to(root).parts
)
TEMPLATES = sorted(
    path
    for root in ("templates", "sandbox/templates")
    for path in (CHECKOUT / root).rglob("*.html")
)


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


@pytest.mark.parametrize("feature", FEATURES, ids=name_of)
class TestFeature:
    def test_has_only_files_with_one_of_the_nine_names(self, feature):
        allowed = NAMES | {"__init__", "jobs"} | EXCEPTIONS.get(feature.name, set())
        found = {path.stem for path in feature.iterdir() if path.suffix == ".py" or path.is_dir()}
        assert found - {"__pycache__"} <= allowed

    def test_says_in_one_sentence_what_it_is_for(self, feature):
        tree = ast.parse((feature / "__init__.py").read_text())
        assert ast.get_docstring(tree), "the feature's __init__.py wants a docstring"
        assert len(tree.body) == 1, "and nothing else"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
class TestModule:
    def test_is_short(self, path):
        assert len(path.read_text().splitlines()) <= LONGER.get(name_of(path), LONGEST_MODULE)

    def test_has_short_functions(self, path):
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        long = {
            node.name: node.end_lineno - node.lineno + 1
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, functions) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
        }
        assert long == {}

    def test_gives_a_reason_for_each_ignored_type(self, path):
        bare = re.compile(r"# type: ignore(\[[a-z-]+(, ?[a-z-]+)*\])?\s*$")
        lines = path.read_text().splitlines()
        assert [number for number, line in enumerate(lines, 1) if bare.search(line)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
class TestTemplate:
    def test_has_no_inline_style_or_script(self, path):
        if "mail" in path.parts:
            pytest.skip("mail programs know no stylesheets")
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        assert not re.search(r"<[^>]*\sstyle\s*=", text)
        assert not re.search(r"<[^>{]*\son[a-z]+\s*=", text)
        assert "<style" not in text
        scripts = re.findall(r"<script\b([^>]*)>", text)
        assert [tag for tag in scripts if "src=" not in tag and "ld+json" not in tag] == []

    def test_gives_a_reason_for_each_text_it_calls_safe(self, path):
        lines = path.read_text().splitlines()
        unexplained = [
            number
            for number, line in enumerate(lines, 1)
            if re.search(r"\|\s*safe\b", line)
            and "{#" not in line
            and not (number > 1 and "#}" in lines[number - 2])
        ]
        assert unexplained == []


class TestLetters:
    def test_have_each_a_place_on_the_page_of_letters(self):
        """Say in `following.rules.letters` why a letter has to be, or that it can be refused."""
        written = {path.stem for path in (CHECKOUT / "templates/mail").glob("[!_]*.txt")}
        assert written == all_kinds()
