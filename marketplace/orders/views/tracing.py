"""Every entry of the book about an order, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel.speaklater import LazyString

from marketplace.campaigns.models import Pool
from marketplace.core.i18n import _, _l
from marketplace.ledger.queries import BookLine
from marketplace.ledger.rules import Kind, Purpose, Source
from marketplace.orders.models import Order
from marketplace.projects.models import Project


@dataclass(frozen=True)
class Entry:
    """A transfer of the book in words."""

    at: datetime
    what: str
    from_whom: str
    to_whom: str
    amount_minor: int
    is_purchase: bool
    """Whether it is part of what was paid: those add up to the total."""

    def to_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "at": self.at.isoformat(),
            "what": self.what,
            "from": self.from_whom,
            "to": self.to_whom,
            "amount_minor": self.amount_minor,
            "is_purchase": self.is_purchase,
        }


OUR_OWN = (Kind.FEE, Kind.DISPUTE_FEE, Kind.DISPUTE_FEE_BACK)
"""What only the platform pays, of no shopper's money."""


WORDS: Mapping[str, LazyString] = {
    Kind.CAPTURE: _l("Paid"),
    Kind.RELEASE: _l("Confirmed"),
    Kind.REFUND: _l("Given back"),
    Kind.DISPUTE_OPENED: _l("Frozen: the payment is disputed"),
    Kind.DISPUTE_WON: _l("Free again: the dispute is over"),
    Kind.DISPUTE_LOST: _l("Taken back by the bank"),
    Kind.REROUTE: _l("Goes to another project"),
    Kind.NETTING: _l("Kept from what the company gets"),
    Kind.LATE_PAYMENT: _l("A payment that could not be used"),
    Kind.LATE_PAYMENT_REFUND: _l("Given back in full"),
    Kind.REFUND_FAILED: _l("A refund that did not reach you: it is owed to you"),
    Kind.REFUND_AGAIN: _l("Given back once more"),
    Kind.REFUND_OTHERWISE: _l("Given back by bank transfer"),
    Purpose.PROVIDER_CLEARING: _l("You"),
    Purpose.REFUND_DUE: _l("Causeway, owed to you"),
    Purpose.PLATFORM_BANK: _l("You"),
    Purpose.MATCHING_POOL: _l("%(name)s, its matching pool"),
    Purpose.COMMISSION: _l("Causeway, for running the market"),
    Purpose.COMPANY_RECEIVABLE: _l("%(name)s, from its next balance"),
    Purpose.PROJECT_PENDING: _l("%(name)s, held"),
    Purpose.DISPUTE_HOLD: _l("%(name)s, frozen"),
    Purpose.PROJECT_AVAILABLE: _l("%(name)s, confirmed"),
}
"""What happened, and on whose account; where nothing stands here, its owner's name is enough."""


def book_of(
    order: Order,
    entries: Sequence[BookLine],
    pools: Iterable[Pool],
    arrived: Iterable[Project] = (),
) -> list[Entry]:
    """Return every entry of the book about an order, in words.

    `pools` added to it; money of it came on to the projects that `arrived` later.
    """
    names = {part.company_id: part.company.name for part in order.company_orders}
    names |= {one.project_id: one.project.title for one in order.allocations}
    names |= {project.id: project.title for project in arrived}
    names |= {pool.id: pool.sponsor_name for pool in pools}
    words = _words_of(entries)
    return [
        Entry(
            at=entry.effective_at,
            what=_what(entry, words),
            from_whom=_who(entry, names, words, debit=True),
            to_whom=_who(entry, names, words, debit=False),
            amount_minor=entry.amount_minor,
            is_purchase=entry.kind == Kind.CAPTURE
            and entry.debit_purpose == Purpose.PROVIDER_CLEARING,
        )
        for entry in entries
        if entry.kind not in OUR_OWN
    ]


def _words_of(entries: Iterable[BookLine]) -> Mapping[str, str]:
    """Return what the kinds and accounts of some entries are called, each looked up once."""
    named: set[str] = set()
    for entry in entries:
        named |= {entry.kind, entry.debit_purpose, entry.credit_purpose}
    return {one: str(WORDS[one]) for one in named if one in WORDS}


def _what(entry: BookLine, words: Mapping[str, str]) -> str:
    if entry.kind == Kind.CAPTURE and entry.debit_purpose == Purpose.MATCHING_POOL:
        return _("Added by a sponsor")
    return words.get(entry.kind, entry.kind)


def _who(
    entry: BookLine, names: Mapping[UUID, str], words: Mapping[str, str], *, debit: bool
) -> str:
    purpose = entry.debit_purpose if debit else entry.credit_purpose
    owner = entry.debit_owner_id if debit else entry.credit_owner_id
    source = entry.debit_source if debit else entry.credit_source
    name = names.get(owner, "") if owner else ""
    who = words[purpose] % {"name": name} if purpose in words else name or purpose
    if source == Source.MATCH:
        return _("%(who)s, matched", who=who)
    return _("%(who)s, your own donation", who=who) if source == Source.TOP_UP else who
