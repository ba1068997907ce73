"""Photos that were checked and re-encoded, and papers that were checked."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Id, Moment, Text


class Photo(Base):
    """One picture; the files lie in the storage under `key`, one for each width."""

    __tablename__ = "photo"

    id: Mapped[Id]
    key: Mapped[Text] = mapped_column(unique=True)
    """Storage name without width and suffix, made by us, never from the upload's name."""
    sha256: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[list[int]] = mapped_column(postgresql.ARRAY(sa.Integer), default=list)
    """The widths in pixels that are stored as WebP."""
    alt: Mapped[Text] = mapped_column(default="")
    caption: Mapped[Text] = mapped_column(default="", server_default="")
    """What stands below it, for everybody."""
    uploaded_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]
    withheld_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when it is not shown to anybody; the files stay, for who has to look into it."""

    __table_args__ = (
        sa.CheckConstraint("width > 0 and height > 0", name="has_a_size"),
        sa.Index("ix_photo_withheld", "key", postgresql_where=sa.text("withheld_at is not null")),
    )


class Document(Base):
    """One paper; the file lies in the storage under `key`, a private one apart from the others."""

    __tablename__ = "document"

    id: Mapped[Id]
    key: Mapped[Text] = mapped_column(unique=True)
    """Storage name without suffix, made by us, never from the upload's name."""
    sha256: Mapped[bytes]
    size: Mapped[int]
    """Bytes."""
    is_private: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It has no address of its own: a page gives it out to those who may read it."""
    suffix: Mapped[Text] = mapped_column(default="pdf", server_default="pdf")
    uploaded_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("size > 0", name="is_not_empty"),
        sa.CheckConstraint("suffix = 'pdf' or suffix = 'webp' and is_private", name="is_readable"),
    )
