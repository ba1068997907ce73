"""What an import shows on a terminal, and how it ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from tqdm import tqdm

from marketplace.core.db import atomic
from marketplace.core.reading.report import NotThisKind, Refusal, Report

NOT_SUCH_A_FILE = 2


class _Undone(Exception):  # raised on purpose, to have a transaction rolled back
    pass


@contextmanager
def undone() -> Iterator[object]:
    """Run a use case to its end and take everything back: a dry run."""
    try:
        with atomic() as current:
            yield current
            current.flush()
            raise _Undone
    except _Undone:
        return


class Bar:
    """A progress bar on standard error, if that is a terminal."""

    def __init__(self, unit: str) -> None:
        self._bar = tqdm(unit=f" {unit}", file=sys.stderr, disable=None, leave=False)

    def __call__(self, done: int, total: int) -> None:
        """Show how many of how many are done."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)
        if done >= total:
            self._bar.close()


def finish(report: Report) -> None:
    """End with one line of JSON on standard output."""
    for part in report.json_parts():
        sys.stdout.write(part)
    sys.stdout.write("\n")


def refuse(error: NotThisKind) -> NoReturn:
    """End because the file is not of the kind: the same line of JSON, the reason, status 2."""
    sys.stderr.write(f"{error}\n")
    finish(Report(refusals=[Refusal(1, str(error))]))
    sys.exit(NOT_SUCH_A_FILE)
