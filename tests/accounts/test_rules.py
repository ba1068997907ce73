from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts import rules

NOW = datetime(2026, 3, 12, 18, 42, tzinfo=UTC)
KEY = "a secret for tests"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(moment):
    return pyotp.TOTP(SECRET).at(moment)


class TestIsWeak:
    @pytest.mark.parametrize(
        "password",
        [
            "password1234",
            "PASSWORD!!!!",
            "passwordpassword",
            "123456789012",
            "098765432109",
            "abcdefghijkl",
            "qwertyuiopas",
            "aaaaaaaaaaaa",
            "abababababab",
            "motdepasse2026",
            "Causeway-2026",
            "iloveyou12345",
            "correct horse battery staple",
        ],
    )
    def test_finds_the_commonest(self, password):
        assert rules.is_weak(password)

    @pytest.mark.parametrize(
        "password",
        ["elena.marchetti1", "ElenaMarchetti!", "xx-marchetti-12", "elena@example.org"],
    )
    def test_finds_ones_own_name_and_address(self, password):
        assert rules.is_weak(password, email="elena@example.org", name="Elena Marchetti") or (
            rules.is_weak(password, email="elena.marchetti@example.org", name="Elena Marchetti")
        )

    @pytest.mark.parametrize(
        "password",
        ["correct horse battery", "wet stones at low tide", "Tr0ub4dor&3-again", "длинный пароль!"],
    )
    def test_lets_long_ones_be(self, password):
        assert not rules.is_weak(password, email="elena@example.org", name="Elena Marchetti")

    def test_lets_a_name_stand_in_a_long_one(self):
        assert not rules.is_weak("elena counts eleven herons", name="Elena")

    @given(st.text(max_size=200), st.text(max_size=50), st.text(max_size=50))
    def test_takes_anything(self, password, email, name):
        assert rules.is_weak(password, email=email, name=name) in (True, False)


class TestCleanName:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("  Elena   Marchetti ", "Elena Marchetti"),
            ("Elena\r\nBcc: all@example.org", "Elena Bcc: all@example.org"),
            ("Elena\x1b[31m", "Elena [31m"),
            ("Elena\u2028Marchetti", "Elena Marchetti"),
            ("Zoe\u0308", "Zoë"),
            ("\t\n", ""),
        ],
    )
    def test_puts_a_name_on_one_line(self, typed, kept):
        assert rules.clean_name(typed) == kept

    @given(st.text())
    def test_changes_nothing_the_second_time(self, text):
        once = rules.clean_name(text)
        assert rules.clean_name(once) == once
        assert len(once.splitlines()) <= 1


class TestHashAddress:
    def test_says_nothing_of_the_address(self):
        hashed = rules.hash_address("203.0.113.7", day=date(2026, 3, 12), secret_key=KEY)
        assert "203" not in hashed
        assert len(hashed) == 32

    def test_is_another_on_the_next_day(self):
        days = [date(2026, 3, 12), date(2026, 3, 13)]
        assert (
            len({rules.hash_address("203.0.113.7", day=day, secret_key=KEY) for day in days}) == 2
        )

    def test_is_another_with_another_key(self):
        keys = [KEY, KEY + "!"]
        day = date(2026, 3, 12)
        assert (
            len({rules.hash_address("203.0.113.7", day=day, secret_key=key) for key in keys}) == 2
        )

    def test_counts_a_household_of_ipv6_as_one(self):
        addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"]
        day = date(2026, 3, 12)
        hashes = [rules.hash_address(one, day=day, secret_key=KEY) for one in addresses]
        assert hashes[0] == hashes[1] != hashes[2]

    def test_knows_ipv4_inside_ipv6(self):
        day = date(2026, 3, 12)
        assert rules.hash_address("::ffff:203.0.113.7", day=day, secret_key=KEY) == (
            rules.hash_address("203.0.113.7", day=day, secret_key=KEY)
        )

    def test_takes_what_is_no_address(self):
        assert rules.hash_address("unix:", day=date(2026, 3, 12), secret_key=KEY)


class TestLink:
    def make(self, **changes):
        values = {"state": "as it was", "now": NOW, "lifetime": timedelta(hours=2)} | changes
        return rules.sign_link("reset", {"user": "7"}, secret_key=KEY, **values)

    def test_brings_its_values_back(self):
        values, seal = rules.read_link("reset", self.make(), secret_key=KEY, now=NOW)
        assert values == {"user": "7"}
        assert rules.fits_seal("reset", seal, state="as it was", secret_key=KEY)

    def test_ends(self):
        token = self.make()
        before, after = NOW + timedelta(hours=2), NOW + timedelta(hours=2, seconds=1)
        assert rules.read_link("reset", token, secret_key=KEY, now=before)
        assert rules.read_link("reset", token, secret_key=KEY, now=after) is None

    def test_does_not_fit_when_things_have_changed(self):
        _values, seal = rules.read_link("reset", self.make(), secret_key=KEY, now=NOW)
        assert not rules.fits_seal("reset", seal, state="as it is now", secret_key=KEY)

    def test_serves_no_other_purpose(self):
        assert rules.read_link("sign-up", self.make(), secret_key=KEY, now=NOW) is None

    def test_needs_the_key(self):
        assert rules.read_link("reset", self.make(), secret_key="other", now=NOW) is None

    @given(st.text())
    def test_takes_any_forgery(self, token):
        assert rules.read_link("reset", token, secret_key=KEY, now=NOW) is None

    def test_does_not_tell_the_state(self):
        assert "as it was" not in self.make()


class TestTotpStep:
    def test_takes_the_code_of_now(self):
        step = rules.totp_step(SECRET, code_at(NOW), now=NOW, last_step=None)
        assert step == int(NOW.timestamp()) // 30

    def test_agrees_with_the_rfc(self):
        secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, of which 6 digits
        moment = datetime.fromtimestamp(1111111109, UTC)
        assert rules.totp_step(secret, "081804", now=moment, last_step=None) == 1111111109 // 30

    def test_takes_a_code_with_a_blank(self):
        code = code_at(NOW)
        assert rules.totp_step(SECRET, f" {code[:3]} {code[3:]}", now=NOW, last_step=None)

    @pytest.mark.parametrize(
        ("seconds", "is_taken"), [(-30, True), (30, True), (-60, False), (60, False)]
    )
    def test_is_patient_with_clocks_by_one_step(self, seconds, is_taken):
        code = code_at(NOW + timedelta(seconds=seconds))
        found = rules.totp_step(SECRET, code, now=NOW, last_step=None)
        assert (found is not None) is is_taken

    def test_refuses_a_code_that_was_used(self):
        step = rules.totp_step(SECRET, code_at(NOW), now=NOW, last_step=None)
        assert rules.totp_step(SECRET, code_at(NOW), now=NOW, last_step=step) is None

    def test_refuses_a_code_older_than_the_last(self):
        earlier = code_at(NOW - timedelta(seconds=30))
        step = int(NOW.timestamp()) // 30
        assert rules.totp_step(SECRET, earlier, now=NOW, last_step=step) is None

    @pytest.mark.parametrize("code", ["", "000", "abcdef", "１２３４５６", "'; drop table"])
    def test_refuses_what_is_no_code(self, code):
        assert rules.totp_step(SECRET, code, now=NOW, last_step=None) is None


class TestDescribeBrowser:
    @pytest.mark.parametrize(
        ("user_agent", "words"),
        [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
                "Safari, iPhone",
            ),
            ("curl/8.0", ""),
            ("", ""),
        ],
    )
    def test_uses_the_words_that_people_use(self, user_agent, words):
        assert rules.describe_browser(user_agent) == words
