"""Updates in other languages, of which what was offered stays as it was, and complaints of them."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.projects.models import ProjectUpdate
from marketplace.volunteer_translations.rules import TranslationState


class UpdateTranslation(Base):
    """An update in another language, by a volunteer or one of the project's people.

    A trigger guards it: only a draft can be changed or deleted, and what ended stays ended; but
    what was replaced, and can still be read, can be taken down.
    """

    __tablename__ = "update_translation"

    id: Mapped[Id]
    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project_update.id"))
    language: Mapped[str] = mapped_column(sa.String(5))
    """Into which it is."""
    translator_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    is_own: Mapped[bool] = mapped_column(default=False)
    """Whoever wrote it answered for the project then: no volunteer."""
    title: Mapped[Text]
    body: Mapped[Text]
    """Markdown as written."""
    body_html: Mapped[Text]
    """The same, rendered and sanitised."""
    pictures: Mapped[list[dict[str, str]]] = mapped_column(postgresql.JSONB)
    """Of photos: `photo` (an id), `alt` and `caption`."""
    wording_at: Mapped[Moment]
    """Since when the original had read as it is translated here."""
    state: Mapped[TranslationState] = mapped_column(states(TranslationState, "translation_state"))
    written_at: Mapped[Moment]
    """When a draft was last kept; of others, when it was offered."""
    published_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reason: Mapped[Text] = mapped_column(default="", server_default="")
    """Why it was refused or taken down."""

    update: Mapped[ProjectUpdate] = relationship(lazy="raise_on_sql")
    translator: Mapped[User] = relationship(foreign_keys=[translator_id], lazy="raise_on_sql")
    ended_by: Mapped[User | None] = relationship(foreign_keys=[ended_by_id], lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(title) <= 200", name="title_is_short"),
        sa.CheckConstraint("length(reason) <= 500", name="reason_is_short"),
        sa.CheckConstraint(
            "state = 'draft' or (title <> '' and body <> '')", name="offered_is_whole"
        ),
        sa.CheckConstraint(
            "(published_at is null) = (published_by_id is null)", name="published_by_somebody"
        ),
        sa.CheckConstraint(
            "case when state in ('published', 'taken_down') then published_at is not null "
            "when state in ('draft', 'waiting', 'refused') then published_at is null "
            "else true end",
            name="published_once",
        ),
        sa.CheckConstraint("(ended_at is null) = (ended_by_id is null)", name="ended_by_somebody"),
        sa.CheckConstraint(
            "(ended_at is null) = (state in ('draft', 'waiting', 'published'))",
            name="ended_has_its_time",
        ),
        sa.CheckConstraint(
            "(state in ('refused', 'taken_down')) = (reason <> '')", name="refused_for_a_reason"
        ),
        sa.Index("ix_update_translation_update", "update_id", "language", "id"),
        *(
            sa.Index(
                f"uq_update_translation_{state}",
                *columns,
                unique=True,
                postgresql_where=sa.text(f"state = '{state}'"),
            )
            for state, columns in (
                ("published", ("update_id", "language")),
                ("waiting", ("update_id", "language", "translator_id")),
                ("draft", ("update_id", "language", "translator_id")),
            )
        ),
    )


class TranslationComplaint(Base):
    """A reader tells the operator that a translation says something else, or is an abuse."""

    __tablename__ = "translation_complaint"

    translation_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("update_translation.id"), primary_key=True
    )
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    why: Mapped[Text]
    made_at: Mapped[Moment]
    settled_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    translation: Mapped[UpdateTranslation] = relationship(lazy="raise_on_sql")
    by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(why) between 1 and 1000", name="why_is_readable"),
        sa.Index(
            "ix_translation_complaint_open",
            "made_at",
            postgresql_where=sa.text("settled_at is null"),
        ),
    )
