"""Which papers have been kept for as long as they may be."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import AuditEntry
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.projects.models import Project, ProjectState
from marketplace.verification.models import AskedPaper, Backing
from marketplace.verification.rules import (
    PAPERS,
    PAPERS_KEPT,
    PAPERS_KEPT_AFTER_END,
    PaperKind,
    PaperState,
)

AT_ONCE = 100

_ASKED_FOR = [(backed_by, kind) for backed_by, kinds in PAPERS.items() for kind in kinds]
_IS_OF_ITS_SUBJECT = sa.or_(
    Backing.project_id == AskedPaper.project_id, Backing.company_id == AskedPaper.company_id
)


def _is_no_longer_asked_for(before: datetime) -> sa.ColumnElement[bool]:
    """Say that a paper is of a kind that what was declared since does not need."""
    return sa.and_(
        AskedPaper.kind != PaperKind.OTHER,
        sa.exists().where(
            _IS_OF_ITS_SUBJECT,
            Backing.changed_at < before,
            AskedPaper.given_at < before,
            sa.tuple_(Backing.kind, AskedPaper.kind).not_in(_ASKED_FOR),
        ),
    )


def _has_ended(before: datetime) -> sa.ColumnElement[bool]:
    """Say that a paper is of a project closed, or a company suspended, before a moment.

    When a project was closed stands in the audit log; of one that was closed without a word there
    nothing is deleted.
    """
    closed = sa.exists().where(
        Project.id == AskedPaper.project_id,
        Project.state.in_((ProjectState.CLOSED, ProjectState.ARCHIVED)),
        sa.select(sa.func.max(AuditEntry.at))
        .where(
            AuditEntry.subject_kind == "project",
            AuditEntry.subject_id == sa.cast(Project.id, sa.Text),
            AuditEntry.action == "project.close",
        )
        .scalar_subquery()
        < before,
    )
    suspended = sa.exists().where(
        Company.id == AskedPaper.company_id,
        Company.state == CompanyState.SUSPENDED,
        Company.suspended_at < before,
    )
    return sa.or_(closed, suspended)


def lock_outlived(now: datetime) -> Sequence[AskedPaper]:
    """Return papers whose files may be kept no longer, with these, held until the commit."""
    before = now - PAPERS_KEPT
    return session.scalars(
        sa.select(AskedPaper)
        .where(
            AskedPaper.document_id.is_not(None),
            sa.or_(
                sa.and_(
                    AskedPaper.state == PaperState.REFUSED,
                    AskedPaper.decided_at < before,
                ),
                _is_no_longer_asked_for(before),
                _has_ended(now - PAPERS_KEPT_AFTER_END),
            ),
        )
        .options(joinedload(AskedPaper.document))
        .order_by(AskedPaper.id)
        .limit(AT_ONCE)
        .with_for_update(of=AskedPaper, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
