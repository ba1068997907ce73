"""Reads of projects as the checkout shows them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

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


_CHECKED_UNTIL = (
    sa.select(Verification.valid_until)
    .where(Verification.project_id == Project.id)
    .order_by(Verification.decided_at.desc(), Verification.id.desc())
    .limit(1)
    .correlate(Project)
    .scalar_subquery()
)


def _choosable(currency: str) -> sa.Select[*tuple[Any, ...]]:  # Any: the columns of Choosable
    """Select projects that take money: none that is full, paused, closed or suspended."""
    return (
        sa.select(
            Project.id,
            Project.slug,
            Project.title,
            Project.organisation,
            Project.place,
            Project.goal_minor,
            Project.currency,
            Photo.key,
            Photo.widths,
            _CHECKED_UNTIL,
        )
        .outerjoin(Photo, Photo.id == Project.photo_id)
        .where(Project.state == ProjectState.OPEN, Project.currency == currency)
    )


def list_choosable(project_ids: Sequence[uuid.UUID], currency: str) -> dict[uuid.UUID, Choosable]:
    """Return those of some projects that can be chosen now, in the order given."""
    rows = session.execute(_choosable(currency).where(Project.id.in_(project_ids)))
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
    rows = session.execute(
        _choosable(priced.currency)
        .add_columns(DefaultProject.company_id, DefaultProject.weight)
        .join(DefaultProject, DefaultProject.project_id == Project.id)
        .where(DefaultProject.company_id.in_(companies))
        .order_by(DefaultProject.position, DefaultProject.project_id)
    )
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
    query = _choosable(currency).order_by(Project.created_at.desc(), Project.id.desc())
    for word in words.split()[:6]:
        query = query.where(
            sa.or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (Project.title, Project.organisation, Project.place)
                )
            )
        )
    if cause:
        query = query.join(Cause, Cause.id == Project.cause_id).where(Cause.slug == cause)
    return [Choosable(*row) for row in session.execute(query.limit(limit))]


def list_causes() -> Sequence[Cause]:
    """Return the themes of projects."""
    return session.scalars(sa.select(Cause).order_by(Cause.position, Cause.slug)).all()
