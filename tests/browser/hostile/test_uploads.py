"""Files that would do harm are refused where they are given, and nothing of them stays."""

import os
from dataclasses import dataclass
from io import BytesIO

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import ImportRun
from marketplace.media import service, storage
from marketplace.media.models import Document, Photo
from marketplace.media.rules import NotAPhoto, prepare
from tests.browser.hostile import files, steps
from tests.browser.hostile.crawl import walk
from tests.browser.hostile.forms import Control, PageForm, Reader, changed
from tests.browser.hostile.market import GUESSES, filled
from tests.browser.hostile.payloads import Pen
from tests.browser.hostile.sinks import wrong_with
from tests.field import field_files, needs_field_data

WORDS = "Plain words about it"
IS_LONG = os.environ.get("FAULTS") == "long"
FEW = 8
ALWAYS = ("script.svg", "page.jpg", "huge.png", "acts.pdf", "entities.xml", "deep.json")
"""What each field is given; of the rest each is given a few, but with `FAULTS=long`, then all."""


def _some(given, place):
    return given if IS_LONG else [given[(place * FEW + more) % len(given)] for more in range(FEW)]


@dataclass(frozen=True)
class Field:
    """A field for files; `rest` is what else its form needs to be taken."""

    who: str
    rule: str
    action: str
    form: PageForm
    control: Control
    rest: dict[str, list[object]]

    def __str__(self) -> str:
        """Name it."""
        return f"{self.control.name} of {self.action}"

    @property
    def accepts(self) -> str:
        """Return what it says that it takes."""
        return self.control.attributes.get("accept", "")

    @property
    def good(self) -> bytes:
        """Return a file that it takes."""
        if "image" in self.accepts:
            return files.PICTURE
        return files.TABLE if "csv" in self.accepts else files.PAPER


class _Plain(Pen):
    """Writes what anybody would."""

    def write(self, most, between=" "):
        return WORDS[:most]


def _give(market, field, name, content, rest=None):
    """Send the form with a file; return the answer."""
    data = dict(field.rest if rest is None else rest)
    if any(one.name == "file" and one.kind == "file" for one in field.form.controls):
        data["file"] = [(BytesIO(files.TABLE), "table.csv")]
    return market.post(
        field.who, field.action, data=data | {field.control.name: [(BytesIO(content), name)]}
    )


def _rest_of(market, field):
    """Find out what else the form wants, so that it is the file alone that is wrong later."""
    tries = {}
    for _ in range(len(GUESSES) + 2):
        rest = filled(field.form, _Plain([]), tries)
        with market.tried():
            answer = _give(market, field, "picture.png", field.good, rest)
        wrong = {one for one in Reader(answer.text).wrong if not one.startswith(field.control.name)}
        if answer.status_code != 422 or not wrong:
            break
        tries |= {name: tries.get(name, 0) + 1 for name in wrong}
    return rest


@pytest.fixture(scope="module")
def fields(market):
    """Return every field for files: who may use it, the page, the form and the field."""
    found = {}
    for (who, path), answer in walk(market, steps.starts_of(market), samples=1).items():
        if answer.mimetype != "text/html":
            continue
        for form in Reader(answer.text).forms:
            for control in form.controls:
                action = (form.action or path).split("#")[0]
                place = (market.rule_of(action), control.name)
                if control.kind == "file" and place not in found:
                    field = Field(who, place[0], action, form, control, {})
                    field.rest.update(_rest_of(market, field))
                    found[place] = field
    market.broken.clear()
    return list(found.values())


def _count(market) -> list[int]:
    kinds = (Photo, Document, ImportRun)
    return [market.db.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in kinds]


def _wrong_with_refusal(market, field, name, content):
    """Tell what is wrong with how a file is refused."""
    what = f"{name!r} at {field}"
    rest = field.rest
    with market.tried():
        before = _count(market)
        answer = _give(market, field, name, content)
        if _count(market) != before:
            yield f"{what} was stored"
    yield from market.broken
    market.broken.clear()
    page = Reader(answer.text)
    shown = page.like(field.form)
    if answer.status_code == 200 and _may_be_looked_at(field, content):
        return
    if answer.status_code != 422:
        yield f"{what} was answered {answer.status_code} {answer.location or ''}"
    elif not any(one.startswith(field.control.name) for one in page.wrong):
        yield f"{what}: nothing says that the file is wrong, but {page.wrong}"
    if shown:
        yield from (f"{what}: {one}" for one in changed(rest, shown))
        empty = {one.name for one in shown.texts if not any(one.values)}
        lost = [one for one in empty if WORDS in map(str, rest.get(one, ()))]
        if lost:
            yield f"{what}: what was written is lost: {lost}"
    elif field.form.texts and WORDS not in answer.text:
        yield f"{what}: the form is gone"


