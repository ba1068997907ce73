"""Sponsors that are no company: they say who they are, and an operator admits the name or not."""

import uuid
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.campaigns import queries
from marketplace.campaigns.models import Sponsor
from marketplace.campaigns.rules import SponsorKind, SponsorState
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id


def introduce(*, name: str, kind: SponsorKind, by: User, now: datetime) -> Sponsor:
    """Say under which name somebody wants to fund pools; after a refusal they may say it anew.

    :raises Conflict: it was admitted already, or waits.
    """
    sponsor = queries.find_sponsor(by.id)
    if sponsor is not None and sponsor.state is not SponsorState.REFUSED:
        raise Conflict(_l("You have said who you are already."))
    if sponsor is None:
        sponsor = Sponsor(id=new_id(), user_id=by.id)
        session.add(sponsor)
    sponsor.name, sponsor.kind, sponsor.state = name, kind, SponsorState.ASKED
    sponsor.asked_at, sponsor.decided_at, sponsor.decided_by_id = now, None, None
    sponsor.reason = ""
    session.flush()
    return sponsor


def decide(
    *, sponsor_id: uuid.UUID, is_admitted: bool, reason: str, by: User, now: datetime
) -> Sponsor:
    """Admit a sponsor's name, or refuse it with a reason that they read.

    :raises Conflict: somebody decided meanwhile.
    :raises Invalid: nobody says why.
    """
    sponsor = queries.get_sponsor(sponsor_id, lock=True)
    if sponsor.state is not SponsorState.ASKED:
        raise Conflict(_l("This was decided meanwhile."))
    if not reason.strip():
        raise Invalid(fields={"reason": _l("Say what you looked at.")})
    sponsor.state = SponsorState.ADMITTED if is_admitted else SponsorState.REFUSED
    sponsor.decided_at, sponsor.decided_by_id = now, by.id
    sponsor.reason = "" if is_admitted else reason.strip()
    accounts.record(
        actor=by,
        action=f"sponsor.{sponsor.state.value}",
        subject_kind="sponsor",
        subject_id=sponsor.id,
        reason=reason.strip(),
        now=now,
    )
    session.flush()
    jobs.enqueue("sponsor_mail", sponsor_id=str(sponsor.id))
    return sponsor
