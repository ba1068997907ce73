"""What a spreadsheet is given stays words."""

import pytest

from marketplace.core.cells import csv_cell


class TestCsvCell:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "|x"]
    )
    def test_is_no_formula(self, text):
        assert csv_cell(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "Towels", "A - B", "2 = 2"])
    def test_leaves_words_alone(self, text):
        assert csv_cell(text) == text
