"""Tables of updates that are not out yet, of what belongs to those that are, and of letters."""

import datetime as dt
import enum
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.media.models import Document, Photo
from marketplace.projects.models import Project


class UpdateDraft(Base):
    """An update that nobody reads yet; as it is published, its row goes."""

    __tablename__ = "update_draft"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[Text]
    body: Mapped[Text]
    """Markdown as written so far."""
    language: Mapped[str] = mapped_column(sa.String(5))
    is_setback: Mapped[bool] = mapped_column(default=False)
    spent: Mapped[dict[str, Any]] = mapped_column(
        postgresql.JSONB
    )  # Any: texts, as they were typed
    """What the fields about money say: `amount`, `spent_on`, `payee`, `purpose`, `budget_line`."""
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("photo.id"))
    document_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("document.id"))
    """The receipt, as a picture or as a paper."""
    milestone_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("milestone.id", ondelete="SET NULL")
    )
    outcome_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("outcome.id", ondelete="SET NULL")
    )
    publish_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When it is to come out by itself."""
    zone: Mapped[Text] = mapped_column(default="")
    """The time zone in which that was said."""
    problem: Mapped[Text] = mapped_column(default="")
    """Why it did not come out by itself."""
    is_by_mail: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]

    project: Mapped[Project] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    receipt: Mapped[Photo | None] = relationship(lazy="raise_on_sql")
    document: Mapped[Document | None] = relationship(lazy="raise_on_sql")
    photos: Mapped[list[Photo]] = relationship(
        secondary="update_draft_photo",
        lazy="raise_on_sql",
        order_by="DraftPhoto.position",
        viewonly=True,
    )
    papers: Mapped[list["DraftPaper"]] = relationship(
        lazy="raise_on_sql", order_by="DraftPaper.position", viewonly=True
    )


class DraftPhoto(Base):
    """A photo of a draft, in the order the owner gave."""

    __tablename__ = "update_draft_photo"

    draft_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("update_draft.id", ondelete="CASCADE"), primary_key=True
    )
    photo_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("photo.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class DraftPaper(Base):
    """A PDF of a draft."""

    __tablename__ = "update_draft_paper"

    draft_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("update_draft.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("document.id"), primary_key=True)
    title: Mapped[Text]
    position: Mapped[int] = mapped_column(default=0)

    document: Mapped[Document] = relationship(lazy="raise_on_sql")


class UpdatePaper(Base):
    """A PDF that belongs to an update."""

    __tablename__ = "update_paper"

    update_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project_update.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("document.id"), primary_key=True)
    title: Mapped[Text]
    position: Mapped[int] = mapped_column(default=0)

    document: Mapped[Document] = relationship(lazy="raise_on_sql")


class UpdateOutcome(Base):
    """A measured value that an update tells of."""

    __tablename__ = "update_outcome"

    update_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project_update.id", ondelete="CASCADE"), primary_key=True
    )
    outcome_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("outcome.id", ondelete="CASCADE"), primary_key=True
    )


class WritingAddress(Base):
    """A personal address to which somebody writes for a project; its letters become drafts."""

    __tablename__ = "writing_address"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    project: Mapped[Project] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index(
            "uq_writing_address_in_use",
            "project_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("revoked_at is null"),
        ),
    )


class LetterState(enum.StrEnum):
    """What became of a letter that came in."""

    WAITING = "waiting"
    DRAFTED = "drafted"
    REFUSED = "refused"
    IGNORED = "ignored"


class ReceivedLetter(Base):
    """A letter that came in; what it says goes once it was read."""

    __tablename__ = "received_letter"

    id: Mapped[Id]
    address_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("writing_address.id", ondelete="CASCADE")
    )
    fingerprint: Mapped[bytes]
    """Of its Message-ID: the same letter is read once, however often it comes."""
    state: Mapped[LetterState] = mapped_column(states(LetterState, "letter_state"))
    raw: Mapped[bytes | None]
    draft_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("update_draft.id", ondelete="SET NULL")
    )
    received_at: Mapped[Moment] = mapped_column(index=True)

    address: Mapped[WritingAddress] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index("uq_received_letter_fingerprint", "address_id", "fingerprint", unique=True),
        sa.CheckConstraint("(state = 'waiting') = (raw is not null)", name="raw_goes"),
    )
