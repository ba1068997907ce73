"""What changes companies."""

from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _l

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
