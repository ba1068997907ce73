"""Keeping what somebody writes, complete or not."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.drafts import queries
from marketplace.drafts.models import DraftPaper, DraftPhoto, UpdateDraft
from marketplace.drafts.rules import KEPT_BODY, KEPT_TITLE, MOST_DRAFTS, MOST_PAPERS
from marketplace.media import service as media
from marketplace.media.models import Document, Photo
from marketplace.outcomes.models import Indicator, Outcome
from marketplace.planning.models import Milestone
from marketplace.projects.models import Project
from marketplace.projects.rules import MOST_PHOTOS

MONEY = ("amount", "spent_on", "payee", "purpose", "budget_line")
"""The fields about money."""
LONGEST_NAME = 200


class TooManyDrafts(Conflict):
    """Somebody writes and writes, and publishes nothing."""

    message = _l("This project has 50 drafts. Publish or discard some first.")


@dataclass(frozen=True, kw_only=True)
class Said:
    """An update as far as it is written."""

    title: str = ""
    body: str = ""
    language: str = "en"
    is_setback: bool = False
    spent: Mapping[str, str] = field(default_factory=dict)
    """Texts as they were typed, by the names of `MONEY`."""
    milestone_id: uuid.UUID | None = None
    outcome_id: uuid.UUID | None = None


def keep(
    *,
    project: Project,
    by: User,
    said: Said,
    draft: UpdateDraft | None = None,
    is_by_mail: bool = False,
    now: datetime,
) -> UpdateDraft:
    """Keep an update that is not out yet: a new draft, or what one says now.

    :raises Invalid: it is to show a milestone or a measured value of another project.
    :raises TooManyDrafts: the project has too many.
    """
    _check(project, said)
    if draft is None:
        if queries.count_drafts(project.id) >= MOST_DRAFTS:
            raise TooManyDrafts
        draft = UpdateDraft(
            id=new_id(),
            project_id=project.id,
            author_id=by.id,
            is_by_mail=is_by_mail,
            zone="",
            created_at=now,
        )
        session.add(draft)
    draft.title, draft.body = said.title[:KEPT_TITLE], said.body[:KEPT_BODY]
    draft.language, draft.is_setback = said.language, said.is_setback
    draft.spent = {name: said.spent.get(name, "")[:300] for name in MONEY}
    draft.milestone_id, draft.outcome_id = said.milestone_id, said.outcome_id
    draft.changed_at, draft.problem = now, ""
    session.flush()
    return draft


def _check(project: Project, said: Said) -> None:
    """Refuse what is another project's."""
    wrong: dict[str, object] = {}
    if said.milestone_id is not None:
        milestone = session.get(Milestone, said.milestone_id)
        if milestone is None or milestone.project_id != project.id:
            wrong["milestone"] = _l("Choose a milestone of this project.")
    if said.outcome_id is not None:
        owner = sa.select(Indicator.project_id).join(Outcome)
        if session.scalar(owner.where(Outcome.id == said.outcome_id)) != project.id:
            wrong["outcome"] = _l("Choose a measured value of this project.")
    if wrong:
        raise Invalid(fields=wrong)


def add_photo(
    *,
    draft: UpdateDraft,
    upload: IO[bytes],
    alt: str,
    caption: str = "",
    user_id: uuid.UUID,
    now: datetime,
) -> Photo:
    """Put a photo behind those that a draft has.

    :raises Invalid: it is no picture, or one too many.
    """
    place = _count(DraftPhoto, draft)
    if place >= MOST_PHOTOS:
        raise Invalid(fields={"photos": _l("An update has at most six photos.")})
    photo = media.store_photo(upload=upload, alt=alt, user_id=user_id, now=now)
    photo.caption = caption
    session.add(DraftPhoto(draft_id=draft.id, photo_id=photo.id, position=_next(DraftPhoto, draft)))
    session.flush()
    return photo


def add_paper(
    *, draft: UpdateDraft, upload: IO[bytes], title: str, user_id: uuid.UUID, now: datetime
) -> Document:
    """Put a PDF behind those that a draft has; its file's name is what it is called.

    :raises Invalid: it is no PDF that only shows something, or one too many.
    """
    if _count(DraftPaper, draft) >= MOST_PAPERS:
        raise Invalid(fields={"papers": _l("An update has at most three files.")})
    paper = media.store_document(upload=upload, user_id=user_id, now=now)
    session.add(
        DraftPaper(
            draft_id=draft.id,
            document_id=paper.id,
            title=title.strip()[:LONGEST_NAME] or "PDF",
            position=_next(DraftPaper, draft),
        )
    )
    session.flush()
    return paper


def _count(table: type[DraftPhoto | DraftPaper], draft: UpdateDraft) -> int:
    counted = sa.select(sa.func.count()).select_from(table).where(table.draft_id == draft.id)
    return session.scalar(counted) or 0


def _next(table: type[DraftPhoto | DraftPaper], draft: UpdateDraft) -> int:
    last = sa.select(sa.func.max(table.position)).where(table.draft_id == draft.id)
    found = session.scalar(last)
    return 0 if found is None else found + 1


def set_receipt(
    *, draft: UpdateDraft, upload: IO[bytes], alt: str, user_id: uuid.UUID, now: datetime
) -> None:
    """Let a draft have this receipt, a picture or a PDF, and no other.

    :raises Invalid: it is neither.
    """
    kept = media.store_evidence(upload=upload, alt=alt, user_id=user_id, now=now)
    draft.receipt_id = kept.id if isinstance(kept, Photo) else None
    draft.document_id = kept.id if isinstance(kept, Document) else None
    session.flush()


def describe(*, draft: UpdateDraft, said: Mapping[str, tuple[str, str]]) -> None:
    """Say of photos of a draft, by their ids, what they show and what stands below them."""
    for photo in _photos(draft.id):
        if str(photo.id) in said:
            photo.alt, photo.caption = said[str(photo.id)]
    session.flush()


def _photos(draft_id: uuid.UUID) -> list[Photo]:
    mine = sa.select(DraftPhoto.photo_id).where(DraftPhoto.draft_id == draft_id)
    return list(session.scalars(sa.select(Photo).where(Photo.id.in_(mine))))


def leave_out(*, draft: UpdateDraft, ids: Collection[uuid.UUID]) -> None:
    """Take photos, papers or the receipt out of a draft; the files go at night."""
    photos = session.scalars(
        sa.delete(DraftPhoto)
        .where(DraftPhoto.draft_id == draft.id, DraftPhoto.photo_id.in_(ids))
        .returning(DraftPhoto.photo_id)
    ).all()
    papers = session.scalars(
        sa.delete(DraftPaper)
        .where(DraftPaper.draft_id == draft.id, DraftPaper.document_id.in_(ids))
        .returning(DraftPaper.document_id)
    ).all()
    receipts = {one for one in (draft.receipt_id, draft.document_id) if one in ids}
    if receipts:
        draft.receipt_id = draft.document_id = None
        session.flush()
    # What was put into a draft belongs to nothing else.
    session.execute(sa.delete(Photo).where(Photo.id.in_(receipts.union(photos))))
    session.execute(sa.delete(Document).where(Document.id.in_(receipts.union(papers))))


def discard(*, draft: UpdateDraft) -> None:
    """Let a draft be gone, with its photos and papers."""
    ids = [*(photo.id for photo in draft.photos), *(one.document_id for one in draft.papers)]
    receipt = draft.receipt_id or draft.document_id
    leave_out(draft=draft, ids=[*ids, *([receipt] if receipt else [])])
    session.delete(draft)
    session.flush()
