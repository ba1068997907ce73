"""Tables of remembered choices."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base


class DefaultProject(Base):
    """Where a company's share goes when the shopper chooses nothing; shown before payment."""

    __tablename__ = "default_project"

    company_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    weight: Mapped[int] = mapped_column(default=1)
    """The project's part, beside the parts of the company's other default projects."""

    __table_args__ = (sa.CheckConstraint("weight between 1 and 100", name="weight_is_a_part"),)


class Preference(Base):
    """The projects a shopper chose last, offered again at the next checkout."""

    __tablename__ = "preference"

    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(default=0)
    weight: Mapped[int] = mapped_column(default=1)

    __table_args__ = (sa.CheckConstraint("weight >= 0", name="weight_is_not_negative"),)
