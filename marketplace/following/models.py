"""Tables of follows, of what there is to hear, and of what was written to whom."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.following.rules import DEFAULT_FREQUENCY, Frequency, NewsKind


class Follow(Base):
    """Somebody wants to hear of something.

    A further kind of thing is one more nullable key here, in both constraints and in `rules.Kind`.
    """

    __tablename__ = "follow"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id", ondelete="CASCADE"))
    project_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    company_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    team_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("team.id", ondelete="CASCADE"), index=True
    )
    frequency: Mapped[Frequency] = mapped_column(
        states(Frequency, "follow_frequency"), default=DEFAULT_FREQUENCY
    )
    created_at: Mapped[Moment]
    since_at: Mapped[Moment]
    """Letters tell what happened after this: when it began, or began again."""

    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(project_id, company_id, person_id, team_id) = 1", name="is_of_one_thing"
        ),
        sa.CheckConstraint("person_id <> user_id", name="is_of_somebody_else"),
        sa.UniqueConstraint("user_id", "project_id"),
        sa.UniqueConstraint("user_id", "company_id"),
        sa.UniqueConstraint("user_id", "person_id"),
        sa.UniqueConstraint("user_id", "team_id"),
    )


class News(Base):
    """Something was told: of what, when, by whom. The words stay in the row that it is of."""

    __tablename__ = "news"

    id: Mapped[Id]
    kind: Mapped[NewsKind] = mapped_column(states(NewsKind, "news_kind"))
    subject_id: Mapped[uuid.UUID]
    """The row that holds the words: see `NewsKind`."""
    project_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE")
    )
    company_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE")
    )
    team_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("team.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who told it; the account may be empty by now. Nobody of a team: who is in one is secret."""
    at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(project_id, company_id, team_id) = 1", name="is_of_one_thing"
        ),
        sa.CheckConstraint("num_nonnulls(team_id, person_id) <= 1", name="names_nobody_of_a_team"),
        sa.UniqueConstraint("kind", "subject_id"),
        sa.Index("ix_news_newest", "at", "id"),
        sa.Index("ix_news_project", "project_id", "at", "id"),
        sa.Index("ix_news_company", "company_id", "at", "id"),
        sa.Index("ix_news_person", "person_id", "at", "id"),
        sa.Index("ix_news_team", "team_id", "at", "id"),
    )


class NewsSent(Base):
    """Somebody was, or is being, written to of something: each thing once, by whatever way."""

    __tablename__ = "news_sent"

    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    news_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("news.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    on_day: Mapped[dt.date | None]
    """Of whose letter it is a part; None where it has a letter of its own."""
    sent_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When its own letter was handed over."""

    __table_args__ = (sa.Index("ix_news_sent_day", "user_id", "on_day"),)


class Digest(Base):
    """The one letter of a day to somebody, with what was told since the last one."""

    __tablename__ = "digest"

    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    on_day: Mapped[dt.date] = mapped_column(primary_key=True)
    made_at: Mapped[Moment]
    sent_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When it was handed over."""


class UnwantedLetter(Base):
    """A kind of letter that somebody does not want; of those that can be chosen."""

    __tablename__ = "unwanted_letter"

    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[Text] = mapped_column(primary_key=True)
    """As `core.mail` names it."""
    created_at: Mapped[Moment]
