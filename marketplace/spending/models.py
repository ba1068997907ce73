"""The table of what projects say they spent and have not shown the receipt of yet."""

import datetime as dt
import decimal
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Id, Minor, Moment, Text


class SpendingDraft(Base):
    """A row of a project's own table. It counts nowhere until its receipt is there."""

    __tablename__ = "spending_draft"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    import_key: Mapped[bytes]
    """What tells that a row of a file was brought before."""
    content_hash: Mapped[bytes]
    amount_minor: Mapped[Minor]
    """In `currency`."""
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    rate: Mapped[decimal.Decimal | None] = mapped_column(sa.Numeric(18, 6))
    rate_on: Mapped[dt.date | None]
    rate_source: Mapped[Text] = mapped_column(default="")
    spent_on: Mapped[dt.date]
    payee: Mapped[Text]
    purpose: Mapped[Text]
    budget_line_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("budget_line.id", ondelete="SET NULL")
    )
    created_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]
    spending_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("spending.id"))
    """What it became when its receipt came."""
    dismissed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.UniqueConstraint("project_id", "import_key"),
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint("(rate is null) = (rate_on is null)", name="rate_is_whole"),
        sa.CheckConstraint("rate > 0", name="rate_is_positive"),
        sa.Index(
            "ix_spending_draft_waiting",
            "project_id",
            "spent_on",
            postgresql_where=sa.text("spending_id is null and dismissed_at is null"),
        ),
    )
