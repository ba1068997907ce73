"""Identifiers: ordered by time, and secrets that nobody guesses."""

import time

from marketplace.core.ids import new_id, new_token


class TestNewId:
    def test_is_a_version_7_of_its_millisecond(self, monkeypatch):
        monkeypatch.setattr(time, "time_ns", lambda: 1_773_340_920_123_456_789)
        made = new_id()
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
        assert made.int >> 80 == 1_773_340_920_123

    def test_sorts_by_the_moment_it_was_made(self, monkeypatch):
        moments = iter([1, 2, 3, 2**47])
        monkeypatch.setattr(time, "time_ns", lambda: next(moments) * 1_000_000)
        made = [new_id() for _ in range(4)]
        assert made == sorted(made)

    def test_differs_within_a_millisecond(self, monkeypatch):
        monkeypatch.setattr(time, "time_ns", lambda: 10**18)
        assert len({new_id() for _ in range(1000)}) == 1000

    def test_is_larger_than_those_before_in_its_millisecond(self, monkeypatch):
        monkeypatch.setattr(time, "time_ns", lambda: 10**18)
        made = [new_id() for _ in range(1000)]
        assert made == sorted(made)
        assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
        assert {one.int >> 80 for one in made} == {10**12}


class TestNewToken:
    def test_has_256_bits_for_an_address(self):
        made = new_token()
        assert len(made) == 43
        assert made.replace("-", "").replace("_", "").isalnum()
        assert made != new_token()
