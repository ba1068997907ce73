"""Matching pools, who funds them, and what they keep for orders."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.campaigns.rules import (
    PoolState,
    ReservationState,
    Scope,
    SponsorKind,
    SponsorState,
    Stage,
    last_day,
    match_minor,
    stage_of,
)
from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.projects.models import Cause, Project


class Sponsor(Base):
    """Somebody who funds pools and is no company; shown under this name once we admitted it."""

    __tablename__ = "sponsor"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), unique=True)
    """Who acts for it."""
    name: Mapped[Text]
    kind: Mapped[SponsorKind] = mapped_column(states(SponsorKind, "sponsor_kind"))
    state: Mapped[SponsorState] = mapped_column(states(SponsorState, "sponsor_state"))
    asked_at: Mapped[Moment]
    decided_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reason: Mapped[Text] = mapped_column(default="")
    """Why it was refused."""

    user: Mapped[User] = relationship(lazy="raise_on_sql", foreign_keys=[user_id])


class Pool(Base):
    """A sponsor's money that is added to what shoppers route.

    `budget = rest + reserved + used + returned + frozen + lost`; what stands on its account in the
    ledger is the rest and what is reserved. Of the rest is left what no bank claims.
    """

    __tablename__ = "matching_pool"

    id: Mapped[Id]
    slug: Mapped[Text] = mapped_column(unique=True)
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    """The company that funds it, out of what is available to it; else it has a sponsor."""
    sponsor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("sponsor.id"), index=True)
    """The sponsor that funds it, on the provider's page."""
    title: Mapped[Text]
    about: Mapped[Text] = mapped_column(default="")
    currency: Mapped[Currency]
    ratio_bp: Mapped[int]
    """What is added to each amount: 10 000 doubles it."""
    cap_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The most that is added to one order."""
    guarantee_minor: Mapped[Minor] = mapped_column(default=0)
    """It gives at least so much to its projects, whatever is routed."""
    with_gifts: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[Scope] = mapped_column(states(Scope, "matching_pool_scope"))
    cause_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("cause.id"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    """The first moment at which it does not run any more."""
    state: Mapped[PoolState] = mapped_column(states(PoolState, "matching_pool_state"))
    budget_minor: Mapped[Minor] = mapped_column(default=0)
    """All that was paid in."""
    reserved_minor: Mapped[Minor] = mapped_column(default=0)
    """Kept for orders that are not paid yet."""
    used_minor: Mapped[Minor] = mapped_column(default=0)
    """Given to projects, less what came back with refunds."""
    returned_minor: Mapped[Minor] = mapped_column(default=0)
    """Given back to the sponsor when it was over."""
    frozen_minor: Mapped[Minor] = mapped_column(default=0)
    """Held until a bank has decided about a sponsor's payment."""
    lost_minor: Mapped[Minor] = mapped_column(default=0)
    """What banks took back, or what made good what it had lacked then."""
    claimed_minor: Mapped[Minor] = mapped_column(default=0)
    """What disputes claim beyond what is frozen: out of what comes back it is nobody's."""
    ended_early_because: Mapped[Text] = mapped_column(default="")
    created_at: Mapped[Moment]
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    told_percent: Mapped[int] = mapped_column(default=0)
    """How much of its budget the sponsor was told of as used: 0, 80 or 100."""
    told_end_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When the sponsor got the statement of its end."""

    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")
    sponsor: Mapped[Sponsor | None] = relationship(lazy="raise_on_sql")
    cause: Mapped[Cause | None] = relationship(lazy="raise_on_sql")
    projects: Mapped[list[Project]] = relationship(
        secondary="matching_pool_project", lazy="raise_on_sql", order_by=Project.title
    )

    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(company_id, sponsor_id) = 1", name="has_one_sponsor"),
        sa.CheckConstraint(
            "least(budget_minor, reserved_minor, used_minor, returned_minor, guarantee_minor, "
            "frozen_minor, lost_minor, claimed_minor) >= 0",
            name="parts_are_not_negative",
        ),
        sa.CheckConstraint(
            "reserved_minor + used_minor + returned_minor + frozen_minor + lost_minor "
            "<= budget_minor",
            name="never_above_its_budget",
        ),
        sa.CheckConstraint("ratio_bp between 1 and 100000", name="ratio_is_sensible"),
        sa.CheckConstraint("cap_minor > 0", name="cap_is_positive"),
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_it_starts"),
        sa.CheckConstraint(
            "(scope = 'cause') = (cause_id is not null)", name="a_cause_where_it_is_for_one"
        ),
        sa.CheckConstraint(
            "guarantee_minor = 0 or scope = 'projects'", name="a_guarantee_names_its_projects"
        ),
        sa.CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended_at_a_moment"),
        sa.CheckConstraint("state <> 'draft' or budget_minor = 0", name="a_draft_has_no_money"),
        sa.Index(
            "ix_matching_pool_funded",
            "currency",
            "ends_at",
            postgresql_where=sa.text("state = 'funded'"),
        ),
    )

    @property
    def sponsor_name(self) -> str:
        """Return who funds it, as everybody reads it."""
        named = self.company or self.sponsor
        return named.name if named else ""

    @property
    def rest_minor(self) -> int:
        """Return what is in it, kept for no order and not frozen."""
        gone = self.used_minor + self.returned_minor + self.frozen_minor + self.lost_minor
        return self.budget_minor - self.reserved_minor - gone

    @property
    def left_minor(self) -> int:
        """Return what can still be added to orders."""
        return max(self.rest_minor - self.claimed_minor, 0)

    @property
    def held_minor(self) -> int:
        """Return what is in it and given to nobody, as a bank claims it."""
        return self.frozen_minor + self.rest_minor - self.left_minor

    @property
    def last_day(self) -> dt.date:
        """Return the last day on which it runs, in UTC."""
        return last_day(self.ends_at)

    def adds_to(self, base_minor: int) -> int:
        """Return what it would add to an amount of one order."""
        return match_minor(
            base_minor,
            ratio_bp=self.ratio_bp,
            cap_minor=self.cap_minor,
            left_minor=self.left_minor,
        )

    def stage(self, now: dt.datetime) -> Stage:
        """Return where it stands at a moment."""
        return stage_of(
            self.state,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            left_minor=self.left_minor,
            held_minor=self.held_minor,
            now=now,
        )


class PoolProject(Base):
    """A project that a pool is for, where it names them."""

    __tablename__ = "matching_pool_project"

    pool_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matching_pool.id"), primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id"), primary_key=True, index=True
    )


class Reservation(Base):
    """What a pool keeps for one project of an order, and what became of it."""

    __tablename__ = "match_reservation"

    order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("customer_order.id"), primary_key=True
    )
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), primary_key=True)
    pool_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matching_pool.id"))
    base_minor: Mapped[Minor]
    """What the order routes to the project, as far as the pool adds to it."""
    amount_minor: Mapped[Minor]
    """What the shopper was told, and is kept."""
    with_gifts: Mapped[bool]
    state: Mapped[ReservationState] = mapped_column(
        states(ReservationState, "match_reservation_state")
    )
    reserved_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0 and base_minor > 0", name="amounts_are_positive"),
        sa.Index("ix_match_reservation_pool", "pool_id", "state"),
    )
