"""Large files need time, not memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster import environ_for_others

CHECKOUT = Path(__file__).resolve().parents[2]
MEGABYTES = 60
MOST_MORE = 40_000  # kilobytes beyond what the imported modules need
MEASURE = """
import json, re, sys
from pathlib import Path
from marketplace.catalog.imports.records import Terms
from marketplace.catalog.imports.source import fill, open_source, products
from marketplace.core.reading.report import Report
from marketplace.core.reading.spool import Spool
source, report = open_source(Path(sys.argv[1])), Report()
def most_memory():  # getrusage would count the parent's, from before the exec
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = most_memory()
with Spool() as spool:
    fill(source, spool, report)
    found = sum(1 for _ in products(source, spool, Terms("EUR"), report))
peak = most_memory()
print(json.dumps([found, report.skipped, before, peak]))
"""


def measure(path: Path) -> list[int]:
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
        env=environ_for_others(),
    )
    return json.loads(answer.stdout)


def fill_up(path: Path, head: str, item: str, tail: str) -> int:
    """Write items until the file is large; return how many."""
    number = MEGABYTES * 1_000_000 // len(item)
    with path.open("w") as file:
        file.write(head)
        for at in range(number):
            file.write(item % at)
        file.write(tail)
    return number


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured on Linux")
class TestMemory:
    def test_stays_small_for_a_table(self, tmp_path):
        path = tmp_path / "large.csv"
        head = "Handle,Title,Body (HTML),Variant Price\n"
        number = fill_up(path, head, f'cup-%d,Cup,"<p>{"words " * 400}</p>",5\n', "last,,,\n")
        found, skipped, before, peak = measure(path)
        assert (found, skipped) == (number, 1)
        assert peak - before < MOST_MORE

    def test_stays_small_for_a_feed(self, tmp_path):
        path = tmp_path / "large.xml"
        head = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
        item = (
            "<item><g:id>%d</g:id><title>Cup</title><g:price>5</g:price>"
            f"<description>{'words ' * 400}</description></item>\n"
        )
        number = fill_up(path, head, item, "</channel></rss>")
        found, skipped, before, peak = measure(path)
        assert (found, skipped) == (number, 0)
        assert peak - before < MOST_MORE

    def test_stays_small_for_a_quote_that_is_never_closed(self, tmp_path):
        path = tmp_path / "open.csv"
        head = 'Handle,Title,Body (HTML),Variant Price\ncup-x,Cup,"open,5\n'
        fill_up(path, head, f"row-%d,{'words ' * 400},5\n", "")
        found, skipped, before, peak = measure(path)
        assert found == 0
        assert skipped >= 1
        assert peak - before < MOST_MORE

    def test_stays_small_for_one_endless_line(self, tmp_path):
        path = tmp_path / "line.csv"
        head = "Handle,Title,Body (HTML),Variant Price\ncup,Cup,"
        fill_up(path, head, "words %d ", ",5\nbowl,Bowl,,5\n")
        found, skipped, before, peak = measure(path)
        assert (found, skipped) == (1, 1)
        assert peak - before < MOST_MORE
