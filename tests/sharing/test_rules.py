"""Feeds by RFC 4287 and JSON Feed 1.1, calendars by RFC 5545."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.sharing.rules.calendars import LONGEST_LINE, Day, calendar
from marketplace.sharing.rules.feeds import ATOM, Feed, Item, atom, json_feed

A = "{http://www.w3.org/2005/Atom}"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ITEM = Item(
    id="urn:uuid:0198f0c4-0000-7000-8000-000000000001",
    url="https://causeway.example/projects/wells/updates/1",
    title="Water & <joy>",
    html='<p>It runs: <a href="https://example.org/?a=1&amp;b=2">see</a></p>',
    at=NOW,
    author="Achieng’",
    image="https://causeway.example/media/x.webp",
)
FEED = Feed(
    id="https://causeway.example/projects/wells",
    title="Wells",
    home="https://causeway.example/fr/projects/wells",
    address="https://causeway.example/fr/projects/wells/updates",
    language="fr",
    publisher="Causeway",
    began_at=datetime(2025, 1, 1, tzinfo=UTC),
    items=[ITEM, replace(ITEM, id="urn:uuid:2", at=NOW.replace(day=1), image="", author="")],
)


def complaints_atom(text):
    """Return what RFC 4287 asks for and the document lacks."""
    root = ET.fromstring(text)
    wrong = [] if root.tag == f"{A}feed" else ["root"]
    for element in (root, *root.iter(f"{A}entry")):
        needed = ("id", "title", "updated")  # 4.1.1, 4.1.2: exactly one of each
        wrong += [name for name in needed if len(element.findall(f"{A}{name}")) != 1]
        moment = element.findtext(f"{A}updated")
        if datetime.fromisoformat(moment).tzinfo is None:
            wrong.append("updated has no offset")
        if ":" not in element.findtext(f"{A}id"):
            wrong.append("id is no URI")
        kinds = [(one.get("rel"), one.get("type")) for one in element.findall(f"{A}link")]
        if len(kinds) != len(set(kinds)):
            wrong.append("two alternates of one type")
        if element.find(f"{A}author") is None or not element.findtext(f"{A}author/{A}name"):
            wrong.append("author")
    ids = [one.findtext(f"{A}id") for one in root.iter(f"{A}entry")]
    if len(ids) != len(set(ids)):
        wrong.append("an id twice")
    if [one.get("rel") for one in root.findall(f"{A}link")].count("self") != 1:
        wrong.append("self")
    return wrong


def complaints_json(told):
    """Return what JSON Feed 1.1 asks for and the document lacks."""
    wrong = [name for name in ("version", "title", "items") if name not in told]
    if told["version"] != "https://jsonfeed.org/version/1.1":
        wrong.append("version")
    for item in told["items"]:
        if not isinstance(item.get("id"), str):
            wrong.append("id")
        if not item.get("content_html") and not item.get("content_text"):
            wrong.append("content")
        if datetime.fromisoformat(item["date_published"]).tzinfo is None:
            wrong.append("date_published")
    return wrong


class TestAtom:
    def test_has_what_the_standard_wants(self):
        assert complaints_atom(atom(FEED)) == []
        assert complaints_atom(atom(replace(FEED, items=[]))) == []

    def test_says_who_what_and_when(self):
        root = ET.fromstring(atom(FEED))
        assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
        assert root.findtext(f"{A}updated") == NOW.isoformat()
        first, second = root.iter(f"{A}entry")
        assert first.findtext(f"{A}title") == "Water & <joy>"
        assert first.findtext(f"{A}content") == ITEM.html
        assert [one.findtext(f"{A}author/{A}name") for one in (first, second)] == [
            "Achieng’",
            "Causeway",
        ]
        links = {one.get("rel"): one.get("href") for one in root.findall(f"{A}link")}
        assert links == {"alternate": FEED.home, "self": f"{FEED.address}.atom"}

    def test_names_what_an_item_of_many_belongs_to(self):
        root = ET.fromstring(atom(replace(FEED, items=[replace(ITEM, about="Wells")])))
        assert root.findtext(f"{A}entry/{A}title") == "Wells: Water & <joy>"

    @given(st.text())
    def test_stays_atom_whatever_people_write(self, text):
        item = replace(ITEM, title=text, html=text, author=text, about=text)
        root = ET.fromstring(atom(replace(FEED, title=text, items=[item])))
        assert len(root.findall(f"{A}entry")) == 1
        assert {child.tag for child in root} == {
            f"{A}{name}" for name in ("id", "title", "link", "updated", "author", "entry")
        }


class TestJsonFeed:
    def test_has_what_the_standard_wants(self):
        assert complaints_json(json_feed(FEED)) == []

    def test_says_who_what_and_when(self):
        told = json.loads(json.dumps(json_feed(replace(FEED, items=[ITEM]))))
        (item,) = told["items"]
        assert item["image"] == ITEM.image
        assert item["authors"] == [{"name": "Achieng’"}]
        assert told["feed_url"].endswith(".json")
        assert told["language"] == "fr"

    def test_never_leaves_an_item_without_content(self):
        told = json_feed(replace(FEED, items=[replace(ITEM, html="", about="Wells")]))
        assert told["items"][0]["content_html"] == "<p>Water &amp; &lt;joy&gt;</p>"
        assert told["items"][0]["tags"] == ["Wells"]

    def test_is_another_format_than_atom(self):
        assert ATOM == "application/atom+xml"


DAY = Day(
    "7", date(2026, 12, 31), "Wells: 300; really, all", "One\nTwo \\ three", "https://x.example"
)


def unfolded(text):
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= LONGEST_LINE for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


class TestCalendar:
    def test_has_a_whole_day_for_each(self):
        lines = unfolded(calendar("Wells", [DAY], host="causeway.example", now=NOW))
        assert lines[0] == "BEGIN:VCALENDAR"
        assert lines[-1] == "END:VCALENDAR"
        assert {
            "VERSION:2.0",
            "UID:7@causeway.example",
            "DTSTAMP:20261122T090000Z",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270101",
            "SUMMARY:Wells: 300\\; really\\, all",
            "DESCRIPTION:One\\nTwo \\\\ three",
        } <= set(lines)

    @pytest.mark.parametrize("text", ["é" * 200, "a" * 75, "x\r\nBEGIN:VEVENT", "\x00\x07"])
    def test_stays_a_calendar_whatever_people_write(self, text):
        days = [replace(DAY, title=text, about="")]
        lines = unfolded(calendar(text, days, host="x", now=NOW))
        assert lines.count("BEGIN:VEVENT") == 1
        assert not any(line.startswith("DESCRIPTION") for line in lines)
