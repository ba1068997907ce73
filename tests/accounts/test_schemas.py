"""What the forms about people let in."""

import defusedxml.ElementTree as ElementTree
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from marketplace.accounts.rules import clean_name
from marketplace.accounts.schemas import Email, SignUpInput
from tests.field import DATA, needs_field_data

TABLE = DATA / "4-input/email/isemail-tests.xml"
WITHOUT_A_DOT = "test@io"  # valid by the RFCs, but nobody we could write to


def read(address):
    """Return the address as it would be kept, or None if it is refused."""
    try:
        return Email().deserialize(address)
    except ValidationError:
        return None


class TestEmail:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Elena@Example.ORG", "elena@example.org"),
            ("elena+causeway@example.org", "elena+causeway@example.org"),
            ("o'neill@example.org", "o'neill@example.org"),
            ("elena@bücher.example", "elena@xn--bcher-kva.example"),
            ("élena@example.org", None),
            ("elena@example", None),
            ("elena", None),
            ("elena@example.org\r\nBcc: all@example.org", None),
            ("elena@example.org,other@example.org", None),
            ("Elena <elena@example.org>", None),
            ("elena@[127.0.0.1]", None),
            ("elena@localhost", None),
            ("a" * 65 + "@example.org", None),
            ("elena@" + "a." * 130 + "org", None),
        ],
    )
    def test_keeps_what_letters_can_reach(self, typed, kept):
        assert read(typed) == kept

    @given(st.text() | st.emails())
    def test_changes_nothing_the_second_time(self, typed):
        kept = read(typed)
        assert kept is None or read(kept) == kept

    @given(st.text() | st.emails())
    def test_keeps_only_what_the_database_takes(self, typed):
        kept = read(typed)
        assert kept is None or (kept.isascii() and kept == kept.lower() and kept.isprintable())

    @pytest.mark.field
    @needs_field_data
    def test_agrees_with_the_table_of_addresses(self):
        disagreed = []
        for test in ElementTree.parse(TABLE).iter("test"):
            address = "".join(
                chr(ord(sign) - 0x2400) if 0x2400 <= ord(sign) < 0x2420 else sign
                for sign in test.findtext("address") or ""
            )
            category = test.findtext("category")
            is_kept = read(address) is not None
            wrong = category == "ISEMAIL_ERR" and is_kept
            missed = category == "ISEMAIL_VALID_CATEGORY" and not is_kept
            if (wrong or missed) and address != WITHOUT_A_DOT:
                disagreed.append((test.get("id"), address, category))
        assert disagreed == []


class TestSignUpInput:
    @given(st.text(max_size=300))
    def test_gives_a_name_on_one_line(self, name):
        values = {"email": "elena@example.org", "name": name}
        if SignUpInput().validate(values):
            assert not 1 <= len(clean_name(name)) <= 120
            return
        kept = SignUpInput().load(values)["name"]
        assert 1 <= len(kept) <= 120
        assert len(kept.splitlines()) == 1
