"""What changes indicators and measured values; what is published stays, corrections are added."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.following import service as following
from marketplace.following.rules import NewsKind
from marketplace.media.models import Document, Photo
from marketplace.outcomes import queries
from marketplace.outcomes.models import Indicator, Outcome, OutcomeEvidence, OutcomeReview
from marketplace.outcomes.policies import may_review
from marketplace.outcomes.rules import MOST_EVIDENCE, IndicatorKind, OutcomeState
from marketplace.projects.models import BudgetLine, Project, ProjectOwner

MOST_INDICATORS = 20


@dataclass(frozen=True)
class IndicatorWish:
    """What an indicator is to be."""

    title: str
    unit: str
    kind: IndicatorKind
    code: str = ""
    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    target_on: date | None = None
    budget_line_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Proof:
    """A proof of a value: a stored file, or an address."""

    title: str
    file: Photo | Document | None = None
    url: str = ""


@dataclass(frozen=True)
class Value:
    """What was measured, and how."""

    value: Decimal
    measured_on: date
    method: str
    note: str = ""


def set_indicator(
    *, project: Project, indicator: Indicator | None, wish: IndicatorWish, now: datetime
) -> Indicator:
    """Add an indicator, or change one.

    :raises Invalid: the budget line is another project's, there are too many, or values that were
        published would mean something else.
    """
    if wish.budget_line_id is not None:
        line = session.get(BudgetLine, wish.budget_line_id)
        if line is None or line.project_id != project.id:
            raise Invalid(fields={"budget_line": _l("Choose a line of this project's budget.")})
    if indicator is None:
        known = queries.list_indicators([project.id])
        if len(known) >= MOST_INDICATORS:
            raise Invalid(fields={"title": _l("A project measures at most twenty things.")})
        place = max((one.position for one in known), default=-1) + 1
        indicator = Indicator(id=new_id(), project_id=project.id, position=place, created_at=now)
        session.add(indicator)
    elif queries.has_outcomes(indicator.id):
        _keep_meaning(indicator, wish)
    for name in ("title", "unit", "kind", "code", "baseline", "baseline_on"):
        setattr(indicator, name, getattr(wish, name))
    indicator.target, indicator.target_on = wish.target, wish.target_on
    indicator.budget_line_id = wish.budget_line_id
    session.flush()
    return indicator


def _keep_meaning(indicator: Indicator, wish: IndicatorWish) -> None:
    """Refuse to change what published values are values of."""
    said = _l("Values of it are published: this cannot change any more. Add another indicator.")
    for name in ("unit", "kind", "code"):
        if getattr(indicator, name) != getattr(wish, name):
            raise Invalid(fields={name: said})


def end_indicator(*, indicator: Indicator, ends: bool, now: datetime) -> None:
    """Measure something no more, or again."""
    indicator.ended_at = now if ends else None
    session.flush()


def draft(
    *,
    indicator: Indicator,
    author: User,
    value: Value,
    proofs: Sequence[Proof] = (),
    corrects: Outcome | None = None,
    is_withdrawn: bool = False,
    now: datetime,
) -> Outcome:
    """Write down a value that only the project's people see so far.

    :raises Invalid: the day lies ahead, or there are too many proofs.
    :raises Conflict: what it is to correct is a draft, or was corrected already.
    """
    _check(value, len(proofs), now)
    if corrects is not None:
        state, withdraws = queries.lock_state(corrects.id)
        if state is not OutcomeState.PUBLISHED or withdraws:
            raise Conflict(_l("Only a published value can be corrected."))
        if queries.find_correction(corrects.id) is not None:
            raise Conflict(_l("This value has a correction already. Correct that one."))
    outcome = Outcome(
        id=new_id(),
        indicator_id=indicator.id,
        value=value.value,
        measured_on=value.measured_on,
        method=value.method,
        note=value.note,
        state=OutcomeState.DRAFT,
        corrects_id=corrects.id if corrects else None,
        is_withdrawn=is_withdrawn,
        author_id=author.id,
        created_at=now,
    )
    session.add(outcome)
    session.flush()
    _add_proofs(outcome, proofs, first=0)
    return outcome


def _check(value: Value, proofs: int, now: datetime) -> None:
    if value.measured_on > now.date():
        raise Invalid(fields={"measured_on": _l("This day has not come yet.")})
    if proofs > MOST_EVIDENCE:
        raise Invalid(fields={"files": _l("At most five proofs of one value.")})


def _add_proofs(outcome: Outcome, proofs: Sequence[Proof], *, first: int) -> None:
    for place, proof in enumerate(proofs, first):
        session.add(
            OutcomeEvidence(
                id=new_id(),
                outcome_id=outcome.id,
                title=proof.title,
                photo_id=proof.file.id if isinstance(proof.file, Photo) else None,
                document_id=proof.file.id if isinstance(proof.file, Document) else None,
                url=proof.url or None,
                position=place,
            )
        )
    session.flush()


def edit(
    *, outcome: Outcome, author: User, value: Value, proofs: Sequence[Proof] = (), now: datetime
) -> None:
    """Change a draft; its proofs are kept and new ones are added.

    :raises Conflict: it is published.
    :raises Invalid: as of `draft`.
    """
    _refuse_published(outcome)
    known = len(outcome.evidence)
    _check(value, known + len(proofs), now)
    outcome.value, outcome.measured_on = value.value, value.measured_on
    outcome.method, outcome.note = value.method, value.note
    outcome.author_id = author.id
    _add_proofs(outcome, proofs, first=known)


def _refuse_published(outcome: Outcome) -> None:
    state, _withdraws = queries.lock_state(outcome.id)
    if state is OutcomeState.PUBLISHED:
        raise Conflict(_l("This is published and stays as it is. Correct it instead."))


def publish(*, outcome: Outcome, now: datetime) -> None:
    """Let everybody see a value, for good.

    :raises Conflict: it is published.
    """
    _refuse_published(outcome)
    outcome.state, outcome.published_at = OutcomeState.PUBLISHED, now
    session.flush()
    indicator = session.get_one(Indicator, outcome.indicator_id)
    following.tell(
        kind=NewsKind.OUTCOME,
        subject_id=outcome.id,
        project_id=indicator.project_id,
        person_id=outcome.author_id,
        at=now,
    )


def discard(*, outcome: Outcome) -> None:
    """Throw a draft away.

    :raises Conflict: it is published.
    """
    _refuse_published(outcome)
    for proof in outcome.evidence:
        session.delete(proof)
    session.flush()
    session.delete(outcome)
    session.flush()


def review(
    *, outcome: Outcome, by: User, membership: ProjectOwner | None, note: str, now: datetime
) -> None:
    """Say that a published value and its proof were looked at and are right.

    :raises Forbidden: who measured it, or somebody who has nothing to do with the project.
    :raises Conflict: this person reviewed it before.
    """
    role = may_review(outcome, by, membership)
    if role is None:
        raise Forbidden(_l("Somebody else than who measured it has to look at it."))
    queries.lock_state(outcome.id)
    if session.get(OutcomeReview, (outcome.id, by.id)) is not None:
        raise Conflict(_l("You have reviewed this already."))
    session.add(
        OutcomeReview(outcome_id=outcome.id, reviewer_id=by.id, role=role, note=note, at=now)
    )
    accounts.record(
        actor=by,
        action="outcome.review",
        subject_kind="outcome",
        subject_id=outcome.id,
        reason=note,
        now=now,
    )
    session.flush()
