"""The check of translations: what is missing, stale or broken is said, each in a line."""

import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from marketplace.core import i18n_check

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def source() -> Catalog:
    made = Catalog()
    made.add("Pay")
    made.add("%(name)s gives %(amount)s", flags=["python-format"])
    made.add(("%(num)s piece", "%(num)s pieces"), flags=["python-format"])
    return made


@pytest.fixture
def check(tmp_path, monkeypatch, source):
    """Return a function that checks a French translation given as the text of its file."""
    monkeypatch.setattr(i18n_check, "TRANSLATIONS", tmp_path)
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)

    def check(**changes: str) -> list[str]:
        said = {
            "pay": 'msgid "Pay"\nmsgstr "Payer"',
            "gives": 'msgid "%(name)s gives %(amount)s"\nmsgstr "%(amount)s de %(name)s"',
            "pieces": 'msgid "%(num)s piece"\nmsgid_plural "%(num)s pieces"\n'
            'msgstr[0] "%(num)s pièce"\nmsgstr[1] "%(num)s pièces"',
        } | changes
        text = HEADER + "\n\n".join(one for one in said.values() if one) + "\n"
        (folder / "messages.po").write_text(text, "utf-8")
        assert read_po(io.BytesIO(text.encode()), locale="fr")
        return i18n_check.problems_of("fr", source)

    return check


class TestProblems:
    def test_are_none_where_all_is_translated(self, check):
        assert check() == []

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"pay": ""}, "fr: not translated: 'Pay'"),
            ({"pay": 'msgid "Pay"\nmsgstr ""'}, "fr: not translated: 'Pay'"),
            ({"pay": '#, fuzzy\nmsgid "Pay"\nmsgstr "Payer"'}, "fr: not translated: 'Pay'"),
            ({"more": 'msgid "Old"\nmsgstr "Vieux"'}, "fr: not in the source any more: 'Old'"),
            ({"pay": 'msgid "Pay"\nmsgstr "Payer !"'}, "fr: a plain space beside a sign in: 'Pay'"),
            (
                {"gives": 'msgid "%(name)s gives %(amount)s"\nmsgstr "%(nom)s donne %(amount)s"'},
                "fr: placeholders differ (name, nom) in: '%(name)s gives %(amount)s'",
            ),
            (
                {"gives": 'msgid "%(name)s gives %(amount)s"\nmsgstr "%(name)s donne"'},
                "fr: placeholders differ (amount) in: '%(name)s gives %(amount)s'",
            ),
        ],
        ids=["missing", "empty", "fuzzy", "stale", "sign", "another name", "a name too few"],
    )
    def test_are_said_one_by_one(self, check, changes, says):
        assert says in check(**changes)


class TestMain:
    def test_fails_where_there_is_one(self, monkeypatch, capsys, source):
        monkeypatch.setattr(i18n_check, "collect", lambda: source)
        monkeypatch.setattr(i18n_check, "problems_of", lambda language, _source: [f"{language}: x"])
        assert i18n_check.main() == 1
        assert capsys.readouterr().out.splitlines() == ["fr: x", "it: x"]
        monkeypatch.setattr(i18n_check, "problems_of", lambda *_: [])
        assert i18n_check.main() == 0
