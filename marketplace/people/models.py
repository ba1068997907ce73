"""The table of invitations."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import MemberRole, User
from marketplace.core.db import Base, Id, Moment, Text, states


class Invitation(Base):
    """A letter that lets somebody work for a company or a project, until it is used or ends."""

    __tablename__ = "invitation"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE")
    )
    project_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE")
    )
    email: Mapped[Text]
    role: Mapped[MemberRole] = mapped_column(states(MemberRole, "invitation_role"))
    title: Mapped[Text] = mapped_column(default="")
    """What the person will do there, shown to the public."""
    said: Mapped[Text] = mapped_column(default="", server_default="")
    """Why an operator names somebody new, for everybody to read once it is accepted."""
    locale: Mapped[str] = mapped_column(sa.String(5))
    """The language of who invites: in it the letter goes to somebody without an account."""
    invited_by_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE")
    )
    invited_at: Mapped[Moment]
    """When the letter was last sent; an older letter's link does not work any more."""
    expires_at: Mapped[Moment]
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When it was used or withdrawn."""

    invited_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(company_id, project_id) = 1", name="is_for_a_company_or_a_project"
        ),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        sa.Index(
            "ix_invitation_open_company_id",
            "company_id",
            "email",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
        sa.Index(
            "ix_invitation_open_project_id",
            "project_id",
            "email",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )


class Handover(Base):
    """Somebody new answers for a company or a project: named by who leaves, or by an operator."""

    __tablename__ = "handover"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE"), index=True
    )
    project_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    to_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    is_by_operator: Mapped[bool]
    said: Mapped[Text] = mapped_column(default="")
    """Why, for everybody to read."""
    at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(company_id, project_id) = 1", name="is_for_a_company_or_a_project"
        ),
        sa.CheckConstraint("length(said) <= 300", name="said_is_short"),
        sa.CheckConstraint("not is_by_operator or said <> ''", name="an_operator_says_why"),
    )
