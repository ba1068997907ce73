"""What was checked, as programs are told it beside companies and projects."""

import uuid
from collections.abc import Mapping, Sequence

from marketplace.core import clock
from marketplace.people.rules import TeamKind
from marketplace.verification import queries

Told = Mapping[uuid.UUID, Mapping[str, object]]


def told(kind: TeamKind, ids: Sequence[uuid.UUID]) -> Told:
    """Return what was checked of some companies or projects; who checked is not told."""
    today = clock.now().date()
    return {
        about: {
            "level": one.level,
            "decided_on": one.decided_on,
            "valid_until": one.valid_until,
            "has_lapsed": one.has_lapsed(today),
            "checks": one.checks,
        }
        for about, one in queries.list_standing(kind, ids).items()
    }
