"""Which process gets which tests."""

import pytest

from tests.browser import conftest
from tests.distribution import LONG_FIRST, rank_of, unit_of


class TestUnitOf:
    @pytest.mark.parametrize(
        ("nodeid", "unit"),
        [
            ("tests/a/test_b.py::TestC::test_d", "tests/a/test_b.py"),
            ("tests/a/test_b.py::TestC::test_d@site", "site"),
            ("tests/a/test_b.py::TestC::test_d[x@y]", "tests/a/test_b.py"),
            ("tests/a/test_b.py::TestC::test_d[x@y]@site", "site"),
        ],
    )
    def test_is_the_group_or_the_file(self, nodeid, unit):
        assert unit_of(nodeid) == unit


class TestRankOf:
    def test_puts_the_long_ones_first(self):
        units = ["tests/a/test_b.py", "tests/faults/test_killed.py", "browser"]
        assert sorted(units, key=rank_of) == units[::-1]
        assert rank_of("tests/a/test_b.py") == len(LONG_FIRST)


class TestTheBrowsersTests:
    def test_are_marked_before_xdist_looks_for_groups(self):
        options = conftest.pytest_collection_modifyitems.pytest_impl
        assert options["tryfirst"]
