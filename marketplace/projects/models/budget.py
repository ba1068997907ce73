"""Tables of what projects plan to spend, and of what they planned before."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Id, Minor, Moment, Text


class BudgetLine(Base):
    """A part of what the goal is needed for."""

    __tablename__ = "budget_line"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[Text]
    amount_minor: Mapped[Minor]
    is_minimum: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Without it the project cannot begin; such lines together are the minimum."""
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),)


class BudgetChange(Base):
    """What the goal or a line of the budget was before, and why it changed. It stays."""

    __tablename__ = "budget_change"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"))
    is_goal: Mapped[bool]
    was_title: Mapped[str | None] = mapped_column(sa.Text)
    """None for a new line; of a goal both titles are none."""
    title: Mapped[str | None] = mapped_column(sa.Text)
    """None for a line that went."""
    was_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    reason: Mapped[Text] = mapped_column(default="", server_default="")
    changed_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    changed_at: Mapped[Moment]

    __table_args__ = (
        sa.Index("ix_budget_change_project", "project_id", "changed_at"),
        sa.CheckConstraint(
            "not is_goal or reason <> '' and num_nonnulls(was_minor, minor) = 2",
            name="goal_has_a_reason",
        ),
        sa.CheckConstraint("length(reason) <= 500", name="reason_is_short"),
        sa.CheckConstraint("num_nonnulls(was_minor, minor) > 0", name="something_changed"),
    )
