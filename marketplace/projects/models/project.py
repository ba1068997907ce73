"""Tables of projects and what they tell."""

import datetime as dt
import decimal
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import MemberRole, User
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.media.models import Document, Photo


class ProjectState(enum.StrEnum):
    """Whether a project can be chosen."""

    PROPOSED = "proposed"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    PAUSED = "paused"
    """Nothing was told for too long: it cannot be chosen until it tells something."""
    ARCHIVED = "archived"
    """Closed, and no money of it is with us any more."""


class Cause(Base):
    """The theme of projects, tagged with a UN Sustainable Development Goal."""

    __tablename__ = "cause"

    id: Mapped[Id]
    slug: Mapped[Text] = mapped_column(unique=True)
    name_en: Mapped[Text]
    name_fr: Mapped[Text]
    name_it: Mapped[Text]
    sdg: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (sa.CheckConstraint("sdg between 1 and 17", name="sdg_exists"),)

    def name_in(self, language: str) -> str:
        """Return the name in a language, in English where there is none."""
        return {"fr": self.name_fr, "it": self.name_it}.get(language) or self.name_en


class Project(Base):
    """A community project that receives money."""

    __tablename__ = "project"

    id: Mapped[Id]
    slug: Mapped[Text] = mapped_column(unique=True)
    title: Mapped[Text]
    summary: Mapped[Text] = mapped_column(default="")
    story: Mapped[Text] = mapped_column(default="")
    """Markdown."""
    risks: Mapped[Text] = mapped_column(default="")
    """What may go wrong, in the project's own words. Markdown."""
    organisation: Mapped[Text]
    place: Mapped[Text] = mapped_column(default="")
    country: Mapped[str | None] = mapped_column(sa.CHAR(2))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    cause_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cause.id"), index=True)
    sdgs: Mapped[list[int]] = mapped_column(postgresql.ARRAY(sa.Integer), default=list)
    sdg_targets: Mapped[list[str]] = mapped_column(
        postgresql.ARRAY(sa.Text), default=list, server_default="{}"
    )
    """Official numbers of targets of the Sustainable Development Goals, like 6.1."""
    currency: Mapped[Currency]
    goal_minor: Mapped[Minor]
    state: Mapped[ProjectState] = mapped_column(states(ProjectState, "project_state"))
    successor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"))
    """Who gets its money when it is closed, unless the shopper chose another project, too."""
    is_fund: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It takes what was meant for closed projects of its cause that named no successor."""
    external_ref: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    import_hash: Mapped[bytes | None]
    source: Mapped[Text] = mapped_column(default="")
    """Where an imported project's facts come from: publisher and licence, shown on its page."""
    photo_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("photo.id"))
    verified_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_at: Mapped[Moment]
    reminded_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When its people were last asked to tell something."""
    reached_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    """What is confirmed of the goal, in basis points: recounted from the ledger by a job, for the
    order of the list and for the state `full`. No page shows it."""

    cause: Mapped[Cause] = relationship(lazy="raise_on_sql")
    photo: Mapped[Photo | None] = relationship(lazy="raise_on_sql")
    owners: Mapped[list["ProjectOwner"]] = relationship(
        back_populates="project", lazy="raise_on_sql", order_by="ProjectOwner.created_at"
    )

    __table_args__ = (
        sa.CheckConstraint("goal_minor > 0", name="goal_is_positive"),
        sa.CheckConstraint("length(title) between 1 and 300", name="title_is_short"),
        sa.CheckConstraint("reached_bp >= 0", name="reached_is_not_negative"),
        sa.Index("ix_project_newest", "created_at", "id"),
        sa.Index("ix_project_goal", "goal_minor", "id"),
        sa.Index("ix_project_nearest", "state", "reached_bp", "id"),
        sa.Index("ix_project_country", "country"),
        sa.Index("ix_project_sdgs", "sdgs", postgresql_using="gin"),
    )


class ProjectOwner(Base):
    """A named person who answers for a project."""

    __tablename__ = "project_owner"

    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[MemberRole] = mapped_column(states(MemberRole, "project_owner_role"))
    title: Mapped[Text] = mapped_column(default="")
    created_at: Mapped[Moment]

    project: Mapped[Project] = relationship(back_populates="owners", lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")


class ProjectUpdate(Base):
    """A dated post by a project owner."""

    __tablename__ = "project_update"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"))
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    title: Mapped[Text]
    body: Mapped[Text]
    """Markdown as written."""
    body_html: Mapped[Text]
    """The same, rendered and sanitised."""
    language: Mapped[str] = mapped_column(sa.String(5), default="en", server_default="en")
    """In which it is written."""
    published_at: Mapped[Moment]
    is_setback: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It tells of something that went wrong."""
    corrected_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Its text and photos are gone then; its title stays."""
    note: Mapped[Text] = mapped_column(default="", server_default="")
    """Why it was last corrected, or taken back; everybody reads it."""

    project: Mapped[Project] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    photos: Mapped[list[Photo]] = relationship(
        secondary="project_update_photo",
        lazy="raise_on_sql",
        order_by="ProjectUpdatePhoto.position",
    )

    __table_args__ = (
        sa.Index("ix_project_update_newest", "project_id", "published_at", "id"),
        sa.CheckConstraint("length(title) between 1 and 200", name="title_is_short"),
    )


class ProjectUpdatePhoto(Base):
    """A photo of an update, in the order the owner gave."""

    __tablename__ = "project_update_photo"

    update_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project_update.id", ondelete="CASCADE"), primary_key=True
    )
    photo_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("photo.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class Spending(Base):
    """Money that a project spent, with its receipt. It stays; a correction is another row."""

    __tablename__ = "spending"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"))
    budget_line_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("budget_line.id"))
    update_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project_update.id"))
    amount_minor: Mapped[Minor]
    """In the project's currency; only a correction may be zero, which takes it back."""
    local_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What was paid, where it was in another currency."""
    local_currency: Mapped[str | None] = mapped_column(sa.CHAR(3))
    rate: Mapped[decimal.Decimal | None] = mapped_column(sa.Numeric(18, 6))
    """How much of the other currency one unit of the project's was."""
    rate_on: Mapped[dt.date | None]
    rate_source: Mapped[Text] = mapped_column(default="", server_default="")
    spent_on: Mapped[dt.date]
    payee: Mapped[Text]
    purpose: Mapped[Text]
    note: Mapped[Text] = mapped_column(default="", server_default="")
    """Why it is corrected."""
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("photo.id"))
    document_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("document.id"))
    """The receipt, as a picture or as a paper: a spending without one is not one."""
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("spending.id"), unique=True)
    created_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]

    receipt: Mapped[Photo | None] = relationship(lazy="raise_on_sql")
    document: Mapped[Document | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index("ix_spending_project", "project_id", "spent_on", "id"),
        sa.CheckConstraint(
            "amount_minor > 0 or amount_minor = 0 and corrects_id is not null",
            name="amount_is_positive",
        ),
        sa.CheckConstraint("num_nonnulls(receipt_id, document_id) = 1", name="has_a_receipt"),
        sa.CheckConstraint(
            "num_nonnulls(local_minor, local_currency, rate, rate_on) in (0, 4)",
            name="rate_is_whole",
        ),
        sa.CheckConstraint("rate > 0 and local_minor >= 0", name="rate_is_positive"),
    )

    @property
    def receipt_path(self) -> str:
        """Return where the receipt can be looked at; picture and paper have to be loaded."""
        if self.receipt is not None:
            return f"/media/{self.receipt.key}-{self.receipt.widths[-1]}.webp"
        return f"/papers/{self.document.key}.pdf" if self.document else ""


SPENDING_COUNTS = "not exists (select from spending later where later.corrects_id = spending.id)"
"""SQL: what holds of a row of `spending` that was not corrected since. Sums take only these."""


class ProjectGiver(Base):
    """What came to a project through one company, or as shoppers' own gifts, when last counted."""

    __tablename__ = "project_giver"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"))
    """None for what was no company's: gifts of one's own, and pools."""
    purchases: Mapped[int]
    amount_minor: Mapped[Minor]
    """Less what was taken back."""
    counted_at: Mapped[Moment]

    __table_args__ = (sa.Index("ix_project_giver_most", "project_id", "amount_minor"),)
