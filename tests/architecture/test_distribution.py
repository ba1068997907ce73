"""Which process gets which tests."""

import pytest

from tests.distribution import LONG_FIRST, SITE, rank_of, unit_of


class TestUnitOf:
    @pytest.mark.parametrize(
        ("nodeid", "unit"),
        [
            ("tests/a/test_b.py::TestC::test_d", "tests/a/test_b.py"),
            ("tests/a/test_b.py::TestC::test_d[x::y]", "tests/a/test_b.py"),
            ("tests/browser/test_pages.py::TestC::test_d", SITE),
            ("tests/browser/test_start.py::TestC::test_d[phone]", SITE),
            ("tests/browser/hostile/test_b.py::test_d", "tests/browser/hostile/test_b.py"),
        ],
    )
    def test_is_the_file_but_for_those_that_share_the_site(self, nodeid, unit):
        assert unit_of(nodeid) == unit


class TestRankOf:
    def test_puts_the_long_ones_first(self):
        units = ["tests/a/test_b.py", "tests/faults/test_killed.py", SITE]
        assert sorted(units, key=rank_of) == units[::-1]
        assert rank_of("tests/a/test_b.py") == len(LONG_FIRST)
