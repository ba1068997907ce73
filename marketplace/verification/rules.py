"""What is asked for, what checks carry which level, how long they hold. Pure."""

import enum
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from marketplace.people.rules import TeamKind

YEARS_VALID = 2
RENEW_BEFORE = timedelta(days=60)
"""So long before a verification ends its renewal is asked for."""
SILENT_AFTER = timedelta(days=183)
"""An owner of whom nothing was seen for so long cannot be counted on."""


PAPERS_KEPT = timedelta(days=2 * 365)
"""So long the file of a paper stays that was refused, or is of a kind not asked for any more."""
PAPERS_KEPT_AFTER_END = timedelta(days=5 * 365)
"""So long all others stay when what they are of has ended: as long as the law on money laundering
wants proof of who somebody was (Directive (EU) 2015/849, article 40)."""


class BackedBy(enum.StrEnum):
    """What stands behind a project or company, as its owner declares it."""

    ORGANISATION = "organisation"
    HOSTED_GROUP = "hosted_group"
    """An informal group; an organisation holds its money."""
    GROUP = "group"
    PUBLIC_BODY = "public_body"
    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    """One person in business under their own name."""


class PaperKind(enum.StrEnum):
    """Papers that are asked for."""

    STATUTES = "statutes"
    REGISTER_EXTRACT = "register_extract"
    HOST_AGREEMENT = "host_agreement"
    MANDATE = "mandate"
    PERSONS = "persons"
    BANK_PROOF = "bank_proof"
    TRADE_PROOF = "trade_proof"
    OTHER = "other"


PAPERS: dict[BackedBy, tuple[PaperKind, ...]] = {
    BackedBy.ORGANISATION: (
        PaperKind.STATUTES,
        PaperKind.REGISTER_EXTRACT,
        PaperKind.PERSONS,
        PaperKind.BANK_PROOF,
    ),
    BackedBy.HOSTED_GROUP: (
        PaperKind.HOST_AGREEMENT,
        PaperKind.REGISTER_EXTRACT,
        PaperKind.PERSONS,
        PaperKind.BANK_PROOF,
    ),
    BackedBy.GROUP: (PaperKind.PERSONS, PaperKind.BANK_PROOF),
    BackedBy.PUBLIC_BODY: (PaperKind.MANDATE, PaperKind.BANK_PROOF),
    BackedBy.COMPANY: (
        PaperKind.STATUTES,
        PaperKind.REGISTER_EXTRACT,
        PaperKind.PERSONS,
        PaperKind.BANK_PROOF,
    ),
    BackedBy.SOLE_TRADER: (PaperKind.TRADE_PROOF, PaperKind.PERSONS, PaperKind.BANK_PROOF),
}
"""What each kind is asked for, in the order of the list."""

OFFERED: dict[TeamKind, tuple[BackedBy, ...]] = {
    TeamKind.PROJECT: (
        BackedBy.ORGANISATION,
        BackedBy.HOSTED_GROUP,
        BackedBy.GROUP,
        BackedBy.PUBLIC_BODY,
    ),
    TeamKind.COMPANY: (BackedBy.COMPANY, BackedBy.SOLE_TRADER, BackedBy.ORGANISATION),
}
"""What a project or company can be."""


class PaperState(enum.StrEnum):
    """Where a paper stands."""

    ASKED = "asked"
    GIVEN = "given"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Step(enum.StrEnum):
    """What an operator checks, one by one."""

    REGISTER = "register"
    PERSONS = "persons"
    SANCTIONS = "sanctions"
    BANK = "bank"
    DOCUMENTS = "documents"
    VISIT = "visit"


class Result(enum.StrEnum):
    """How a check came out."""

    PASSED = "passed"
    FAILED = "failed"


class Level(enum.StrEnum):
    """What the checks carry, from the least to the most."""

    DECLARED = "declared"
    """The persons are known; all else is their own word."""
    EXISTENCE = "existence"
    DOCUMENTS = "documents"
    VISITED = "visited"


_ALWAYS = {Step.PERSONS, Step.SANCTIONS}


@dataclass(frozen=True)
class Checked:
    """The last check of a step: how it came out, and on which day it was made."""

    step: Step
    result: Result
    on: date


def ends_on(day: date) -> date:
    """Return the last day of what was checked on a day: two years on."""
    try:
        return day.replace(year=day.year + YEARS_VALID)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + YEARS_VALID, day=28)


def passed(checks: Collection[Checked], today: date) -> set[Step]:
    """Return the steps whose last check passed and is not older than it may be."""
    return {one.step for one in checks if one.result is Result.PASSED and today <= ends_on(one.on)}


def missing(checks: Collection[Checked], today: date) -> list[Step]:
    """Return the steps without which nothing may be opened, in their order."""
    done = passed(checks, today)
    return [step for step in Step if step in _ALWAYS and step not in done]


def steps_for(level: Level, backed_by: BackedBy | None) -> set[Step]:
    """Return what a level stands on; an informal group stands in no register."""
    steps = set(_ALWAYS)
    if level is not Level.DECLARED:
        steps.add(Step.BANK)
        if backed_by is not BackedBy.GROUP:
            steps.add(Step.REGISTER)
    if level in (Level.DOCUMENTS, Level.VISITED):
        steps.add(Step.DOCUMENTS)
    if level is Level.VISITED:
        steps.add(Step.VISIT)
    return steps


def level_of(checks: Collection[Checked], backed_by: BackedBy | None, today: date) -> Level | None:
    """Return the highest level that checks carry; None if they do not even carry the lowest.

    A group that stands in no register can't have its existence looked up: from its own word it
    comes to the papers at once.
    """
    done = passed(checks, today)
    levels: Sequence[Level] = [
        level
        for level in Level
        if not (level is Level.EXISTENCE and backed_by is BackedBy.GROUP)
        and steps_for(level, backed_by) <= done
    ]
    return levels[-1] if levels else None


def valid_until(checks: Collection[Checked], steps: Collection[Step]) -> date:
    """Return the last day on which every step that a level stands on still holds."""
    return min(ends_on(one.on) for one in checks if one.step in steps)


class ConcernState(enum.StrEnum):
    """Where a concern stands."""

    NEW = "new"
    LOOKING = "looking"
    ANSWERED = "answered"
    CLOSED = "closed"


class ConcernOutcome(enum.StrEnum):
    """How a concern ended."""

    NOTHING_FOUND = "nothing_found"
    PUT_RIGHT = "put_right"
    MEASURES = "measures"
    """Suspended, closed, or money was kept back."""
    SET_ASIDE = "set_aside"
    """Nothing that could be looked into; it is not counted in public."""


ENDED = (ConcernState.ANSWERED, ConcernState.CLOSED)
OPEN_CONCERNS = (ConcernState.NEW, ConcernState.LOOKING)


def may_become(before: ConcernState, after: ConcernState) -> bool:
    """Say whether a concern may go from a state to another; nothing becomes new again."""
    return after is not ConcernState.NEW and not (
        before is ConcernState.CLOSED and after is ConcernState.ANSWERED
    )


def concern_token(secret: str, concern_id: uuid.UUID) -> str:
    """Return what stands in the reporter's link; it does not expire, as the letter does not."""
    return str(_signer(secret).dumps(str(concern_id)))


def read_concern_token(secret: str, token: str) -> uuid.UUID | None:
    """Return which concern a link is of, or None for a forged one."""
    try:
        return uuid.UUID(_signer(secret).loads(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="concern")
