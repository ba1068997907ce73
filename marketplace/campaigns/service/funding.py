"""Opening a pool and paying it in, out of what is available to the company."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.campaigns import queries
from marketplace.campaigns.models import Pool, PoolProject, Sponsor
from marketplace.campaigns.rules import PoolState, Scope
from marketplace.campaigns.service.reserving import account_of
from marketplace.campaigns.service.telling import tell
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.slugs import slug_of, with_suffix
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, Entry, Kind, Purpose
from marketplace.projects.models import Cause, Project, ProjectState

MOST_PROJECTS = 20


@dataclass(frozen=True)
class Terms:
    """What a pool promises; amounts in minor units of the company's currency."""

    title: str
    about: str
    ratio_bp: int
    cap_minor: int | None
    guarantee_minor: int
    with_gifts: bool
    scope: Scope
    cause: str
    """Its slug, where the pool is for one."""
    projects: Sequence[str]
    """Slugs, where the pool names projects."""
    starts_at: datetime
    ends_at: datetime


def draft(
    *,
    company: Company | None = None,
    sponsor: Sponsor | None = None,
    currency: str = "",
    terms: Terms,
    by: User,
    now: datetime,
) -> Pool:
    """Open a pool of a company or a sponsor without money: nobody sees it before it is paid in.

    A company's pool is in its own currency.

    :raises Invalid: its dates, its projects or its guarantee cannot be.
    """
    if terms.ends_at <= max(now, terms.starts_at):
        raise Invalid(fields={"ends_on": _l("Choose a last day that is still to come.")})
    cause_id = _cause(terms)
    currency = company.currency if company else currency
    projects = _projects(terms, currency)
    if terms.guarantee_minor and terms.scope is not Scope.PROJECTS:
        message = _l("A guarantee names its projects: choose them, or leave it empty.")
        raise Invalid(fields={"guarantee": message})
    pool = Pool(
        id=new_id(),
        slug=_free_slug(terms.title),
        company_id=company.id if company else None,
        sponsor_id=sponsor.id if sponsor else None,
        title=terms.title,
        about=terms.about,
        currency=currency,
        ratio_bp=terms.ratio_bp,
        cap_minor=terms.cap_minor,
        guarantee_minor=terms.guarantee_minor,
        with_gifts=terms.with_gifts,
        scope=terms.scope,
        cause_id=cause_id,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        state=PoolState.DRAFT,
        created_at=now,
    )
    session.add(pool)
    session.flush()
    session.add_all(PoolProject(pool_id=pool.id, project_id=one) for one in projects)
    _record(pool, "pool.draft", by, terms.title, now)
    session.flush()
    return pool


def _cause(terms: Terms) -> uuid.UUID | None:
    if terms.scope is not Scope.CAUSE:
        return None
    found = session.scalar(sa.select(Cause.id).where(Cause.slug == terms.cause))
    if found is None:
        raise Invalid(fields={"cause": _l("Choose one of these.")})
    return found


def _projects(terms: Terms, currency: str) -> list[uuid.UUID]:
    if terms.scope is not Scope.PROJECTS:
        return []
    wanted = list(dict.fromkeys(terms.projects))
    if not 1 <= len(wanted) <= MOST_PROJECTS:
        message = _l("Name one to %(most)s projects.", most=MOST_PROJECTS)
        raise Invalid(fields={"projects": message})
    found = dict(
        session.execute(
            sa.select(Project.slug, Project.id).where(
                Project.slug.in_(wanted),
                Project.state == ProjectState.OPEN,
                Project.currency == currency,
            )
        ).all()
    )
    missing = [slug for slug in wanted if slug not in found]
    if missing:
        message = _l("No project that takes money now: %(names)s.", names=", ".join(missing)[:200])
        raise Invalid(fields={"projects": message})
    return list(found.values())


def _free_slug(title: str) -> str:
    slug = slug_of(title, fallback="pool")
    is_taken = session.scalar(sa.select(sa.exists().where(Pool.slug == slug)))
    return with_suffix(slug, str(new_id())) if is_taken else slug


def discard(*, pool_id: uuid.UUID, by: User, now: datetime) -> None:
    """Forget a draft.

    :raises NotFound: there is none, or it was paid in.
    """
    pool = queries.lock_pool(pool_id)
    if pool is None or pool.state is not PoolState.DRAFT:
        raise NotFound
    session.execute(sa.delete(PoolProject).where(PoolProject.pool_id == pool.id))
    _record(pool, "pool.discard", by, pool.title, now)
    session.execute(sa.delete(Pool).where(Pool.id == pool.id))


def fund(
    *, pool_id: uuid.UUID, amount_minor: int, seen_budget_minor: int, by: User, now: datetime
) -> None:
    """Pay money into a pool out of what is available to its company, once for each form.

    :raises Conflict: it is over, or was paid in since the form was opened.
    :raises Invalid: there is not so much, or less than it guarantees.
    """
    pool = session.get(Pool, pool_id)
    if pool is None or pool.company_id is None:
        raise NotFound
    available = AccountKey(Purpose.COMPANY_AVAILABLE, pool.company_id)
    # The accounts first, the pool's row last: see `reserving`.
    ledger.keep_debt(
        company_id=pool.company_id,
        currency=pool.currency,
        effect_key=f"netting:pool:{new_id()}",
        subject_id=pool.id,
        effective_at=now,
    )
    there = ledger.lock_balances(keys=[available], currency=pool.currency)[available]
    held = queries.lock_pool(pool_id)
    if held is None or held.state is PoolState.ENDED or held.ends_at <= now:
        raise Conflict(_l("This pool is over."))
    if held.budget_minor != seen_budget_minor:
        raise Conflict(_l("Money was paid in since you opened this page. Please look at it again."))
    _check_amount(held, amount_minor, there)
    ledger.post(
        kind=Kind.POOL_FUNDED,
        effect_key=f"pool_funded:{pool.id}:{seen_budget_minor}",
        currency=pool.currency,
        entries=[Entry(available, account_of(pool.id), amount_minor)],
        subject_id=pool.id,
        effective_at=now,
    )
    held.budget_minor += amount_minor
    held.state, held.told_percent = PoolState.FUNDED, 0
    tell(held, "funded", str(held.budget_minor), amount_minor)
    _record(held, "pool.fund", by, f"{amount_minor} {held.currency}", now)
    session.flush()


def _check_amount(pool: Pool, amount_minor: int, there: int) -> None:
    if amount_minor <= 0:
        raise Invalid(fields={"amount": _l("Write an amount above zero.")})
    if amount_minor > there:
        raise Invalid(fields={"amount": _l("That is more than is available to you.")})
    if pool.budget_minor + amount_minor < pool.guarantee_minor:
        raise Invalid(fields={"amount": _l("Pay in at least what the pool guarantees.")})


def _record(pool: Pool, action: str, by: User, reason: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=action,
        subject_kind="pool",
        subject_id=pool.id,
        reason=reason,
        now=now,
    )
