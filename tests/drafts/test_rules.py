"""Local times, addresses that are signed, and what somebody wrote in a letter."""

import uuid
from datetime import UTC, datetime

import pytest
import time_machine

from marketplace.core.errors import Invalid
from marketplace.drafts.rules import addresses, moments
from marketplace.drafts.rules.words import own_words, title_of, words_of_html

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class TestMoment:
    def test_is_local_to_its_zone(self):
        at = moments.moment_of("2026-03-12", "09:00", "Africa/Nairobi", now=NOW)
        assert at == datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
        assert moments.local(at, "Africa/Nairobi").hour == 9
        assert moments.offset(at, "Africa/Nairobi") == "UTC+03:00"

    def test_that_comes_twice_is_the_first(self):
        at = moments.moment_of("2026-10-25", "02:30", "Europe/Rome", now=NOW)
        assert at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("day", "hour", "zone", "field"),
        [
            ("2026-03-29", "02:30", "Europe/Rome", "day"),  # the clocks leave it out
            ("2026-02-28", "09:00", "UTC", "day"),
            ("2028-01-01", "09:00", "UTC", "day"),
            ("9999-12-31", "23:59", "America/Los_Angeles", "day"),
            ("0001-01-01", "00:00", "Pacific/Auckland", "day"),
            ("soon", "09:00", "UTC", "day"),
            ("2026-03-12", "9 o'clock", "UTC", "day"),
            ("2026-03-12", "09:00", "../../etc/passwd", "zone"),
        ],
    )
    def test_is_refused_where_there_is_none(self, day, hour, zone, field):
        with pytest.raises(Invalid) as refused:
            moments.moment_of(day, hour, zone, now=NOW)
        assert field in refused.value.fields

    def test_begins_with_the_zone_of_the_country(self):
        assert moments.zone_of("KE") == "Africa/Nairobi"
        assert moments.zone_of(None) == "UTC"
        assert moments.zone_of("XX") == "UTC"


class TestAddress:
    def test_is_read_in_any_letters_of_case(self):
        one = uuid.uuid4()
        local = addresses.local_part("secret", one)
        assert len(local) <= 64
        assert addresses.read_local_part("secret", local) == one
        assert addresses.read_local_part("secret", local.upper()) == one

    def test_is_not_read_if_it_is_not_ours(self):
        local = addresses.local_part("secret", uuid.uuid4())
        last = "a" if local[-2] != "a" else "b"
        forged = [
            addresses.local_part("other", uuid.uuid4()),
            f"{local[:-2]}{last}{local[-1]}",
            "update+",
            "update+äöü",
            "update+" + "a" * 500,
            "hello",
            "",
        ]
        assert [addresses.read_local_part("secret", one) for one in forged] == [None] * 7

    def test_of_a_link_ends_with_its_time(self):
        one = uuid.uuid4()
        token = addresses.publish_token("secret", one)
        assert addresses.read_publish_token("secret", token) == one
        assert addresses.read_publish_token("other", token) is None
        with time_machine.travel(datetime.now(UTC) + addresses.LINK_VALID_FOR * 2):
            assert addresses.read_publish_token("secret", token) is None


class TestOwnWords:
    @pytest.mark.parametrize(
        "text",
        [
            "It rains.\n\n-- \nElena Riva\nRiwa Springs",
            "It rains.\n\nOn 3 March at 10:00, Causeway <a@b.example> wrote:\n> What is new?",
            "It rains.\n\nOn 3 March at 10:00,\nCauseway <a@b.example> wrote:\n> What?\n> New?",
            "It rains.\r\n\r\nLe 3 mars 2026 à 10:00, Causeway a écrit :\r\n> Quoi ?",
            "It rains.\n\nIl giorno 3 mar 2026 Causeway ha scritto:\n\n> Che c'è?",
            "It rains.\n\n-----Original Message-----\nFrom: us",
            "It rains.\n\n________________________________\nFrom: Causeway <a@b>\nSent: today",
            "It rains.\n\nFrom: Causeway <a@b.example>\nSent: Tuesday\nTo: you\n\nWhat is new?",
            "It rains.\n\nSent from my iPhone",
            "It rains.\n\n> What is new?\n> Nothing?\n",
            "On 3 March 2026, Causeway wrote:\n> What is new?\n\nIt rains.",
        ],
    )
    def test_are_without_what_is_quoted_and_signed(self, text):
        assert own_words(text) == "It rains."

    def test_stay_whole_where_nothing_is_quoted(self):
        text = "On Monday we wrote:\n\nnothing - as usual.\n\nFrom: here on it is dry."
        assert own_words("We met.\n\n> a proverb\n\nThen we left.") == (
            "We met.\n\n> a proverb\n\nThen we left."
        )
        assert "nothing - as usual" in own_words(text)

    def test_of_a_letter_that_only_quotes_are_none(self):
        assert own_words("On 3 March, Causeway wrote:\n> What is new?\n") == ""
        assert own_words("-- \nElena") == ""


class TestTitle:
    def test_is_the_subject(self):
        assert title_of(" The  pump\n runs ", "It does.") == "The pump runs"

    @pytest.mark.parametrize(
        "subject", ["Re: What is new?", "R: What?", "AW: RE: x", "", "Réf : x"]
    )
    def test_of_an_answer_is_its_first_sentence(self, subject):
        assert title_of(subject, "\nThe pump runs. It took long.") == "The pump runs"
        long = title_of(subject, "word " * 60)
        assert long.endswith("…")
        assert len(long) <= 81

    def test_is_nothing_where_nothing_is_said(self):
        assert title_of("Re: x", "") == ""


class TestWordsOfHtml:
    def test_are_paragraphs_without_what_runs_or_is_quoted(self):
        page = (
            "<head><title>x</title><style>p{}</style></head><p>It <b>rains</b> &amp; rains.</p>"
            "<script>alert(1)</script><ul><li>one<li>two</ul>"
            '<div class="gmail_quote"><div>On Monday</div><blockquote>old</blockquote></div>'
        )
        assert words_of_html(page) == "It rains & rains.\n\n- one\n- two"

    def test_survive_tags_that_never_close(self):
        assert words_of_html("<div><p>It rains" + "<div>" * 5_000) == "It rains"
