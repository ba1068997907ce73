"""Is every text translated, every translation current? `-m marketplace.core.i18n_check`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from marketplace.core.i18n import DEFAULT_LANGUAGE, LANGUAGES

CHECKOUT = Path(__file__).resolve().parents[2]
TRANSLATIONS = CHECKOUT / "marketplace" / "translations"
# French keeps these signs on the line of the word before them.
LOOSE_SIGN = re.compile(r" [:;?!»]|« ")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!\w)(\{\w+\})")
EXTRACT = (sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg")
# Babel leaves out folders that begin with an underscore; the templates' macros are in one.
FOLDERS = ("--ignore-dirs", ".*")
KEYWORDS = ("-k", "_l", "-k", "_", "-k", "ngettext:1,2", "-k", "pgettext:1c,2")


def collect() -> Catalog:
    """Return the texts that the source has now."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        subprocess.run(
            [*EXTRACT, *FOLDERS, *KEYWORDS, "--no-location", "-o", file.name, "."],
            cwd=CHECKOUT,
            check=True,
        )
        with Path(file.name).open("rb") as text:
            return read_po(text)


def problems_of(language: str, source: Catalog) -> list[str]:
    """Return what is missing, stale or broken in a language, each in a line."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as text:
        catalog = read_po(text, locale=language)
    known = {(message.context, message.id): message for message in catalog if message.id}
    found: list[str] = []
    for message in source:
        if not message.id:
            continue
        translated = known.pop((message.context, message.id), None)
        if translated is None or not _is_whole(translated):
            found.append(f"{language}: not translated: {_first(message.id)!r}")
            continue
        wrong = [str(error) for error in translated.check(catalog)]
        wrong += filter(None, [_wrong_placeholders(message, translated)])
        if language == "fr" and LOOSE_SIGN.search(str(translated.string)):
            wrong.append("a plain space beside a sign")
        found += [f"{language}: {one} in: {_first(message.id)!r}" for one in wrong]
    found += [f"{language}: not in the source any more: {_first(name)!r}" for _about, name in known]
    return found


def _is_whole(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(strings) and not message.fuzzy


def _first(name: str | tuple[str, ...] | list[str]) -> str:
    return name if isinstance(name, str) else name[0]


def _wrong_placeholders(source: Message, translated: Message) -> str:
    ids = source.id if isinstance(source.id, tuple | list) else (source.id,)
    strings = (
        translated.string if isinstance(translated.string, tuple | list) else (translated.string,)
    )
    wanted = {name for text in ids for name in _names_in(text)}
    for text in strings:
        used = _names_in(str(text))
        if used - wanted or (len(strings) == 1 and wanted - used):
            return f"placeholders differ ({', '.join(sorted(used ^ wanted))})"
    return ""


def _names_in(text: str) -> set[str]:
    """Return the placeholders of a text: `%(name)s` of Python's, `{name}` of a script's."""
    return {found[1] or found[2] for found in PLACEHOLDER.finditer(text)}


def main() -> int:
    """Print every problem; return 1 if there is one."""
    source = collect()
    found = [
        problem
        for language in LANGUAGES
        if language != DEFAULT_LANGUAGE
        for problem in problems_of(language, source)
    ]
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
