"""Nothing that people read speaks English by accident: not a template, not a state, not a page."""

import enum
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import render_template_string
from flask_babel import force_locale

from marketplace.companies.models import CompanyState
from marketplace.core.i18n import LANGUAGES
from marketplace.disclosures.rules import Jurisdiction
from marketplace.invariants.queries import INVARIANTS
from marketplace.ledger import rules as ledger
from marketplace.orders.models import DisputeState, FailedRefundState, OrderState, RefundState
from marketplace.outcomes.rules import IndicatorKind, ReviewerRole
from marketplace.papers.rules import RecipientKind
from marketplace.papers.rules import Why as WhyCancelled
from marketplace.payments.rules import CommandKind, CommandState
from marketplace.planning.rules import NeedKind
from marketplace.projects.models import ProjectState
from marketplace.verification import rules as verification
from marketplace.volunteer_translations.rules import TranslationState
from tests import factories
from tests.journeys.purchase import pay, place

pytestmark = pytest.mark.usefixtures("untraced")

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
IN_ENGLISH = {"api", "look"}  # what programmers and designers read
NAMES = {"Causeway", "webp", "urn", "uuid", "media", "RSS", "JSON", "CSV", "PDF", "SKU", "CW"}
NAMES |= {"Atom", "Commons", "Creative", "DCAT", "Feed", "LD", "kB"}
NOT_TEXT = (
    r"\{#.*?#\}",
    r"\{%-?\s*trans\b.*?endtrans\s*-?%\}",
    r"\{%.*?%\}",
    r"\{\{.*?\}\}",
    r"<(style|script|code|pre|textarea)\b.*?</\1>",
    r'<(\w+) class="(?:hash|code)".*?</\1>',
    r"<[^>]*>",
    r'[\w-]+="[^"]*"',
    r"&#?\w+;",
)
SPOKEN = ("aria-label", "alt", "title", "placeholder", "summary")
WORDS = {
    "account": [one.value for one in ledger.Purpose],
    "source": [one.value for one in ledger.Source],
    "transaction": [one.value for one in ledger.Kind],
    "order_state": [one.value for one in OrderState],
    "refund_state": [one.value for one in RefundState],
    "failed_refund_state": [one.value for one in FailedRefundState],
    "dispute_state": [one.value for one in DisputeState],
    "company_state": [one.value for one in CompanyState],
    "project_state": [one.value for one in ProjectState],
    "command": [one.value for one in CommandKind],
    "command_state": [one.value for one in CommandState],
    "invariant": [one.name for one in INVARIANTS],
    "recipient_kind": [one.value for one in RecipientKind],
    "gift_cancelled": [one.value for one in WhyCancelled],
    "indicator_kind": [*IndicatorKind],
    "reviewer_role": [*ReviewerRole],
    "need_kind": [*NeedKind],
    "level": [*verification.Level],
    "level_means": [*verification.Level],
    "step": [*verification.Step],
    "check_result": [*verification.Result],
    "backing": [*verification.BackedBy],
    "asked_paper": [one for one in verification.PaperKind if one != "other"],
    "paper_state": [*verification.PaperState],
    "concern_state": [*verification.ConcernState],
    "concern_outcome": [*verification.ConcernOutcome],
    "jurisdiction": [one.value for one in Jurisdiction],
    "translation_state": [*TranslationState],
    "from_language": [*LANGUAGES],
    "into_language": [*LANGUAGES],
    "in_language": [*LANGUAGES],
    "why_these_words": [one.value for one in Jurisdiction],
}
IN_FRENCH_TOO = {
    "commission", "confirmation", "cause", "csv", "documents", "organisation", "questions",
    "certain", "json", "xml", "360giving", "iati",
}  # fmt: skip
"""Codes that are French words, or names of formats."""

SAME = {"stock", "sponsor", "zero", "commission"}
"""Words that another language has, too."""


def literal_text(template: str) -> list[str]:
    """Return what a template says by itself, in words of two letters or more."""
    said = [
        value
        for name in SPOKEN
        for value in re.findall(rf'\b{name}="([^"{{]*)"', template)
        if "{" not in value
    ]
    for pattern in NOT_TEXT:
        template = re.sub(pattern, " ", template, flags=re.DOTALL)
    words = re.findall(r"[^\W\d_]{2,}", " ".join([*said, template]))
    return [word for word in words if word not in NAMES]


class TestTemplates:
    def test_say_nothing_that_is_not_translated(self):
        found = {
            str(path.relative_to(TEMPLATES)): words
            for path in sorted(TEMPLATES.rglob("*"))
            if path.suffix in (".html", ".txt", ".xml")
            and path.relative_to(TEMPLATES).parts[0] not in IN_ENGLISH
            and (words := literal_text(path.read_text()))
        }
        assert found == {}

    def test_of_letters_share_one_sheet(self):
        for path in (TEMPLATES / "mail").glob("[!_]*.html"):
            text = path.read_text()
            assert text.startswith('{% extends "mail/_letter.html" %}'), path
            assert "<h1" not in text, path


