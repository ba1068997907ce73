"""Money of an order that went to other projects than it was meant for."""

import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Id, Moment, states


class Why(enum.StrEnum):
    """Why money was rerouted."""

    CHOICE = "choice"
    """The shopper chose other projects."""
    CLOSED = "closed"
    """A project takes no money any more (domain.md, rule 13)."""


class Rerouting(Base):
    """One change of where an order's money goes; what moved is in the book: `reroute:<id>`."""

    __tablename__ = "rerouting"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    why: Mapped[Why] = mapped_column(states(Why, "rerouting_why"))
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"))
    """The project that takes no money any more."""
    made_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint(
            "(why = 'closed') = (project_id is not null)", name="closed_names_its_project"
        ),
    )
