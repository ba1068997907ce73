"""Teams, who is in them since when, what they set out to do, and what somebody finds wrong.

A company's or a project's own people are something else: see `people`.
"""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.community.rules import Counts, MadeOf, TeamRole
from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Moment, Text, states


class Team(Base):
    """People who look together at what their purchases give."""

    __tablename__ = "team"

    id: Mapped[Id]
    slug: Mapped[Text] = mapped_column(unique=True)
    name: Mapped[Text]
    made_of: Mapped[MadeOf] = mapped_column(states(MadeOf, "team_made_of"))
    about: Mapped[Text] = mapped_column(default="")
    """Markdown."""
    is_public: Mapped[bool]
    """Whether everybody finds it and may join; else only who has its link."""
    token: Mapped[Text] = mapped_column(unique=True)
    """The secret in the link by which people are invited."""
    currency: Mapped[Currency]
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    """Whose employees they say they are."""
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When somebody of that company said that it is so."""
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]
    suspended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    suspended_reason: Mapped[Text] = mapped_column(default="")
    dissolved_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(name) between 3 and 80", name="name_is_short"),
        sa.CheckConstraint("length(about) <= 2000", name="about_is_short"),
        sa.CheckConstraint(
            "(confirmed_at is null) = (confirmed_by_id is null)", name="confirmed_by_somebody"
        ),
        sa.CheckConstraint(
            "confirmed_at is null or company_id is not null", name="confirmed_by_a_company"
        ),
        sa.CheckConstraint(
            "(suspended_at is null) = (suspended_reason = '')", name="suspended_for_a_reason"
        ),
        sa.Index(
            "ix_team_listed",
            "name",
            "id",
            postgresql_where=sa.text("is_public and suspended_at is null and dissolved_at is null"),
        ),
    )

    @property
    def is_confirmed(self) -> bool:
        """Say whether the company says that these are its people."""
        return self.confirmed_at is not None


class TeamMember(Base):
    """A stretch of time in which somebody's purchases count for a team.

    Who leaves and comes back has two. The row stays when they leave: what was counted stays.
    """

    __tablename__ = "team_member"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("team.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    role: Mapped[TeamRole] = mapped_column(states(TeamRole, "team_role"))
    is_named: Mapped[bool]
    """Whether their name stands on the team's page."""
    joined_at: Mapped[Moment]
    left_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    is_removed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether a captain ended it, not they."""

    user: Mapped[User] = relationship(lazy="raise_on_sql")
    team: Mapped[Team] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("left_at is null or left_at >= joined_at", name="left_after_joining"),
        sa.CheckConstraint("not is_removed or left_at is not null", name="removed_is_gone"),
        sa.Index(
            "ix_team_member_once",
            "team_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("left_at is null"),
        ),
        sa.Index(
            "ix_team_member_one_captain",
            "team_id",
            unique=True,
            postgresql_where=sa.text("left_at is null and role = 'captain'"),
        ),
        sa.Index("ix_team_member_team_id", "team_id"),
    )


class TeamChallenge(Base):
    """What a team wants to have done between two days; nothing happens if it is not."""

    __tablename__ = "team_challenge"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("team.id"), index=True)
    title: Mapped[Text]
    counts: Mapped[Counts] = mapped_column(states(Counts, "team_challenge_counts"))
    goal: Mapped[int] = mapped_column(sa.BigInteger)
    """Minor units, projects or people."""
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    """The last day that counts, in UTC."""
    created_at: Mapped[Moment]
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.CheckConstraint("goal > 0", name="goal_is_positive"),
        sa.CheckConstraint("starts_on <= ends_on", name="ends_after_its_start"),
        sa.CheckConstraint("length(title) between 1 and 120", name="title_is_short"),
    )


class TeamComplaint(Base):
    """Somebody tells the operator that a team's name or words are an abuse."""

    __tablename__ = "team_complaint"

    team_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
    by_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    why: Mapped[Text]
    made_at: Mapped[Moment]
    settled_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    team: Mapped[Team] = relationship(lazy="raise_on_sql")
    by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(why) between 1 and 1000", name="why_is_readable"),
        sa.Index(
            "ix_team_complaint_open", "made_at", postgresql_where=sa.text("settled_at is null")
        ),
    )
