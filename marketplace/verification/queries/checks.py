"""Reads of what was declared, given and checked."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.people import queries as people
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification.models import AskedPaper, Backing, Check, Verification
from marketplace.verification.rules import Checked, PaperKind, Step

_Table = type[AskedPaper] | type[Backing] | type[Check] | type[Verification]


def _of(table: _Table, team: Team) -> sa.ColumnElement[bool]:
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


def find_backing(team: Team) -> Backing | None:
    """Return what stands behind a company or project, with who agreed to its listing."""
    return session.scalar(
        sa.select(Backing)
        .where(_of(Backing, team))
        .options(joinedload(Backing.consent_by))
        .execution_options(populate_existing=True)
    )


_PLACES = {kind: place for place, kind in enumerate(PaperKind)}


def list_papers(team: Team) -> Sequence[AskedPaper]:
    """Return the papers that a company or project is asked for, in the order of their kinds."""
    papers = session.scalars(
        sa.select(AskedPaper)
        .where(_of(AskedPaper, team))
        .options(joinedload(AskedPaper.document), joinedload(AskedPaper.given_by))
        .order_by(AskedPaper.id)
        .execution_options(populate_existing=True)
    ).all()
    return sorted(papers, key=lambda paper: _PLACES[paper.kind])


def get_paper(paper_id: uuid.UUID, *, team: Team | None = None) -> AskedPaper:
    """Return a paper with its file, of a company or project if one is named.

    :raises NotFound: there is none.
    """
    query = (
        sa.select(AskedPaper)
        .where(AskedPaper.id == paper_id)
        .options(joinedload(AskedPaper.document))
        .with_for_update(of=AskedPaper)
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query if team is None else query.where(_of(AskedPaper, team)))
    if found is None:
        raise NotFound
    return found


def get_team_of(paper: AskedPaper) -> Team:
    """Return what a paper is asked of."""
    if paper.company_id is not None:
        return people.find_team(TeamKind.COMPANY, paper.company_id)
    return people.find_team(TeamKind.PROJECT, paper.project_id or paper.id)
