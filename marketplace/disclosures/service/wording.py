"""The versions of what a shopper is told, by jurisdiction.

A version that an order was placed under is never changed: a test holds each to its fingerprint.
To say it in other words, add a version with a later day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel.speaklater import LazyString

from marketplace.core.i18n import _l
from marketplace.disclosures.rules import Jurisdiction


@dataclass(frozen=True)
class Version:
    """One wording; its texts have places for values, as `%(name)s`."""

    id: str
    jurisdiction: Jurisdiction
    since: date
    company: LazyString
    """What a company gives: company, amount, net, terms."""
    projects: LazyString
    """To whom: projects, each with its organisation and amount."""
    closing: Sequence[LazyString]
    """When and by whom it is paid, caps, tax: return_days, payout_days."""
    top_up: LazyString
    """What the shopper gives on top: amount."""
    until: LazyString | None = None
    """Until when a company has promised it: company, day."""
    endless: LazyString | None = None
    """That it has said no end: company."""


_WHERE_ELSE = _l(
    "If a project takes no more money before it is paid, its part goes to your next choice, else "
    "to the successor that it named, else to the fund of the same cause. We write to you then. "
    "Until it is confirmed you can change your choice on the receipt."
)
_PAID = _l(
    "Causeway, which runs this market, holds it for the companies and pays it to the projects: "
    "once the goods can no longer be returned, %(return_days)s days after delivery, and at most "
    "%(payout_days)s days later. A project whose bank account is not verified yet gets it as soon "
    "as that is done."
)
_NO_CAP = _l("There is no upper limit. If you return goods, what was given for them goes back.")

VERSIONS: Sequence[Version] = (
    Version(
        id="eu-1",
        jurisdiction=Jurisdiction.EU,
        since=date(2026, 11, 22),
        company=_l(
            "%(company)s gives %(amount)s of the %(net)s that its goods cost you without VAT and "
            "delivery (%(terms)s)."
        ),
        projects=_l("It goes to the projects that you choose: %(projects)s."),
        closing=(
            _l(
                "The price you see includes it. You pay nothing on top for it, and no company may "
                "raise a price here because of what it gives."
            ),
            _PAID,
            _NO_CAP,
            _WHERE_ELSE,
            _l(
                "The companies give it, not you: a purchase is not a donation, and you cannot "
                "deduct it from your taxes."
            ),
        ),
        top_up=_l(
            "You give %(amount)s of your own on top, without VAT, and all of it reaches the same "
            "projects. Whether you can deduct it depends on who receives it and where you pay "
            "taxes: where a recipient qualifies, your receipt offers a gift receipt."
        ),
    ),
    Version(
        id="uk-1",
        jurisdiction=Jurisdiction.UK,
        since=date(2026, 11, 22),
        company=_l(
            "%(company)s sells these goods and gives %(amount)s of what you pay for them. This is "
            "the notifiable amount, an exact figure and not an estimate (%(terms)s; without VAT "
            "and delivery the goods cost %(net)s)."
        ),
        projects=_l("It is divided between those who benefit like this: %(projects)s."),
        closing=(
            _l("It comes out of the price. You pay nothing on top for it."),
            _PAID,
            _NO_CAP,
            _WHERE_ELSE,
            _l(
                "The companies give it, not you: a purchase is not a donation. Gift Aid cannot be "
                "claimed on it, and you cannot deduct it from your taxes."
            ),
        ),
        top_up=_l(
            "You give %(amount)s of your own on top, and all of it reaches the same projects. "
            "Causeway does not claim Gift Aid on it. Where a recipient qualifies, your receipt "
            "offers a gift receipt."
        ),
    ),
    Version(
        id="us-1",
        jurisdiction=Jurisdiction.US,
        since=date(2026, 11, 22),
        company=_l(
            "For this purchase %(company)s, a commercial co-venturer, gives %(amount)s "
            "(%(terms)s; without taxes and shipping the goods cost %(net)s)."
        ),
        projects=_l("The money goes to: %(projects)s."),
        until=_l("%(company)s has promised these terms until %(day)s."),
        endless=_l(
            "%(company)s has set no end date. Whatever it changes later, this order keeps these "
            "terms."
        ),
        closing=(
            _l("It comes out of the price. You pay nothing on top for it."),
            _PAID,
            _l(
                "There is no maximum and no guaranteed minimum. If you return goods, what was "
                "given for them goes back."
            ),
            _WHERE_ELSE,
            _l(
                "No part of the price is a charitable contribution by you, and none of it is "
                "tax-deductible for you."
            ),
        ),
        top_up=_l(
            "The %(amount)s on top is your own gift, and all of it reaches the same projects. It "
            "may be deductible only where the recipient is a qualified organization: your receipt "
            "then offers a gift receipt."
        ),
    ),
    Version(
        id="other-1",
        jurisdiction=Jurisdiction.OTHER,
        since=date(2026, 11, 22),
        company=_l(
            "%(company)s gives %(amount)s of the %(net)s that its goods cost you without VAT and "
            "delivery (%(terms)s)."
        ),
        projects=_l("It goes to the projects that you choose: %(projects)s."),
        closing=(
            _l("It comes out of the price. You pay nothing on top for it."),
            _PAID,
            _NO_CAP,
            _WHERE_ELSE,
            _l(
                "The companies give it, not you: a purchase is not a donation, and you cannot "
                "deduct it from your taxes."
            ),
        ),
        top_up=_l(
            "You give %(amount)s of your own on top, and all of it reaches the same projects. "
            "Where a recipient qualifies, your receipt offers a gift receipt; whether you can "
            "deduct it depends on where you pay taxes."
        ),
    ),
)


def versions_of(jurisdiction: Jurisdiction) -> list[Version]:
    """Return the versions of a jurisdiction, the newest first."""
    mine = [one for one in VERSIONS if one.jurisdiction is jurisdiction]
    return sorted(mine, key=lambda one: one.since, reverse=True)


def current(jurisdiction: Jurisdiction, day: date) -> Version:
    """Return the version that holds on a day; before the first one the first."""
    mine = versions_of(jurisdiction)
    return next((one for one in mine if one.since <= day), mine[-1])
