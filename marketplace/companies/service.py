"""What changes companies."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.companies.models import Company, CompanyState, PledgeChange
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.money import BASIS, NotAnAmount, parse_minor
from marketplace.following import service as following
from marketplace.following.rules import NewsKind

_MOVES = {
    "verify": ({CompanyState.DRAFT, CompanyState.SUSPENDED}, CompanyState.VERIFIED),
    "suspend": ({CompanyState.VERIFIED}, CompanyState.SUSPENDED),
}


def move(*, slug: str, how: str, operator: User, reason: str, now: datetime) -> None:
    """Verify or suspend a company, and write down who did it and why.

    :raises NotFound: no such company.
    :raises Conflict: it is not in a state for that.
    """
    company = session.scalar(sa.select(Company).where(Company.slug == slug).with_for_update())
    if company is None:
        raise NotFound
    allowed, target = _MOVES[how]
    if company.state not in allowed:
        raise Conflict(_l("This company is in another state already."))
    company.state = target
    company.suspended_at = now if how == "suspend" else None
    if how == "verify":
        company.verified_at = now
    accounts.record(
        actor=operator,
        action=f"company.{how}",
        subject_kind="company",
        subject_id=company.id,
        reason=reason,
        now=now,
    )
    session.flush()


MOST_AHEAD = timedelta(days=3 * 366)
"""So far ahead a promise may be made."""


def promise(
    *,
    company_id: uuid.UUID,
    said: Mapping[str, Any],  # Any: a form's fields
    by: User,
    now: datetime,
) -> None:
    """Change what a company gives and how it sends; orders that were placed keep their terms.

    Another promise is written down with its day, for everybody.

    Until the day up to which it has promised its terms it may give more, but not less.

    :raises Invalid: an amount, a percentage or a day is none, or less than promised.
    """
    company = session.get_one(Company, company_id, with_for_update=True)
    wrong: dict[str, object] = {}
    share, unit, shipping, free_from = None, None, 0, None
    try:
        if said["kind"] == "share":
            share = parse_minor(said["pledge"].replace("%", ""), "EUR")
        else:
            unit = parse_minor(said["pledge"], company.currency)
    except NotAnAmount:
        wrong["pledge"] = _l("Write a number like 8 or 7.5.")
    if share is not None and share > BASIS:
        wrong["pledge"] = _l("A share is at most 100 percent.")
    try:
        shipping = parse_minor(said["shipping"], company.currency)
    except NotAnAmount:
        wrong["shipping"] = _l("Write an amount like 4.90.")
    try:
        if said["free_from"]:
            free_from = parse_minor(said["free_from"], company.currency)
    except NotAnAmount:
        wrong["free_from"] = _l("Write an amount like 80.00, or nothing.")
    wrong = _broken_promise(company, (share, unit), said.get("until"), now.date()) | wrong
    if wrong:
        raise Invalid(fields=wrong)
    before = (company.pledge_bp, company.pledge_unit_minor)
    company.pledge_bp, company.pledge_unit_minor = share, unit
    company.pledge_until = said.get("until")
    company.shipping_minor, company.free_shipping_from_minor = shipping, free_from
    company.ships_within_days = said["ships_within_days"]
    company.tagline, company.about = said["tagline"], said["about"]
    session.flush()
    write_down_pledge(company_id=company.id, before=before, after=(share, unit), by=by, now=now)


Terms = tuple[int | None, int | None]
"""A share in basis points, or an amount for each piece in minor units; or neither of its own."""


def write_down_pledge(
    *,
    company_id: uuid.UUID,
    product_id: uuid.UUID | None = None,
    before: Terms,
    after: Terms,
    by: User,
    now: datetime,
) -> None:
    """Write down for everybody that a promise is another one, if it is."""
    if before == after:
        return
    change = PledgeChange(
        id=new_id(),
        company_id=company_id,
        product_id=product_id,
        before_bp=before[0],
        before_unit_minor=before[1],
        after_bp=after[0],
        after_unit_minor=after[1],
        by_id=by.id,
        at=now,
    )
    session.add(change)
    session.flush()
    following.tell(
        kind=NewsKind.PLEDGE,
        subject_id=change.id,
        company_id=company_id,
        person_id=by.id,
        at=now,
    )


def _broken_promise(
    company: Company, pledge: tuple[int | None, int | None], until: date | None, today: date
) -> dict[str, object]:
    """Return what is less than the company has promised until a day that is not over, by field."""
    wrong: dict[str, object] = {}
    if until is not None and not today <= until <= today + MOST_AHEAD:
        wrong["until"] = _l("Choose a day within the next three years, or none.")
    promised = company.pledge_until
    if promised is None or promised < today:
        return wrong
    if until is None or until < promised:
        wrong["until"] = _l("You have promised your terms for longer already.")
    before = (company.pledge_bp, company.pledge_unit_minor)
    if any(
        old is not None and (new is None or new < old)
        for old, new in zip(before, pledge, strict=True)
    ):
        wrong["pledge"] = _l("You have promised to give no less until then.")
    return wrong