class TestWords:
    @pytest.mark.parametrize("language", ["en", "fr", "it"])
    @pytest.mark.parametrize("macro", WORDS)
    def test_there_are_for_everything_that_code_calls_by_one(self, app, macro, language):
        source = f"{{% import '_macros/words.html' as words %}}{{{{ words.{macro}(one) }}}}"
        with app.test_request_context(f"/{language}/"), force_locale(language):
            said = {one: render_template_string(source, one=one) for one in WORDS[macro]}
        assert all(said.values())
        assert not [one for one in said if "_" in said[one]]
        if language != "en":
            assert {one for one, words in said.items() if one == words} <= SAME


class Reader(HTMLParser):
    """Collects what a page says and where it leads; codes are no words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self._open: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Note a link, what is spoken of an element, and whether its text counts."""
        at = dict(attrs)
        if tag == "a" and at.get("href"):
            self.links.append(at["href"])
        self.said += [at[name] for name in (*SPOKEN, "data-label") if at.get(name)]
        is_code = tag in ("script", "style", "code", "pre") or at.get("lang", "fr") != "fr"
        is_code |= bool({"code", "hash"} & set((at.get("class") or "").split()))
        if tag not in VOID:
            self._open.append(is_code)

    def handle_endtag(self, tag):
        """Leave an element."""
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data):
        """Note text."""
        if not any(self._open) and data.strip():
            self.said.append(" ".join(data.split()))


VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr", "path", "rect", "circle", "line", "use",
}  # fmt: skip


def codes() -> set[str]:
    """Return every word by which the code calls a state, a kind or a role."""
    kinds = [one for one in enum.StrEnum.__subclasses__() if one.__module__[:11] == "marketplace"]
    return {value.value for kind in kinds for value in kind}


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    """Return the English sentences that French says otherwise."""
    path = ROOT / "marketplace" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale="fr")
    return {
        message.id: str(message.string)
        for message in catalog
        if isinstance(message.id, str) and message.id and "%(" not in message.id
    }


@pytest.fixture
def world(db, shop, provider):
    """Return people of every kind, and two orders: one paid, one not."""
    order = pay(place(shop), provider)
    place(shop)
    buyer = factories.make_user(name="Zoé", locale="fr")
    order.customer_id = buyer.id
    marta, achieng = factories.make_user(name="Marta"), factories.make_user(name="Achieng’")
    factories.make_member(shop["companies"][0], marta)
    factories.make_owner(shop["projects"][0], achieng)
    giulia = factories.make_user(name="Giulia", is_operator=True)
    factories.make_company(name="Fornace", state="draft", verified_at=None)
    factories.make_project(title="Hedge", state="proposed")
    db.commit()
    company, project = shop["companies"][0].slug, shop["projects"][0].slug
    return {
        "shopper": (buyer, "/account"),
        "company": (marta, f"/company/{company}"),
        "owner": (achieng, f"/project-desk/{project}"),
        "operator": (giulia, "/staff"),
    }


class TestPages:
    """Each page that a link leads to, once per view, in French."""

    @pytest.mark.parametrize("who", ["shopper", "company", "owner", "operator"])
    def test_say_in_french_what_french_has_words_for(
        self, app, client, sign_in, world, english, who
    ):
        person, start = world[who]
        sign_in(client, person)
        pages = dict(self.walk(app, client, [f"/fr{start}", "/fr/account", "/fr/"]))
        assert len(pages) > 15
        coded = codes() - IN_FRENCH_TOO
        found = {
            page: wrong
            for page, said in pages.items()
            if (wrong := [one for one in said if self.is_english(one, english, coded)])
        }
        assert found == {}

    @staticmethod
    def is_english(said: str, english: dict[str, str], coded: set[str]) -> bool:
        """Say whether a piece of a page is a state's code, or a sentence left as it was."""
        parts = {part.strip().lower() for part in re.split(r"[,.;:()·|]", said)}
        return bool(parts & coded) or english.get(said, said) != said

    @staticmethod
    def walk(app, client, todo):
        """Yield each page's address and what it says, following links to views not seen yet."""
        routes, seen = app.url_map.bind("localhost"), set()
        while todo:
            address = todo.pop(0).partition("#")[0]
            path = address.partition("?")[0].removeprefix("/fr") or "/"
            if not address.startswith("/fr") or not routes.test(path, "GET"):
                continue
            view = routes.match(path, "GET")[0]
            if view in seen:
                continue
            seen.add(view)
            answer = client.get(address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                read = Reader(answer.text)
                todo += read.links
                yield address, read.said
