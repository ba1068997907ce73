"""Reads of drafts, and of the papers and values that belong to updates."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.drafts.models import DraftPaper, UpdateDraft, UpdateOutcome, UpdatePaper
from marketplace.drafts.rules import MOST_DRAFTS
from marketplace.outcomes.models import Outcome

_WHOLE = (
    joinedload(UpdateDraft.author),
    joinedload(UpdateDraft.project),
    joinedload(UpdateDraft.receipt),
    joinedload(UpdateDraft.document),
    selectinload(UpdateDraft.photos),
    selectinload(UpdateDraft.papers).joinedload(DraftPaper.document),
)


def list_drafts(project_id: uuid.UUID) -> Sequence[UpdateDraft]:
    """Return a project's drafts with their writers: those with a time first, then the newest."""
    return session.scalars(
        sa.select(UpdateDraft)
        .where(UpdateDraft.project_id == project_id)
        .options(joinedload(UpdateDraft.author))
        .order_by(UpdateDraft.publish_at.nulls_last(), UpdateDraft.changed_at.desc())
        .limit(MOST_DRAFTS)
    ).all()


def count_drafts(project_id: uuid.UUID) -> int:
    """Return how many drafts a project has."""
    counted = sa.select(sa.func.count()).select_from(UpdateDraft)
    return session.scalar(counted.where(UpdateDraft.project_id == project_id)) or 0


def find_draft(draft_id: uuid.UUID) -> UpdateDraft | None:
    """Return a draft with all that belongs to it."""
    return session.scalar(
        sa.select(UpdateDraft)
        .where(UpdateDraft.id == draft_id)
        .options(*_WHOLE)
        .execution_options(populate_existing=True)
    )


def get_draft(project_id: uuid.UUID, draft_id: uuid.UUID) -> UpdateDraft:
    """Return a draft of a project with all that belongs to it.

    :raises NotFound: there is none, or it is out already.
    """
    found = find_draft(draft_id)
    if found is None or found.project_id != project_id:
        raise NotFound
    return found


def lock_draft(project_id: uuid.UUID, draft_id: uuid.UUID) -> UpdateDraft:
    """Return the same, held until the commit.

    :raises NotFound: there is none, or it is out already.
    """
    if not _hold(UpdateDraft.id == draft_id, UpdateDraft.project_id == project_id):
        raise NotFound
    return get_draft(project_id, draft_id)


def lock_due(draft_id: uuid.UUID, at: datetime) -> UpdateDraft | None:
    """Return a draft that is to come out at that very moment, held; None if it is not any more."""
    if not _hold(UpdateDraft.id == draft_id, UpdateDraft.publish_at == at):
        return None
    return find_draft(draft_id)


def _hold(*conditions: sa.ColumnElement[bool]) -> bool:
    held = session.scalar(sa.select(UpdateDraft.id).where(*conditions).with_for_update())
    return held is not None


def list_belongings(update_id: uuid.UUID) -> Sequence[UpdatePaper]:
    """Return the papers of an update."""
    return session.scalars(
        sa.select(UpdatePaper)
        .where(UpdatePaper.update_id == update_id)
        .options(joinedload(UpdatePaper.document))
        .order_by(UpdatePaper.position)
    ).all()


def list_shown_outcomes(update_id: uuid.UUID) -> Sequence[Outcome]:
    """Return the measured values that an update tells of, with their indicators."""
    return session.scalars(
        sa.select(Outcome)
        .join(UpdateOutcome, UpdateOutcome.outcome_id == Outcome.id)
        .where(UpdateOutcome.update_id == update_id)
        .options(joinedload(Outcome.indicator))
    ).all()
