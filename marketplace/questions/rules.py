"""What a question is about, and how much of a name is shown."""

import enum
import uuid
from dataclasses import dataclass

PER_PAGE = 20
SHOWN = 5
"""So many questions stand on the page that they are about; the others are a link away."""


class About(enum.StrEnum):
    """What a question can be about."""

    REPORT = "report"
    PROJECT = "project"
    COMPANY = "company"


@dataclass(frozen=True)
class Subject:
    """What a question is about, who answers, and where both are found."""

    kind: About
    id: uuid.UUID
    title: str
    answers: str
    """The company or the organisation whose people answer."""
    owner_id: uuid.UUID
    """The company or the project whose people these are."""
    page: str
    """The address of the page that it is about, without language."""
    desk: str
    """Where it is answered."""

    @property
    def address(self) -> str:
        """Return where all questions are read and asked."""
        return f"{self.page}/questions"


def public_name(name: str) -> str:
    """Return who asks as everybody reads it: "Federica P."."""
    first, *others = name.split() or [""]
    return f"{first} {others[-1][0]}." if others else first
