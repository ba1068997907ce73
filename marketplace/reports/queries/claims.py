"""What of measured values was paid for: by the company, by other companies, elsewhere."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.outcomes import queries as outcomes
from marketplace.outcomes.queries import PublishedOutcome
from marketplace.outcomes.rules import IndicatorKind
from marketplace.reports.models import Claim, FundingElsewhere, Report, Standing
from marketplace.reports.rules import elsewhere_ppm, share_ppm


@dataclass(frozen=True)
class Share:
    """A measured value and what a company paid of it."""

    outcome_id: uuid.UUID
    project_id: uuid.UUID
    title: str
    unit: str
    value: Decimal
    measured_on: date
    method: str
    reviews: int
    proofs: int
    paid_minor: int
    cost_minor: int
    share_ppm: int


@dataclass(frozen=True)
class Taken:
    """What of an outcome is claimed by other companies, and what is paid for elsewhere."""

    others_ppm: int
    elsewhere_ppm: int


_COSTS = sa.text(
    """
    select project.id, greatest(project.goal_minor, elsewhere.minor + paid.minor), elsewhere.minor
    from project
    cross join lateral (
        select coalesce(sum(amount_minor), 0)::bigint from funding_elsewhere
        where project_id = project.id and standing = 'certain'
    ) elsewhere (minor)
    cross join lateral (
        select coalesce(sum(amount_minor - returned_minor), 0)::bigint from payout
        where payee_id = project.id and state = 'paid'
    ) paid (minor)
    where project.id = any(:projects)
    """
)
_LOCK = sa.text(
    "select pg_advisory_xact_lock(hashtextextended('outcome:' || id, 0)) "
    "from (select unnest(cast(:outcomes as uuid[])) as id order by 1) wanted"
)
_OTHERS = sa.text(
    """
    select outcome_id, sum(share)::bigint from (
        select claim.outcome_id, claim.company_id, max(claim.share_ppm) as share
        from report_claim claim join report_version version on version.id = claim.version_id
        where claim.outcome_id = any(:outcomes) and claim.company_id <> :company
          and not exists (
              select from report_version later
              where later.report_id = version.report_id and later.number > version.number
                and later.state = 'published')
        group by 1, 2
    ) company group by 1
    """
)


def find_shares(
    report: Report, paid: Mapping[uuid.UUID, int]
) -> tuple[list[Share], Mapping[uuid.UUID, int]]:
    """Return what was measured in a report's period by projects that it paid, and its share.

    Of values that are a state on their day only the newest counts. With it comes what each project
    has from elsewhere.

    :param paid: what of the report's money each project was paid, in minor units
    """
    ids = [project_id for project_id, minor in paid.items() if minor > 0]
    if not ids:
        return [], {}
    costs = {row[0]: (row[1], row[2]) for row in session.execute(_COSTS, {"projects": ids})}
    measured = outcomes.find_published_outcomes(ids, report.starts_on, report.ends_on)
    shares = [
        _share(one, min(paid[one.project_id], costs[one.project_id][0]), costs[one.project_id][0])
        for one in _that_count(measured)
    ]
    return shares, {project_id: elsewhere for project_id, (_cost, elsewhere) in costs.items()}


def _that_count(measured: Sequence[PublishedOutcome]) -> list[PublishedOutcome]:
    newest = {one.indicator_id: one.id for one in measured}
    return [
        one
        for one in measured
        if one.kind is IndicatorKind.ADDS or newest[one.indicator_id] == one.id
    ]


def _share(one: PublishedOutcome, paid_minor: int, cost_minor: int) -> Share:
    return Share(
        outcome_id=one.id,
        project_id=one.project_id,
        title=one.title,
        unit=one.unit,
        value=one.value,
        measured_on=one.measured_on,
        method=one.method,
        reviews=one.reviews,
        proofs=one.proofs,
        paid_minor=paid_minor,
        cost_minor=cost_minor,
        share_ppm=share_ppm(paid_minor, cost_minor),
    )


def lock_outcomes(outcome_ids: Collection[uuid.UUID]) -> None:
    """Let nobody else claim a part of these until the commit."""
    session.execute(_LOCK, {"outcomes": list(outcome_ids)})


def find_taken(
    shares: Sequence[Share], company_id: uuid.UUID, elsewhere: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, Taken]:
    """Return for each outcome what others claim of it, and what is paid for elsewhere."""
    wanted = {"outcomes": [one.outcome_id for one in shares], "company": company_id}
    others: dict[uuid.UUID, int] = {row[0]: row[1] for row in session.execute(_OTHERS, wanted)}
    return {
        one.outcome_id: Taken(
            others.get(one.outcome_id, 0),
            elsewhere_ppm(elsewhere.get(one.project_id, 0), one.cost_minor),
        )
        for one in shares
    }


def list_claims(version_id: uuid.UUID) -> Sequence[Claim]:
    """Return what a version claims, project by project."""
    return session.scalars(
        sa.select(Claim)
        .where(Claim.version_id == version_id)
        .order_by(Claim.project_id, Claim.title, Claim.measured_on, Claim.outcome_id)
    ).all()


def list_funding_elsewhere(project_id: uuid.UUID) -> Sequence[FundingElsewhere]:
    """Return what a project has or applied for elsewhere, as it stands now, the newest first."""
    later = aliased(FundingElsewhere)
    return session.scalars(
        sa.select(FundingElsewhere)
        .where(
            FundingElsewhere.project_id == project_id,
            ~sa.exists().where(later.follows_id == FundingElsewhere.id),
        )
        .order_by(FundingElsewhere.declared_at.desc(), FundingElsewhere.id)
    ).all()


def get_application(project_id: uuid.UUID, application_id: uuid.UUID) -> FundingElsewhere:
    """Return what a project applied for elsewhere and has no answer to yet.

    :raises NotFound: there is no such application, or it was answered.
    """
    found = next(
        (one for one in list_funding_elsewhere(project_id) if one.id == application_id), None
    )
    if found is None or found.standing is not Standing.APPLIED:
        raise NotFound
    return found
