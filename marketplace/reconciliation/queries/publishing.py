"""What may be published: live totals, or those of the last reconciliation while something differs.

A difference that belongs to an order or a payout holds the totals of the projects and companies
that have a part in it; one of which nobody can say whose it is holds all. The marketplace's own
totals stand still for any difference at all.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.remembered import Remembered
from marketplace.impact import queries as impact
from marketplace.impact.queries import CompanyTotals, PlatformTotals, ProjectTotals
from marketplace.ledger.models import Account
from marketplace.ledger.rules import Purpose

Totals = TypeVar("Totals", ProjectTotals, CompanyTotals)


@dataclass(frozen=True)
class Hold:
    """What is being checked, as nobody has explained yet why the sides differ."""

    since: datetime | None = None
    """When the oldest difference was found; None while there is none."""
    reconciled_at: datetime | None = None
    """When the sides agreed last; None if they never did."""
    is_whole: bool = False
    """Nobody can say whose it is: it may be anybody's."""
    owners: frozenset[uuid.UUID] = frozenset()
    """The projects and companies that it concerns."""

    def concerns(self, owner_id: uuid.UUID) -> bool:
        """Say whether the totals of a project or company stand still."""
        return self.is_whole or owner_id in self.owners


# Whose money a difference may be: of the order's captured rows, choices and parcels, or of the
# payee of a payout. The platform's own fees and its bank are nobody else's.
_HOLD = sa.text(
    """
    with differs as materialized (
        select key, split_part(key, ':', 1) as about, split_part(key, ':', 2) as name, found_at
        from reconciliation_difference where closed_at is null and explained_at is null
    ), of_order (key, order_id) as (
        select key, payment.order_id from differs join payment
            on about = 'payment' and name in (payment.charge_id, payment.id)
        union select key, refund.order_id from differs join refund
            on about = 'refund' and refund.provider_id = name
        union select differs.key, failed_refund.order_id from differs join failed_refund
            on about = 'refund' and failed_refund.key = name
        union select key, happened.subject_id from differs join ledger_transaction happened
            on about = 'refund' and happened.effect_key = differs.key
        union select key, dispute.order_id from differs join dispute
            on about = 'dispute' and dispute.id = name
    ), whose (key, owner_id) as (
        select key, company_id from of_order join company_order using (order_id)
        union select key, project_id from of_order join allocation using (order_id)
        union select key, account.owner_id
        from of_order join ledger_transaction happened on happened.subject_id = order_id
        join ledger_transfer moved on moved.transaction_id = happened.id
        join ledger_account account on account.id in (moved.debit_id, moved.credit_id)
        where account.purpose in ('project_pending', 'project_available', 'dispute_hold')
        union select key, payout.payee_id from differs join payout
            on about = 'transfer' and payout.provider_id = name
    )
    select min(found_at),
        (select max(counted_at) from reconciliation_published where is_reconciled),
        coalesce(bool_or(about not in ('fee', 'bank')
            and not exists (select from whose where whose.key = differs.key)), false),
        (select array_agg(distinct owner_id) from whose where owner_id is not null)
    from differs
    """.replace("':'", "chr(58)")
).columns(*map(sa.column, Hold.__annotations__))


def find_hold() -> Hold:
    """Return what is being checked now: one statement."""
    since, reconciled_at, is_whole, owners = session.execute(_HOLD).one()
    return Hold(since, reconciled_at, is_whole, frozenset(owners or ()))


hold = Remembered(find_hold)
"""The same, asked at most once in the seconds for which public pages are kept."""


@dataclass(frozen=True)
class Published(Generic[Totals]):
    """Totals by project or company, and whether some of them stand still."""

    totals: Mapping[uuid.UUID, Totals]
    hold: Hold = field(default_factory=Hold)
    held: frozenset[uuid.UUID] = frozenset()
    """Whose totals are those of the last reconciliation."""

    @property
    def checked_since(self) -> datetime | None:
        """Return since when some of them are being checked; None if all are live."""
        return self.hold.since if self.held else None

    def counted_at(self, now: datetime) -> datetime:
        """Return as of when they are: now, or when the sides agreed last."""
        return self.hold.reconciled_at or now if self.held else now


def project_totals(
    project_ids: Collection[uuid.UUID], now: Hold | None = None
) -> Published[ProjectTotals]:
    """Return what may be told of some projects: two statements, three while some stand still."""
    return _published(project_ids, impact.project_totals, ProjectTotals, now or hold())


def company_totals(company_ids: Collection[uuid.UUID]) -> Published[CompanyTotals]:
    """Return what may be told of some companies: two statements, three while some stand still."""
    return _published(company_ids, impact.company_totals, CompanyTotals, hold())


def _published(
    owner_ids: Collection[uuid.UUID],
    live: Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, Totals]],
    kind: type[Totals],
    now: Hold,
) -> Published[Totals]:
    held = frozenset(one for one in owner_ids if now.concerns(one))
    totals: dict[uuid.UUID, Totals] = dict(live([one for one in owner_ids if one not in held]))
    if held:
        rows = session.execute(_FIGURES, {"owners": list(held)}).all()
        totals |= dict.fromkeys(held, kind())  # it had nothing when the sides agreed last
        totals |= {owner_id: kind(**figures) for owner_id, figures in rows}
    return Published(totals, now, held)


def list_owners(purpose: Purpose) -> list[uuid.UUID]:
    """Return the companies or projects that have an account for a purpose."""
    query = sa.select(Account.owner_id).where(Account.purpose == purpose).distinct()
    return [owner for owner in session.scalars(query) if owner is not None]


_FIGURES = sa.text(
    "select owner_id, figures from reconciliation_figure where owner_id = any(:owners)"
)


@dataclass(frozen=True)
class PublicTotals:
    """The totals that everybody is shown, and why they may be older than the book."""

    totals: PlatformTotals
    is_held: bool = False
    """Whether they stand still, because the book and the provider differ."""
    is_reconciled: bool = True
    """Of totals that stand still: whether the sides agreed when they were counted."""


_HELD = sa.text(
    """
    select counted_at, is_reconciled, figures from reconciliation_published
    where currency = :currency and exists (
        select from reconciliation_difference
        where closed_at is null and explained_at is null and currency = :currency
    )
    order by counted_at desc limit 1
    """
)


def public_totals(currency: str, now: Hold | None = None) -> PublicTotals:
    """Return the totals of the marketplace, or while something differs those that were published.

    Two statements at most, one less for who knows already what is being checked `now`.
    """
    if (now or hold()).since is None:
        return PublicTotals(impact.platform_totals(currency))
    held = session.execute(_HELD, {"currency": currency}).one_or_none()
    if held is None:
        return PublicTotals(impact.platform_totals(currency))
    return PublicTotals(read_figures(held.figures), is_held=True, is_reconciled=held.is_reconciled)


def read_figures(figures: dict[str, Any]) -> PlatformTotals:  # Any: JSON
    """Return totals that were kept."""
    since = figures["since"]
    return PlatformTotals(
        **figures
        | {
            "counted_at": datetime.fromisoformat(figures["counted_at"]),
            "since": date.fromisoformat(since) if since else None,
        }
    )


def has_published(currency: str) -> bool:
    """Say whether totals of a currency were ever kept."""
    query = sa.text("select exists (select from reconciliation_published where currency = :one)")
    return bool(session.scalar(query, {"one": currency}))
