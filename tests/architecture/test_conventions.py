"""The house rules that no linter knows."""

import ast
import re
from collections.abc import Callable, Iterable
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


def broken_in(
    paths: Iterable[Path], problems: Callable[[Path], Iterable[object]]
) -> dict[str, list[object]]:
    """Return by name what is wrong with each of these; nothing where nothing is."""
    found = {name_of(path): list(problems(path)) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


class TestFeatures:
    def test_have_only_files_with_one_of_the_nine_names(self):
        def others(feature):
            allowed = NAMES | {"__init__", "jobs", "__pycache__"}
            allowed |= EXCEPTIONS.get(feature.name, set())
            files = (one for one in feature.iterdir() if one.suffix == ".py" or one.is_dir())
            return {one.stem for one in files} - allowed

        assert broken_in(FEATURES, others) == {}

    def test_say_in_one_sentence_what_they_are_for(self):
        """The docstring of `__init__.py` does, and nothing else stands there."""

        def not_told(feature):
            tree = ast.parse((feature / "__init__.py").read_text())
            return [] if ast.get_docstring(tree) and len(tree.body) == 1 else ["__init__.py"]

        assert broken_in(FEATURES, not_told) == {}


class TestModules:
    def test_are_short(self):
        def too_long(path):
            lines = len(path.read_text().splitlines())
            return [lines] if lines > LONGER.get(name_of(path), LONGEST_MODULE) else []

        assert broken_in(SOURCES, too_long) == {}

    def test_have_short_functions(self):
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)

        def too_long(path):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, functions)
                    and node.end_lineno - node.lineno >= LONGEST_FUNCTION
                ):
                    yield node.name

        assert broken_in(SOURCES, too_long) == {}

    def test_give_a_reason_for_each_ignored_type(self):
        bare = re.compile(r"# type: ignore(\[[a-z-]+(, ?[a-z-]+)*\])?\s*$")

        def without_reason(path):
            lines = path.read_text().splitlines()
            return [number for number, line in enumerate(lines, 1) if bare.search(line)]

        assert broken_in(SOURCES, without_reason) == {}


class TestTemplates:
    def test_have_no_inline_style_or_script(self):
        """But for letters: mail programs know no style sheets."""
        handler = r"<[^>{]*\son[a-z]+\s*=|\son(?:click|change|submit|load)="
        inline = rf"<style|javascript:|<[^>]*\sstyle\s*=|\sstyle=|{handler}"

        def in_line(path):
            text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
            scripts = re.findall(r"<script\b([^>]*)>", text)
            bare = [tag for tag in scripts if "src=" not in tag and "ld+json" not in tag]
            return re.findall(inline, text) + bare

        assert broken_in((one for one in TEMPLATES if "mail" not in one.parts), in_line) == {}

    def test_give_a_reason_for_each_text_they_call_safe(self):
        def without_reason(path):
            lines = path.read_text().splitlines()
            return [
                number
                for number, line in enumerate(lines, 1)
                if re.search(r"\|\s*safe\b", line)
                and "{#" not in line
                and not (number > 1 and "#}" in lines[number - 2])
            ]

        assert broken_in(TEMPLATES, without_reason) == {}


class TestLetters:
    def test_have_each_a_place_on_the_page_of_letters(self):
        """Say in `following.rules.letters` why a letter has to be, or that it can be refused."""
        written = {path.stem for path in (CHECKOUT / "templates/mail").glob("[!_]*.txt")}
        assert written == all_kinds()
