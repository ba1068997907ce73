"""What papers say, worked out from recorded amounts."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.core.money import net_of


class RecipientKind(enum.StrEnum):
    """What a recipient of gifts is."""

    CHARITY = "charity"
    ASSOCIATION = "association"
    FOUNDATION = "foundation"
    PUBLIC_BODY = "public_body"


class Why(enum.StrEnum):
    """Why a gift receipt does not hold any more."""

    REFUNDED = "refunded"
    """The gift, or a part of it, was given back."""
    REROUTED = "rerouted"
    """It went to another project."""


class InvoiceKind(enum.StrEnum):
    """A bill, or the paper that takes a part of one back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


def number_of(prefix: str, year: int, serial: int) -> str:
    """Return a paper's number as people read it: "G-2026-00012"."""
    return f"{prefix}-{year}-{serial:05}"


@dataclass(frozen=True)
class Stands:
    """Where the money of one row of a gift stands with one project, in minor units."""

    row_id: int
    project_id: uuid.UUID
    pending_minor: int
    confirmed_minor: int
    frozen_minor: int
    missed_minor: int
    """What of the row went back to the giver although a project keeps it."""


@dataclass
class Gift:
    """What of somebody's own gift is with a project, and was not given back."""

    pending_minor: int = 0
    confirmed_minor: int = 0
    frozen_minor: int = 0

    @property
    def is_decided(self) -> bool:
        """Say whether nothing of it is pending or frozen."""
        return not self.pending_minor and not self.frozen_minor


def gifts_of(rows: Sequence[Stands]) -> dict[uuid.UUID, Gift]:
    """Return by project what stands as a gift: given back is what was given back, whoever pays.

    A project that was paid already keeps a gift that the giver got back; it is no gift any more.
    """
    missed = {row.row_id: row.missed_minor for row in rows}
    found: dict[uuid.UUID, Gift] = {}
    for row in rows:
        gift = found.setdefault(row.project_id, Gift())
        taken = min(missed[row.row_id], row.confirmed_minor)
        missed[row.row_id] -= taken
        gift.pending_minor += row.pending_minor
        gift.confirmed_minor += row.confirmed_minor - taken
        gift.frozen_minor += row.frozen_minor
    return found


@dataclass(frozen=True)
class Item:
    """A line of an invoice or credit note; amounts in minor units, VAT inside the gross."""

    title: str
    quantity: int
    gross_minor: int
    net_minor: int
    vat_bp: int

    @property
    def vat_minor(self) -> int:
        """Return the VAT in it."""
        return self.gross_minor - self.net_minor


def credited(gross_minor: int, already_minor: int, vat_bp: int) -> int:
    """Return the net part of what is given back, so that all parts add up to the invoice's.

    `already_minor` is what was given back of the same thing before.
    """
    return net_of(already_minor + gross_minor, vat_bp) - net_of(already_minor, vat_bp)


def by_rate(items: Sequence[Item]) -> Mapping[int, tuple[int, int]]:
    """Return net and VAT of some items by rate, the lowest first."""
    found: dict[int, tuple[int, int]] = {}
    for item in items:
        net, vat = found.get(item.vat_bp, (0, 0))
        found[item.vat_bp] = (net + item.net_minor, vat + item.vat_minor)
    return dict(sorted(found.items()))
