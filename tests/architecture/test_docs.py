"""The documents: their commands exist, their links lead somewhere."""

import re
from pathlib import Path

import pytest
from flask import Flask

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def commands() -> list[tuple[str, str]]:
    """Return each command line of each document."""
    return [
        (page.name, line.split("#")[0].strip())
        for page in PAGES
        for block in BLOCK.findall(page.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.strip()
    ]


class TestDocuments:
    def test_name_only_targets_of_the_makefile(self):
        targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
        named = {line.split()[1] for _page, line in commands() if line.startswith("make ")}
        assert named
        assert named <= targets

    def test_name_only_commands_that_there_are(self, app: Flask):
        named = {
            (line.split()[3], tuple(re.findall(r"--[a-z-]+", line.split("wsgi", 1)[1])))
            for _page, line in commands()
            if line.startswith("flask --app wsgi")
        }
        assert named
        for name, options in named:
            command = app.cli.commands[name]
            known = {option for param in command.params for option in param.opts}
            assert set(options) <= known, name

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
    def test_lead_to_what_is_there(self, page: Path):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), target


class TestStack:
    @pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
    def test_says_why_each_library_is_here(self, name: str):
        told = (CHECKOUT / "docs" / "stack.md").read_text(encoding="utf-8")
        cells = {
            one.strip()
            for line in told.splitlines()
            if line.startswith("| ")
            for one in line.split("|")[1].split(",")
        }
        lines = (CHECKOUT / name).read_text(encoding="utf-8").splitlines()
        wanted = {re.split(r"[=\[]", line)[0] for line in lines if line and line[0].isalpha()}
        assert wanted <= cells