def _may_be_looked_at(field, content):
    """Tell whether it is only looked at, and told what it is not; nothing is nothing to look at."""
    if field.action.startswith("/verify/report"):
        return content.startswith(b"%PDF")
    return field.action.startswith("/verify") and not content


class TestHostileFile:
    def test_has_every_field_to_be_tried_at(self, fields):
        names = {(one.rule.split("/")[1], one.control.name) for one in fields}
        assert names >= {
            ("company", "photo"),
            ("company", "file"),
            ("project-desk", "photos"),
            ("project-desk", "papers"),
            ("project-desk", "receipt"),
            ("project-desk", "receipts"),
            ("project-desk", "file"),
            ("project-desk", "files"),
            ("verify", "file"),
        }

    def test_is_refused_with_a_message_and_nothing_is_stored(self, market, fields):
        found = []
        for place, field in enumerate(fields):
            for name in [*ALWAYS, *_some(list(files.REFUSED), place)]:
                found += _wrong_with_refusal(market, field, name, files.REFUSED[name])
        assert not found, "\n".join(found)

    def test_of_another_kind_than_its_field_is_refused(self, market, fields):
        found = []
        for field in fields:
            kinds = {"table.txt": b"a b c"}
            if "image" not in field.accepts:
                kinds["picture.png"] = files.PICTURE
            if "pdf" not in field.accepts:
                kinds["paper.pdf"] = files.PAPER
            for name, content in kinds.items():
                found += _wrong_with_refusal(market, field, name, content)
        assert not found, "\n".join(found)

    def test_that_is_a_picture_is_made_anew(self, market, fields):
        found = []
        for field in (one for one in fields if "image" in one.accepts):
            for name, content in files.CLEANED.items():
                found += self._wrong_with_what_stays(market, field, name, content)
        assert not found, "\n".join(found)

    @staticmethod
    def _wrong_with_what_stays(market, field, name, content):
        with market.tried():
            known = set(market.db.scalars(sa.select(Photo.key)))
            papers = set(market.db.scalars(sa.select(Document.key)))
            answer = _give(market, field, name, content)
            photos = [one for one in market.db.scalars(sa.select(Photo)) if one.key not in known]
            stored = [
                storage.find(service.private_name(one))
                for one in market.db.scalars(sa.select(Document))
                if one.key not in papers
            ]
            for photo in photos:
                for width in photo.widths:
                    given = market.open("", f"/media/{photo.key}-{width}.webp")
                    stored.append(given.data)
                    yield from wrong_with(given)
        if not stored:
            yield f"{name} at {field} was answered {answer.status_code}: {len(stored)} files"
        for data in stored:
            if not data or files.MARK in data or b"<script" in data or data[8:12] != b"WEBP":
                yield f"{name} at {field}: the script is given out"
        yield from market.broken
        market.broken.clear()

    def test_is_called_whatever_it_may_be_called(self, market, fields):
        found = []
        for field in fields:
            for name in files.NAMES:
                with market.tried():
                    answer = _give(market, field, name, field.good)
                    if answer.location:
                        answer = market.open(field.who, answer.location)
                    found += [f"{name!r} at {field}: {one}" for one in wrong_with(answer)]
        assert not (problems := [*market.broken, *found]), "\n".join(problems)

    @pytest.mark.field
    @needs_field_data
    def test_of_others_is_refused(self, market, fields):
        given = [
            path
            for folder in ("upload", "images", "xml")
            for path in field_files(f"4-input/{folder}")
            if path.name != "simple.xml" and not _is_picture(path)
        ]
        assert len(given) > 10
        found = [
            problem
            for place, field in enumerate(fields)
            for path in _some(given, place)
            for problem in _wrong_with_refusal(market, field, path.name, path.read_bytes())
        ]
        assert not found, "\n".join(found)

    @pytest.mark.field
    @needs_field_data
    def test_of_others_that_is_a_picture_is_made_anew(self, market, fields):
        (path,) = field_files("4-input/upload", "*metadata.jpg")
        found = []
        for field in (one for one in fields if "image" in one.accepts):
            found += self._wrong_with_what_stays(market, field, path.name, path.read_bytes())
        assert not found, "\n".join(found)


def _is_picture(path) -> bool:
    with path.open("rb") as upload:
        try:
            prepare(upload)
        except NotAPhoto:
            return False
    return True
