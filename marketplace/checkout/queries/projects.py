"""Reads of projects as the checkout shows them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from marketplace.checkout.queries.priced import PricedBasket
from marketplace.core.db import session
from marketplace.core.money import split
from marketplace.giving.models import DefaultProject
from marketplace.media.models import Photo
from marketplace.projects.models import Cause, Project, ProjectState
from marketplace.verification.models import Verification


@dataclass(frozen=True)
class Choosable:
    """A project as the checkout shows it."""

    id: uuid.UUID
    slug: str
    title: str
    organisation: str
    place: str
    goal_minor: int
    currency: str
    photo_key: str | None
    photo_widths: list[int] | None
    checked_until: date | None
    """Until when holds what was last checked of who is behind it; None where nothing was."""

    def has_lapsed(self, today: date) -> bool:
        """Say whether that is over: it can still be chosen, and whoever chooses it is told."""
        return self.checked_until is not None and self.checked_until < today


Choosables = sa.Select[*tuple[Any, ...]]  # Any: the columns of Choosable

# Of the tables' own columns, and put together once: every page of the checkout asks.
_PROJECT, _PHOTO, _CHECK = Project.__table__, Photo.__table__, Verification.__table__
_DEFAULT, _CAUSE = DefaultProject.__table__, Cause.__table__
_CHECKED_UNTIL = (
    sa.select(_CHECK.c.valid_until)
    .where(_CHECK.c.project_id == _PROJECT.c.id)
    .order_by(_CHECK.c.decided_at.desc(), _CHECK.c.id.desc())
    .limit(1)
    .correlate(_PROJECT)
    .scalar_subquery()
)
_COLUMNS = (
    _PROJECT.c.id,
    _PROJECT.c.slug,
    _PROJECT.c.title,
    _PROJECT.c.organisation,
    _PROJECT.c.place,
    _PROJECT.c.goal_minor,
    _PROJECT.c.currency,
    _PHOTO.c.key,
    _PHOTO.c.widths,
    _CHECKED_UNTIL,
)
_FROM = _PROJECT.outerjoin(_PHOTO, _PHOTO.c.id == _PROJECT.c.photo_id)
# Projects that take money: none that is full, paused, closed or suspended.
_CAN_TAKE = (
    _PROJECT.c.state == ProjectState.OPEN,
    _PROJECT.c.currency == sa.bindparam("currency"),
)
_CHOOSABLE: Choosables = sa.select(*_COLUMNS).select_from(_FROM).where(*_CAN_TAKE)
_THESE = _CHOOSABLE.where(
    _PROJECT.c.id == sa.func.any(sa.bindparam("projects", type_=ARRAY(sa.Uuid)))
)
_OF_COMPANIES = (
    sa.select(*_COLUMNS, _DEFAULT.c.company_id, _DEFAULT.c.weight)
    .select_from(_FROM.join(_DEFAULT, _DEFAULT.c.project_id == _PROJECT.c.id))
    .where(
        *_CAN_TAKE,
        _DEFAULT.c.company_id == sa.func.any(sa.bindparam("companies", type_=ARRAY(sa.Uuid))),
    )
    .order_by(_DEFAULT.c.position, _DEFAULT.c.project_id)
)


def list_choosable(project_ids: Sequence[uuid.UUID], currency: str) -> dict[uuid.UUID, Choosable]:
    """Return those of some projects that can be chosen now, in the order given."""
    rows = session.execute(_THESE, {"projects": list(project_ids), "currency": currency})
    found = {row.id: Choosable(*row) for row in rows}
    return {project: found[project] for project in project_ids if project in found}


@dataclass(frozen=True)
class CompaniesChoice:
    """Where the companies themselves would send what they give (domain.md, rule 14)."""

    projects: dict[uuid.UUID, Choosable]
    given: dict[uuid.UUID, list[tuple[uuid.UUID, int]]]
    """For each company its own projects with their amounts, which add up to its share."""


def find_companies_choice(priced: PricedBasket) -> CompaniesChoice:
    """Return each company's share over its own default projects, in the parts that it set.

    A company without one that can be chosen now gives to the newest project; where there is none
    at all, nothing can be chosen and both are empty.
    """
    companies = [company.company_id for company in priced.companies]
    own: dict[uuid.UUID, list[tuple[Choosable, int]]] = {company: [] for company in companies}
    bounds = {"companies": companies, "currency": priced.currency}
    rows = session.execute(_OF_COMPANIES, bounds)
    for *project, company_id, weight in rows:
        own[company_id].append((Choosable(*project), weight))
    if not all(own.values()):
        newest = [(one, 1) for one in search_choosable(priced.currency, limit=1)]
        own = {company: chosen or newest for company, chosen in own.items()}
    given: dict[uuid.UUID, list[tuple[uuid.UUID, int]]] = {}
    for company in priced.companies:
        chosen = own[company.company_id]
        if chosen:
            parts = split(company.share_minor, [weight for _project, weight in chosen])
            ids = [project.id for project, _weight in chosen]
            given[company.company_id] = list(zip(ids, parts, strict=True))
    projects = {one.id: one for chosen in own.values() for one, _weight in chosen}
    return CompaniesChoice(projects, given)


def search_choosable(
    currency: str, *, words: str = "", cause: str = "", limit: int = 24
) -> list[Choosable]:
    """Return projects that can be chosen, the newest first, by words and a cause's slug."""
    query = _CHOOSABLE.order_by(_PROJECT.c.created_at.desc(), _PROJECT.c.id.desc())
    for word in words.split()[:6]:
        query = query.where(
            sa.or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (_PROJECT.c.title, _PROJECT.c.organisation, _PROJECT.c.place)
                )
            )
        )
    if cause:
        query = query.join(_CAUSE, _CAUSE.c.id == _PROJECT.c.cause_id).where(_CAUSE.c.slug == cause)
    rows = session.execute(query.limit(limit), {"currency": currency})
    return [Choosable(*row) for row in rows]


def list_causes() -> Sequence[Cause]:
    """Return the themes of projects."""
    return session.scalars(sa.select(Cause).order_by(Cause.position, Cause.slug)).all()
