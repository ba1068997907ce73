"""What companies gave so far, added up from the book a while after it happened."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base
from marketplace.ledger.models import Following


class CompanyGiven(Base):
    """What stands of a company's orders on one account of a project, as far as it was followed."""

    __tablename__ = "company_given"

    company_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("ledger_account.id"), primary_key=True
    )
    standing_minor: Mapped[int] = mapped_column(sa.BigInteger)
    """What came to the account less what left it again."""


class GivenFollowing(Following, Base):
    """How far `company_given` has followed the book; what moved since is added when it is asked."""

    __tablename__ = "company_given_following"
