"""Reads of what was declared, given and checked."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification.models import AskedPaper, Backing, Check, Verification
from marketplace.verification.rules import Checked, Step


def _of(table: type[Check] | type[Verification], team: Team) -> sa.ColumnElement[bool]:
    return (table.company_id if team.kind is TeamKind.COMPANY else table.project_id) == team.id


def list_checks(team: Team) -> Sequence[Check]:
    """Return every check of a company or project with who made it, the latest first."""
    return session.scalars(
        sa.select(Check)
        .where(_of(Check, team))
        .options(joinedload(Check.checked_by))
        .order_by(Check.made_at.desc(), Check.id.desc())
        .limit(200)
    ).all()


def last_of(checks: Sequence[Check]) -> list[Checked]:
    """Return the last check of each step, of checks that come latest first."""
    found: dict[Step, Checked] = {}
    for one in checks:
        found.setdefault(one.step, Checked(one.step, one.result, one.checked_on))
    return list(found.values())


def find_verification(team: Team) -> Verification | None:
    """Return what was last decided about a company or project, with who decided."""
    return session.scalar(
        sa.select(Verification)
        .where(_of(Verification, team))
        .options(joinedload(Verification.decided_by))
        .order_by(Verification.decided_at.desc(), Verification.id.desc())
        .limit(1)
    )


def find_backing(project_id: uuid.UUID) -> Backing | None:
    """Return what stands behind a project, with who agreed to its listing."""
    return session.scalar(
        sa.select(Backing)
        .where(Backing.project_id == project_id)
        .options(joinedload(Backing.consent_by))
        .execution_options(populate_existing=True)
    )


def list_papers(project_id: uuid.UUID) -> Sequence[AskedPaper]:
    """Return the papers that a project is asked for, as they were asked for."""
    return session.scalars(
        sa.select(AskedPaper)
        .where(AskedPaper.project_id == project_id)
        .options(joinedload(AskedPaper.document), joinedload(AskedPaper.given_by))
        .order_by(AskedPaper.id)
        .execution_options(populate_existing=True)
    ).all()


def get_paper(paper_id: uuid.UUID, *, project_id: uuid.UUID | None = None) -> AskedPaper:
    """Return a paper with its file, of a project if one is named.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(AskedPaper)
        .where(AskedPaper.id == paper_id)
        .options(joinedload(AskedPaper.document))
        .with_for_update(of=AskedPaper)
        .execution_options(populate_existing=True)
    )
    if found is None or project_id not in (None, found.project_id):
        raise NotFound
    return found
