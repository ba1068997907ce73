"""What an import did, and what it refused, line by line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from marketplace.core.errors import DomainError

LONGEST_VALUE = 60


class NotThisKind(DomainError):
    """The file as a whole is not what it should be; the message says what it is instead."""


class Refused(Exception):
    """One record cannot be taken; `line` is where it begins, `value` is what was found."""

    def __init__(self, line: int, reason: object, value: object = "") -> None:
        super().__init__(line, reason, value)
        self.line = line
        self.reason = reason
        self.value = value


@dataclass(frozen=True)
class Refusal:
    """A refused record: its physical line, why, and the offending value, shortened."""

    line: int
    reason: str
    value: str = ""

    @property
    def sentence(self) -> str:
        """Return reason and value in one."""
        return f"{self.reason} ({self.value})" if self.value else self.reason


@dataclass
class Report:
    """Counts of records; `skipped` are those that were left out, each with a refusal."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, refused: Refused) -> None:
        """Note a record that was left out."""
        self.skipped += 1
        value = " ".join(str(refused.value).split())
        if len(value) > LONGEST_VALUE:
            value = value[: LONGEST_VALUE - 1] + "…"
        self.refusals.append(Refusal(refused.line, str(refused.reason), value))

    @property
    def changed(self) -> int:
        """Return how many records were created or updated."""
        return self.created + self.updated

    def json_parts(self) -> Iterator[str]:
        """Yield the one line of JSON that an import ends with, in parts."""
        counts = {
            name: getattr(self, name) for name in ("created", "updated", "unchanged", "skipped")
        }
        yield json.dumps(counts)[:-1] + ', "errors": ['
        ordered = sorted(self.refusals, key=lambda refusal: refusal.line)
        for number, refusal in enumerate(ordered):
            entry = {"line": refusal.line, "reason": refusal.sentence}
            yield (", " if number else "") + json.dumps(entry, ensure_ascii=False)
        yield "]}"
