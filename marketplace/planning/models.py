"""Tables of what projects plan, of what else they need, and of who answered."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.planning.rules import NeedKind
from marketplace.projects.models import Project


class StorySection(Base):
    """A part of a project's story with a heading of its own."""

    __tablename__ = "story_section"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[Text]
    body: Mapped[Text]
    """Markdown."""
    position: Mapped[int] = mapped_column(default=0)


class Milestone(Base):
    """Something that is to be finished by a day, and when it was."""

    __tablename__ = "milestone"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[Text]
    due_on: Mapped[dt.date | None]
    reached_on: Mapped[dt.date | None]
    update_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("project_update.id", ondelete="SET NULL")
    )
    """The update that shows it."""
    position: Mapped[int] = mapped_column(default=0)


class Need(Base):
    """Something a project needs that is not money."""

    __tablename__ = "need"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[NeedKind] = mapped_column(states(NeedKind, "need_kind"))
    title: Mapped[Text]
    until_on: Mapped[dt.date | None]
    created_at: Mapped[Moment]
    closed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    position: Mapped[int] = mapped_column(default=0)

    project: Mapped[Project] = relationship(lazy="raise_on_sql")


class NeedAnswer(Base):
    """Somebody offers what a project needs."""

    __tablename__ = "need_answer"

    id: Mapped[Id]
    need_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("need.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    message: Mapped[Text]
    shares_email: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The person agreed that the project's people see the address. It can be taken back."""
    created_at: Mapped[Moment]

    need: Mapped[Need] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.UniqueConstraint("need_id", "user_id"),)
