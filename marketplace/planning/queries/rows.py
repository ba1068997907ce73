"""Rows of plans, as the desk shows and changes them, and answers to what is needed."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.planning.models import Need, NeedAnswer

MOST_ANSWERS = 200

Row = Any  # Any: of story_section, milestone or need


def list_rows(table: type[Row], project_id: uuid.UUID) -> Sequence[Row]:
    """Return a project's rows of one part of its plan, as the desk shows them."""
    return session.scalars(
        sa.select(table).where(table.project_id == project_id).order_by(table.position, table.id)
    ).all()


def lock_rows(table: type[Row], project_id: uuid.UUID) -> dict[uuid.UUID, Row]:
    """Return the same by id, held until the commit."""
    rows = session.scalars(
        sa.select(table).where(table.project_id == project_id).order_by(table.id).with_for_update()
    )
    return {row.id: row for row in rows}


def get_need(need_id: uuid.UUID) -> Need:
    """Return a need with its project.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(Need).where(Need.id == need_id).options(joinedload(Need.project))
    )
    if found is None:
        raise NotFound
    return found


def find_answer(need_id: uuid.UUID, user_id: uuid.UUID) -> NeedAnswer | None:
    """Return what somebody answered."""
    return session.scalar(
        sa.select(NeedAnswer).where(NeedAnswer.need_id == need_id, NeedAnswer.user_id == user_id)
    )


def get_answer(answer_id: uuid.UUID) -> NeedAnswer:
    """Return an answer with who gave it and to what.

    :raises NotFound: there is none, or it was taken back.
    """
    found = session.scalar(
        sa.select(NeedAnswer)
        .where(NeedAnswer.id == answer_id)
        .options(joinedload(NeedAnswer.need).joinedload(Need.project), joinedload(NeedAnswer.user))
    )
    if found is None:
        raise NotFound
    return found


def list_answers(project_id: uuid.UUID) -> Sequence[NeedAnswer]:
    """Return who answered what a project needs, the newest first."""
    return session.scalars(
        sa.select(NeedAnswer)
        .join(NeedAnswer.need)
        .where(Need.project_id == project_id)
        .options(joinedload(NeedAnswer.need), joinedload(NeedAnswer.user))
        .order_by(NeedAnswer.created_at.desc(), NeedAnswer.id)
        .limit(MOST_ANSWERS)
    ).all()


def list_own_answers(user_id: uuid.UUID) -> Sequence[NeedAnswer]:
    """Return what somebody answered, the newest first."""
    return session.scalars(
        sa.select(NeedAnswer)
        .where(NeedAnswer.user_id == user_id)
        .options(joinedload(NeedAnswer.need).joinedload(Need.project))
        .order_by(NeedAnswer.created_at.desc(), NeedAnswer.id)
        .limit(MOST_ANSWERS)
    ).all()


def count_answers(need_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many answered each of some needs; those that nobody answered are left out."""
    rows = session.execute(
        sa.select(NeedAnswer.need_id, sa.func.count())
        .where(NeedAnswer.need_id.in_(need_ids))
        .group_by(NeedAnswer.need_id)
    )
    return {row.need_id: row[1] for row in rows}
