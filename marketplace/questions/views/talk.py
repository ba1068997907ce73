"""Questions on the page of what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.core import clock
from marketplace.questions import queries
from marketplace.questions.queries import Asked
from marketplace.questions.rules import SHOWN, Subject, public_name


@dataclass(frozen=True)
class Talk:
    """What was asked about something, as `templates/questions/_talk.html` shows it."""

    subject: Subject
    questions: Sequence[Asked]
    now: datetime

    def asker(self, question: Asked) -> str:
        """Return who asked, as much as everybody may know."""
        return public_name(question.asker)

    def waits(self, question: Asked) -> timedelta:
        """Return how long a question has been waiting."""
        return self.now - question.asked_at


def newest(subject: Subject) -> Talk:
    """Return the newest questions about something: one statement."""
    return Talk(subject, queries.list_asked(subject, limit=SHOWN).rows, clock.now())
