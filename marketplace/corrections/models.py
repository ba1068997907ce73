"""The table of what updates said before; append-only."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text


class UpdateVersion(Base):
    """An update as it read until somebody changed it."""

    __tablename__ = "update_version"

    id: Mapped[Id]
    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project_update.id"))
    title: Mapped[Text]
    body: Mapped[Text]
    body_html: Mapped[Text]
    reason: Mapped[Text]
    """Why it does not read so any more, in words for everybody."""
    replaced_at: Mapped[Moment]
    replaced_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))

    replaced_by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.Index("ix_update_version_update_id", "update_id", "id"),)
