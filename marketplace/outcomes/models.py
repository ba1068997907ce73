"""Tables of indicators, of what was measured, of its proof and of who looked at it."""

import datetime as dt
import decimal
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.media.models import Document, Photo
from marketplace.outcomes.rules import IndicatorKind, OutcomeState, ReviewerRole
from marketplace.projects.models import Project

Number = sa.Numeric(18, 4)


class Indicator(Base):
    """What a project counts, in which unit, from where to where."""

    __tablename__ = "indicator"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    title: Mapped[Text]
    unit: Mapped[Text]
    code: Mapped[Text] = mapped_column(default="")
    """Of `rules.CODES`, where the indicator is one that others use, too."""
    kind: Mapped[IndicatorKind] = mapped_column(states(IndicatorKind, "indicator_kind"))
    baseline: Mapped[decimal.Decimal | None] = mapped_column(Number)
    baseline_on: Mapped[dt.date | None]
    target: Mapped[decimal.Decimal | None] = mapped_column(Number)
    target_on: Mapped[dt.date | None]
    budget_line_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("budget_line.id", ondelete="SET NULL")
    )
    """What pays for it; without one, all that the project spends."""
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """It is not measured any more; what was measured stays."""

    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index("ix_indicator_project", "project_id", "position", "id"),
        sa.CheckConstraint("length(title) between 1 and 200", name="title_is_short"),
        sa.CheckConstraint("length(unit) between 1 and 60", name="unit_is_short"),
    )


class Outcome(Base):
    """A measured value. Once it is published it stays; a correction is another row."""

    __tablename__ = "outcome"

    id: Mapped[Id]
    indicator_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("indicator.id", ondelete="CASCADE")
    )
    value: Mapped[decimal.Decimal] = mapped_column(Number)
    measured_on: Mapped[dt.date]
    method: Mapped[Text]
    """How it was measured, by whom, of how many."""
    note: Mapped[Text] = mapped_column(default="")
    """What it means, or why it is corrected."""
    state: Mapped[OutcomeState] = mapped_column(states(OutcomeState, "outcome_state"))
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("outcome.id"), unique=True)
    is_withdrawn: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The correction says that what it corrects was wrong altogether."""
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]
    published_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    indicator: Mapped[Indicator] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    evidence: Mapped[list["OutcomeEvidence"]] = relationship(
        lazy="raise_on_sql", order_by="OutcomeEvidence.position"
    )
    reviews: Mapped[list["OutcomeReview"]] = relationship(
        lazy="raise_on_sql", order_by="OutcomeReview.at"
    )

    __table_args__ = (
        sa.Index("ix_outcome_indicator", "indicator_id", "measured_on", "id"),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)", name="published_has_a_time"
        ),
        sa.CheckConstraint(
            "not is_withdrawn or corrects_id is not null", name="only_a_correction_withdraws"
        ),
    )


class OutcomeEvidence(Base):
    """What can be held up as proof of a measured value: a photo, a paper or an address."""

    __tablename__ = "outcome_evidence"

    id: Mapped[Id]
    outcome_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("outcome.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[Text]
    photo_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("photo.id"))
    document_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("document.id"))
    url: Mapped[str | None] = mapped_column(sa.Text)
    position: Mapped[int] = mapped_column(default=0)

    photo: Mapped[Photo | None] = relationship(lazy="raise_on_sql")
    document: Mapped[Document | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(photo_id, document_id, url) = 1", name="is_one_thing"),
    )

    @property
    def path(self) -> str:
        """Return where it can be looked at; photo and document have to be loaded."""
        if self.photo is not None:
            return f"/media/{self.photo.key}-{self.photo.widths[-1]}.webp"
        return f"/papers/{self.document.key}.pdf" if self.document else str(self.url)


class OutcomeReview(Base):
    """Somebody else than who measured looked at value and proof, and found them right."""

    __tablename__ = "outcome_review"

    outcome_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("outcome.id", ondelete="CASCADE"), primary_key=True
    )
    reviewer_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True
    )
    role: Mapped[ReviewerRole] = mapped_column(states(ReviewerRole, "reviewer_role"))
    note: Mapped[Text] = mapped_column(default="")
    at: Mapped[Moment]

    reviewer: Mapped[User] = relationship(lazy="raise_on_sql")
