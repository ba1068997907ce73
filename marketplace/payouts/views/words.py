"""Words for kinds and sources of entries where no template writes them."""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_skeleton

from marketplace.core.i18n import _
from marketplace.core.web.languages import current_language
from marketplace.ledger.rules import Kind, Source


def month_name(month: date) -> str:
    """Return a month as people write it: May 2026."""
    return format_skeleton("yMMMM", month, locale=current_language())


def of_kinds() -> Mapping[str, str]:
    """Return what happened, as it stands on a statement."""
    return {
        Kind.RELEASE: _("Confirmed: the return window closed"),
        Kind.REFUND: _("Taken back with returned goods"),
        Kind.PAYOUT: _("Payout"),
        Kind.PAYOUT_RETURNED: _("Payout that came back"),
        Kind.NETTING: _("Kept for what was owed"),
        Kind.REROUTE: _("Sent on to another project"),
        Kind.DISPUTE_OPENED: _("Frozen: a buyer disputes the payment"),
        Kind.DISPUTE_WON: _("Free again: the dispute was won"),
        Kind.DISPUTE_LOST: _("Taken back: the dispute was lost"),
    }


def of_sources() -> Mapping[str | None, str]:
    """Return whose money it is, where that is worth a word."""
    return {
        Source.PLEDGE: _("companies’ promises"),
        Source.TOP_UP: _("shoppers’ own donations"),
        Source.MATCH: _("sponsors"),
    }
