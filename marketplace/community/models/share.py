"""A link by which somebody shows what their purchases gave."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Moment, Text


class ImpactShare(Base):
    """A person's one link; without a row there is none, and the page is nowhere."""

    __tablename__ = "impact_share"

    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    token: Mapped[Text] = mapped_column(unique=True)
    """The secret in the page's address."""
    shows_amounts: Mapped[bool] = mapped_column(default=False)
    shows_name: Mapped[bool] = mapped_column(default=False)
    is_indexed: Mapped[bool] = mapped_column(default=False)
    """Whether search engines may list it."""
    made_at: Mapped[Moment]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
