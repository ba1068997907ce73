"""The letters about accounts, word for word."""

import re

import pytest

from marketplace.accounts import jobs
from tests import golden
from tests.accounts.people import make_person

ASKED_AT = "2026-03-12T18:42:00+00:00"
PERSON = {"email": "elena@example.org", "name": "Elena Marchetti", "locale": "en"}


def changed(what):
    return lambda: jobs.account_changed_mail(**PERSON, what=what, asked_at=ASKED_AT)


LETTERS = {
    "confirm_email": lambda: jobs.sign_up_mail(
        **PERSON | {"email": "new@example.org"}, asked_at=ASKED_AT
    ),
    "already_member": lambda: jobs.sign_up_mail(**PERSON, asked_at=ASKED_AT),
    "reset_password": lambda: jobs.reset_mail(email="elena@example.org", asked_at=ASKED_AT),
    "password_changed": changed("password"),
    "email_changed": changed("email"),
    "second_factor_on": changed("second_factor_on"),
    "second_factor_off": changed("second_factor_off"),
    "recovery_codes": changed("recovery_codes"),
}


class TestLetter:
    @pytest.fixture
    def elena(self, db):
        return make_person(email="elena@example.org", name="Elena Marchetti")

    @pytest.mark.parametrize("name", LETTERS)
    def test_reads_as_it_should(self, elena, letters, name):
        LETTERS[name]()
        golden.compare(f"mail/{name}.txt", printed(letters[0]))

    def test_to_a_new_address_reads_as_it_should(self, elena, letters):
        jobs.new_email_mail(user_id=str(elena.id), email="new@example.org", asked_at=ASKED_AT)
        golden.compare("mail/confirm_new_email.txt", printed(letters[0]))

    def test_about_a_recovery_code_reads_as_it_should(self, elena, letters):
        jobs.recovery_code_mail(user_id=str(elena.id), left=9, asked_at=ASKED_AT)
        golden.compare("mail/recovery_code.txt", printed(letters[0]))
        html = letters[0].get_body(("html",)).get_content()
        assert "9 codes are left." in html

    @pytest.mark.parametrize("name", LETTERS)
    def test_says_the_same_to_screens(self, elena, letters, name):
        LETTERS[name]()
        text, html = (letters[0].get_body((kind,)).get_content() for kind in ("plain", "html"))
        for link in re.findall(r"http\S+", text):
            assert link in html
        assert letters[0]["Subject"] in html

    def test_shows_no_markup_of_a_name(self, db, letters):
        make_person(email="elena@example.org", name="<b>Elena</b>")
        LETTERS["reset_password"]()
        assert "<b>Elena" not in letters[0].get_body(("html",)).get_content()
        assert "<b>Elena</b>" in letters[0].get_body(("plain",)).get_content()

    def test_for_nobody_is_not_written(self, db, letters):
        jobs.reset_mail(email="nobody@example.org", asked_at=ASKED_AT)
        assert letters == []


def printed(letter):
    """Return a letter as text, with its secret token taken out."""
    text = letter.get_body(("plain",)).get_content()
    secretless = re.sub(r"(/(?:sign-up|reset-password|email)/)[\w.-]{20,}", r"\1TOKEN", text)
    return f"To: {letter['To']}\nSubject: {letter['Subject']}\n\n{secretless}"
