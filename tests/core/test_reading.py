"""Tables as others write them."""

import io
import json

import pytest

from marketplace.core.reading.report import NotThisKind, Refusal, Refused, Report
from marketplace.core.reading.spool import MOST_ROWS, Spool
from marketplace.core.reading.table import LONGEST_LINE, open_table
from marketplace.core.reading.text import encoding_of, one_line, plain
from tests.field import field_files, needs_field_data


@pytest.fixture
def table(tmp_path):
    def table(text: str | bytes, known=()):
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return open_table(path, known)

    return table


class TestTable:
    def test_tells_the_physical_line_of_each_record(self, table):
        rows = table('a,b\r\n1,"two\r\nlines"\r\n\r\n3,4\r\n').rows()
        assert [(row.line, row.cells) for row in rows] == [
            (2, {"a": "1", "b": "two\r\nlines"}),
            (5, {"a": "3", "b": "4"}),
        ]

    def test_takes_the_delimiter_that_yields_known_columns(self, table):
        found = table("id;Tags (x,y,z,w);name\n1;a,b;c\n", known={"id", "name"})
        assert found.delimiter == ";"
        assert [row.cells for row in found.rows()] == [
            {"id": "1", "tags (x,y,z,w)": "a,b", "name": "c"}
        ]

    def test_keeps_the_first_of_two_columns_with_one_name(self, table):
        assert [row.cells for row in table("a,a\n1,2\n").rows()] == [{"a": "1"}]

    def test_has_no_control_characters_in_its_cells(self, table):
        rows = table("a,b,c\n\x1b[31mred\x07,\x08,\ufffe x\n").rows()
        assert [row.cells for row in rows] == [{"a": "[31mred", "c": "x"}]

    def test_lets_rows_be_short_and_end_in_empty_cells(self, table):
        rows = table("a,b,c\n1\n1,2,3,,,\n").rows()
        assert [(row.cells, row.trouble) for row in rows] == [
            ({"a": "1"}, None),
            ({"a": "1", "b": "2", "c": "3"}, None),
        ]

    def test_finds_its_way_back_after_a_field_that_is_too_long(self, table):
        rows = list(table('a,b,c\n1,"' + "x\ny" * 100_000 + '",3\n4,5,6\n').rows())
        assert [row.line for row in rows if row.trouble] == [2]
        assert rows[-1].cells == {"a": "4", "b": "5", "c": "6"}

    def test_reads_no_line_into_memory_that_is_longer_than_any(self, table):
        rows = list(table("a,b\n1," + "x" * (3 * LONGEST_LINE) + "\n2,3\n").rows())
        assert rows[0].trouble
        assert rows[-1].cells == {"a": "2", "b": "3"}

    @pytest.mark.parametrize("text", ["", "\n\n", "one", b"\0\0,\0\n"])
    def test_is_not_everything(self, table, text):
        with pytest.raises(NotThisKind):
            table(text)

    @pytest.mark.field
    @needs_field_data
    @pytest.mark.parametrize(
        "path", field_files("1-products/csv-spectrum", "*.csv"), ids=lambda path: path.name
    )
    def test_reads_what_the_spectrum_of_csv_expects(self, path):
        expected = json.loads(path.with_suffix(".expected.json").read_text())
        found = [row.cells for row in open_table(path, ()).rows()]
        assert found == [{k: v for k, v in row.items() if v} for row in expected]


class TestEncodingOf:
    def test_looks_at_the_whole_file(self, tmp_path):
        path = tmp_path / "text"
        path.write_bytes(b"a" * 3_000_000 + "é".encode("cp1252"))
        assert encoding_of(path) == "cp1252"
        path.write_bytes(b"a" * 1_048_575 + "é".encode())
        assert encoding_of(path) == "utf-8"


class TestPlain:
    def test_leaves_out_what_is_no_text(self):
        assert plain("a\0b\x1bc\ud800d\n\te ") == "abcd\n\te"
        assert one_line(" a\n b\u00a0c ") == "a b c"


class TestSpool:
    def test_brings_together_what_belongs_together(self):
        with Spool() as spool:
            spool.add("b", 1, {"x": 1})
            spool.add("id:7", 2, {"x": 2})
            spool.add("b", 3, {"x": 3})
            spool.alias("id:7", "a")
            spool.add("a", 4, {"x": "é\0"})
            assert spool.count() == 2
            groups = [(g.name, g.line, [line for line, _ in g.rows]) for g in spool.groups()]
        assert groups == [("b", 1, [1, 3]), ("a", 2, [2, 4])]

    def test_holds_only_so_many_rows_of_one_thing(self):
        with Spool() as spool:
            for line in range(MOST_ROWS + 10):
                spool.add("a", line, {})
            (group,) = spool.groups()
        assert group.is_cut
        assert len(group.rows) == MOST_ROWS


class TestReport:
    def test_shortens_what_it_quotes(self):
        report = Report()
        report.refuse(Refused(7, "Bad.", "x\n" * 100))
        (refusal,) = report.refusals
        assert len(refusal.value) == 60
        assert "\n" not in refusal.sentence

    def test_is_one_line_of_json_in_the_order_of_the_file(self):
        report = Report(created=1, skipped=2, refusals=[Refusal(9, "b"), Refusal(2, "a", "v")])
        target = io.StringIO()
        target.writelines(report.json_parts())
        assert json.loads(target.getvalue())["errors"] == [
            {"line": 2, "reason": "a (v)"},
            {"line": 9, "reason": "b"},
        ]
