"""Claiming a part of what was measured; all claims of an outcome are at most the whole of it."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session, violated
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _, _l
from marketplace.core.ids import new_id
from marketplace.reports import queries
from marketplace.reports.models import Claim, FundingElsewhere, Report, Standing, Version
from marketplace.reports.queries import Share, Taken
from marketplace.reports.rules import WHOLE_PPM, By, Figure, Figures

WHOLE = "claims_within_the_whole"


def claim(*, report: Report, version: Version, figures: Figures) -> None:
    """Keep with a version what it claims of the outcomes of the projects that it paid.

    :raises Invalid: together with other companies and money from elsewhere that would be more than
        the whole of an outcome.
    """
    shares, elsewhere = queries.find_shares(report, paid_by_project(version.id, figures))
    if not shares:
        return
    queries.lock_outcomes([one.outcome_id for one in shares])
    taken = queries.find_taken(shares, report.company_id, elsewhere)
    for one in shares:
        _check(one, taken[one.outcome_id])
        if one.share_ppm:
            session.add(Claim(version_id=version.id, company_id=report.company_id, **asdict(one)))
    session.flush()


def paid_by_project(version_id: uuid.UUID, figures: Figures) -> Mapping[uuid.UUID, int]:
    """Return what each project of a version was paid of its money."""
    ids = {fact.slug: fact.project_id for fact in queries.list_projects(version_id)}
    return {ids[one.of]: one[Figure.PAID] for one in figures.by(By.PROJECT) if one.of in ids}


def _check(share: Share, taken: Taken) -> None:
    left = WHOLE_PPM - taken.others_ppm - taken.elsewhere_ppm
    if share.share_ppm <= left:
        return
    raise Invalid(
        fields={
            "shown_outcomes": _(
                "Of “%(outcome)s” you would claim %(mine)s, but other companies claim %(others)s "
                "and %(elsewhere)s is paid for elsewhere: together that is more than all of it. "
                "Leave the outcomes out, or ask the project what it declared.",
                outcome=share.title,
                mine=_percent(share.share_ppm),
                others=_percent(taken.others_ppm),
                elsewhere=_percent(taken.elsewhere_ppm),
            )
        }
    )


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.2f}%"


def declare_elsewhere(
    *,
    project_id: uuid.UUID,
    funder: str,
    amount_minor: int,
    standing: Standing = Standing.CERTAIN,
    follows: FundingElsewhere | None = None,
    by: User,
    now: datetime,
) -> None:
    """Declare what a project has from elsewhere: nobody here claims what that pays for.

    What it only applied for leaves everything to claim; what became of that `follows` it.

    :raises Conflict: companies have published that they paid for more than that leaves, or the
        application has its answer already.
    """
    session.add(
        FundingElsewhere(
            id=new_id(),
            project_id=project_id,
            funder=funder,
            amount_minor=amount_minor,
            standing=standing,
            follows_id=follows.id if follows else None,
            declared_by_id=by.id,
            declared_at=now,
        )
    )
    try:
        session.flush()
    except sa.exc.IntegrityError as error:
        fact = REFUSALS.get(violated(error) or "")
        if fact is None:
            raise
        raise Conflict(fact) from error


REFUSALS = {
    WHOLE: _l(
        "Companies have published that they paid for more of your outcomes than that "
        "leaves. Write to us: they have to restate their reports first."
    ),
    "uq_funding_elsewhere_follows_id": _l("This application has its answer already."),
}
