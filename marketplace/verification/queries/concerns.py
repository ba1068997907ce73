"""Reads of concerns; only operators see them, and each reporter their own."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification.models import Concern, ConcernNote
from marketplace.verification.rules import OPEN_CONCERNS

PER_PAGE = 50


def list_concerns(
    *, is_open: bool, before: uuid.UUID | None = None
) -> Page[tuple[Concern, str, str, str]]:
    """Return concerns with kind, slug and name of what they are about.

    Open ones come oldest first and all at once, ended ones newest first and by the page.
    """
    place = Concern.id if is_open else Concern.id.desc()
    query = (
        sa.select(Concern)
        .where(Concern.state.in_(OPEN_CONCERNS) if is_open else Concern.ended_at.is_not(None))
        .order_by(place)
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(Concern.id > before if is_open else Concern.id < before)
    rows = session.scalars(query).all()
    names = _names([one.company_id or one.project_id for one in rows])
    told = [(one, *names[one.company_id or one.project_id]) for one in rows]
    return page_of(told, PER_PAGE, lambda row: (str(row[0].id),))


_NAMES = sa.text(
    "select id, 'company', slug, name from company where id = any(:ids) "
    "union all select id, 'project', slug, title from project where id = any(:ids)"
)


def _names(ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID | None, tuple[str, str, str]]:
    rows = session.execute(_NAMES, {"ids": [one for one in ids if one]})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def get_concern(concern_id: uuid.UUID, *, is_locked: bool = False) -> Concern:
    """Return a concern, kept from changing if wanted.

    :raises NotFound: there is none.
    """
    found = session.get(
        Concern, concern_id, with_for_update=is_locked or None, populate_existing=True
    )
    if found is None:
        raise NotFound
    return found


def name_of(concern: Concern) -> tuple[str, str, str]:
    """Return kind, slug and name of what a concern is about."""
    about = concern.company_id or concern.project_id
    return _names([about])[about]


def list_notes(concern_id: uuid.UUID) -> Sequence[ConcernNote]:
    """Return what was noted about a concern, the first ones first."""
    return session.scalars(
        sa.select(ConcernNote)
        .where(ConcernNote.concern_id == concern_id)
        .options(joinedload(ConcernNote.author))
        .order_by(ConcernNote.at, ConcernNote.id)
        .limit(500)
    ).all()


def count_new_concerns(team: Team) -> int:
    """Return how many concerns about something wait, for the operator's page of it."""
    about = Concern.company_id if team.kind is TeamKind.COMPANY else Concern.project_id
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Concern)
            .where(about == team.id, Concern.state.in_(OPEN_CONCERNS))
        )
        or 0
    )
