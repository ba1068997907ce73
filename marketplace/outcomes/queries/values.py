"""Reads of indicators, of measured values and of what was spent for them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.outcomes.models import Indicator, Outcome, OutcomeEvidence, OutcomeReview
from marketplace.outcomes.rules import IndicatorKind, Measured, OutcomeState, Spent
from marketplace.projects.models import SPENDING_COUNTS, Project

MOST_OUTCOMES = 500
"""Values of a project that a page looks at, the newest first."""


@dataclass(frozen=True)
class PublishedOutcome:
    """A published value that counts: neither corrected nor withdrawn."""

    id: uuid.UUID
    project_id: uuid.UUID
    indicator_id: uuid.UUID
    title: str
    unit: str
    code: str
    kind: IndicatorKind
    baseline: Decimal | None
    target: Decimal | None
    value: Decimal
    measured_on: date
    method: str
    published_at: datetime
    is_correction: bool
    reviews: int
    """How many others looked at it."""
    proofs: int


def _counts() -> sa.ColumnElement[bool]:
    """Return what holds of values that count: published, and no published correction of them."""
    correction = aliased(Outcome)
    corrected = sa.exists().where(
        correction.corrects_id == Outcome.id, correction.state == OutcomeState.PUBLISHED
    )
    return sa.and_(
        Outcome.state == OutcomeState.PUBLISHED, sa.not_(Outcome.is_withdrawn), sa.not_(corrected)
    )


def _published() -> sa.Select[*tuple[Any, ...]]:
    reviews = sa.select(sa.func.count()).where(OutcomeReview.outcome_id == Outcome.id)
    proofs = sa.select(sa.func.count()).where(OutcomeEvidence.outcome_id == Outcome.id)
    return (
        sa.select(
            *(Outcome.id, Indicator.project_id, Indicator.id, Indicator.title, Indicator.unit),
            *(Indicator.code, Indicator.kind, Indicator.baseline, Indicator.target),
            *(Outcome.value, Outcome.measured_on, Outcome.method, Outcome.published_at),
            Outcome.corrects_id.is_not(None),
            *(reviews.scalar_subquery(), proofs.scalar_subquery()),
        )
        .join(Indicator, Indicator.id == Outcome.indicator_id)
        .where(Indicator.project_id.in_(sa.bindparam("projects", expanding=True)), _counts())
        .order_by(Indicator.project_id, Indicator.position, Indicator.id)
        .order_by(Outcome.measured_on, Outcome.id)
    )


_PUBLISHED = _published()  # every project's page asks: it is put together once


def find_published_outcomes(
    project_ids: Collection[uuid.UUID], since: date | None = None, until: date | None = None
) -> list[PublishedOutcome]:
    """Return what some projects measured on the days from `since` to `until`, both included.

    In the order of projects, indicators and days; corrected and withdrawn values are left out.
    """
    query = _PUBLISHED
    if since is not None:
        query = query.where(Outcome.measured_on >= since)
    if until is not None:
        query = query.where(Outcome.measured_on <= until)
    rows = session.execute(query, {"projects": list(project_ids)})
    return [PublishedOutcome(*tuple(row)) for row in rows]


def list_indicators(project_ids: Collection[uuid.UUID]) -> Sequence[Indicator]:
    """Return what projects measure, in the order that their owners gave."""
    return session.scalars(
        sa.select(Indicator)
        .where(Indicator.project_id.in_(project_ids))
        .order_by(Indicator.project_id, Indicator.position, Indicator.id)
    ).all()


def get_indicator(project_id: uuid.UUID, indicator_id: uuid.UUID) -> Indicator:
    """Return an indicator of a project.

    :raises NotFound: there is none; of other projects there is none either.
    """
    found = session.get(Indicator, indicator_id)
    if found is None or found.project_id != project_id:
        raise NotFound
    return found


_WHOLE = (
    joinedload(Outcome.author),
    joinedload(Outcome.evidence).joinedload(OutcomeEvidence.photo),
    joinedload(Outcome.evidence).joinedload(OutcomeEvidence.document),
    joinedload(Outcome.reviews).joinedload(OutcomeReview.reviewer),
)


def list_outcomes(project_id: uuid.UUID, *, with_drafts: bool = False) -> Sequence[Outcome]:
    """Return a project's values with authors, proofs and reviews, the newest day first.

    Those that were corrected are among them, as everybody may see what was said before.
    """
    mine = sa.select(Outcome.id).join(Indicator).where(Indicator.project_id == project_id)
    if not with_drafts:
        mine = mine.where(Outcome.state == OutcomeState.PUBLISHED)
    newest = mine.order_by(Outcome.measured_on.desc(), Outcome.id.desc()).limit(MOST_OUTCOMES)
    return (
        session.scalars(
            sa.select(Outcome)
            .where(Outcome.id.in_(newest))
            .options(*_WHOLE)
            .order_by(Outcome.measured_on.desc(), Outcome.id.desc())
        )
        .unique()
        .all()
    )


def get_outcome(project_id: uuid.UUID, outcome_id: uuid.UUID) -> Outcome:
    """Return a value with its indicator and proofs.

    :raises NotFound: there is none; of other projects there is none either.
    """
    found = (
        session.scalars(
            sa.select(Outcome)
            .join(Outcome.indicator)
            .where(Outcome.id == outcome_id, Indicator.project_id == project_id)
            .options(contains_eager(Outcome.indicator), *_WHOLE)
        )
        .unique()
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def lock_state(outcome_id: uuid.UUID) -> tuple[OutcomeState, bool]:
    """Hold a value until the commit; return its state, and whether it withdraws another.

    :raises NotFound: it is gone.
    """
    found = session.execute(
        sa.select(Outcome.state, Outcome.is_withdrawn)
        .where(Outcome.id == outcome_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def find_correction(outcome_id: uuid.UUID) -> Outcome | None:
    """Return what corrects a value, draft or published."""
    return session.scalar(sa.select(Outcome).where(Outcome.corrects_id == outcome_id))


def has_outcomes(indicator_id: uuid.UUID) -> bool:
    """Say whether something was published for an indicator."""
    query = sa.exists().where(
        Outcome.indicator_id == indicator_id, Outcome.state == OutcomeState.PUBLISHED
    )
    return bool(session.scalar(sa.select(query)))


_SPENT = sa.text(
    f"""
    select project_id, budget_line_id, spent_on, sum(amount_minor)::bigint
    from spending where project_id = any(:projects) and {SPENDING_COUNTS}
    group by 1, 2, 3 order by 3
    """  # noqa: S608  # our own constant
)


def list_spent(
    project_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID, list[tuple[uuid.UUID | None, Spent]]]:
    """Return by project what was spent with receipts, by day and budget line, the oldest first."""
    found: dict[uuid.UUID, list[tuple[uuid.UUID | None, Spent]]] = {}
    for project_id, line_id, day, minor in session.execute(_SPENT, {"projects": list(project_ids)}):
        found.setdefault(project_id, []).append((line_id, Spent(day, minor)))
    return found


def list_to_review(limit: int = 50) -> Sequence[Outcome]:
    """Return published values that count and that nobody looked at, the oldest first."""
    reviewed = sa.exists().where(OutcomeReview.outcome_id == Outcome.id)
    waiting = (
        sa.select(Outcome.id)
        .where(_counts(), sa.not_(reviewed))
        .order_by(Outcome.published_at)
        .limit(limit)
    )
    return (
        session.scalars(
            sa.select(Outcome)
            .where(Outcome.id.in_(waiting))
            .options(joinedload(Outcome.indicator).joinedload(Indicator.project), *_WHOLE)
            .order_by(Outcome.published_at)
        )
        .unique()
        .all()
    )


def get_project_of(outcome_id: uuid.UUID) -> Project:
    """Return whose value it is.

    :raises NotFound: there is no such value.
    """
    found = session.scalar(
        sa.select(Project)
        .join(Indicator, Indicator.project_id == Project.id)
        .join(Outcome, Outcome.indicator_id == Indicator.id)
        .where(Outcome.id == outcome_id)
    )
    if found is None:
        raise NotFound
    return found


def measured(outcomes: Sequence[PublishedOutcome]) -> dict[uuid.UUID, list[Measured]]:
    """Return values by indicator and day, as the rules take them."""
    found: dict[uuid.UUID, list[Measured]] = {}
    for one in outcomes:
        found.setdefault(one.indicator_id, []).append(Measured(one.measured_on, one.value))
    return found
