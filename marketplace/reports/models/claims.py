"""What a report claims of outcomes: the company's paid share of the whole project's cost."""

import datetime as dt
import decimal
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Id, Minor, Moment, Text, states


class Claim(Base):
    """A part of one measured value. All claims of it, and money from elsewhere, are at most all."""

    __tablename__ = "report_claim"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("report_version.id", ondelete="CASCADE"), primary_key=True
    )
    outcome_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("outcome.id"), primary_key=True, index=True
    )
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"))
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), index=True)
    title: Mapped[Text]
    unit: Mapped[Text]
    value: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(18, 4))
    """Of the whole project."""
    measured_on: Mapped[dt.date]
    method: Mapped[Text]
    reviews: Mapped[int]
    proofs: Mapped[int]
    paid_minor: Mapped[Minor]
    """What of the company's money of this report the project was paid."""
    cost_minor: Mapped[Minor]
    """What the whole project costs, whoever pays for it."""
    share_ppm: Mapped[int]
    """Paid of cost in millionths, rounded down."""

    __table_args__ = (
        sa.CheckConstraint("share_ppm between 0 and 1000000", name="share_is_a_part"),
        sa.CheckConstraint("0 <= paid_minor and paid_minor <= cost_minor", name="paid_of_cost"),
        sa.CheckConstraint("cost_minor > 0", name="cost_is_positive"),
    )


class Standing(enum.StrEnum):
    """How sure money from elsewhere is; only what is certain leaves less to claim here."""

    CERTAIN = "certain"
    APPLIED = "applied"
    REFUSED = "refused"


class FundingElsewhere(Base):
    """What a project has, or applied for, elsewhere: nobody here claims what that pays for.

    It stays. What became of an application is another row, which follows it.
    """

    __tablename__ = "funding_elsewhere"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), index=True)
    funder: Mapped[Text]
    amount_minor: Mapped[Minor]
    """In the project's currency."""
    standing: Mapped[Standing] = mapped_column(
        states(Standing, "funding_standing"), server_default=Standing.CERTAIN
    )
    follows_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("funding_elsewhere.id"), unique=True
    )
    """The application that this answers."""
    declared_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    declared_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint("length(funder) between 1 and 200", name="funder_is_short"),
        sa.CheckConstraint(
            "standing <> 'refused' or follows_id is not null", name="refused_was_applied_for"
        ),
        sa.CheckConstraint("follows_id is null or standing <> 'applied'", name="applied_for_once"),
    )
