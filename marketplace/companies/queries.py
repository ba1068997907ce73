"""Reads of companies and their people."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.core.remembered import Remembered
from marketplace.media.models import Photo


@dataclass(frozen=True)
class Person:
    """Somebody of a company, as the public may know them."""

    name: str
    title: str
    id: uuid.UUID


@dataclass(frozen=True)
class PledgeRow:
    """A promise that became another one; of a product neither means the company's promise."""

    at: datetime
    product: str | None
    product_slug: str | None
    """None where it cannot be bought now."""
    before_bp: int | None
    before_unit_minor: int | None
    after_bp: int | None
    after_unit_minor: int | None
    by: str
    by_id: uuid.UUID


_PLEDGES = sa.text(
    """
    select change.at, product.title, case when product.state = 'live' then product.slug end,
        change.before_bp, change.before_unit_minor, change.after_bp, change.after_unit_minor,
        person.name, person.id
    from pledge_change change join user_account person on person.id = change.by_id
    left join product on product.id = change.product_id
    where change.company_id = :id order by change.at desc, change.id desc limit :limit
    """
)


@dataclass(frozen=True)
class CompanyRow:
    """A company as a list shows it."""

    id: uuid.UUID
    slug: str
    name: str
    tagline: str
    city: str
    palette: str
    currency: str
    pledge_bp: int | None
    pledge_unit_minor: int | None
    photo_key: str | None
    photo_widths: list[int] | None


def find_company(slug: str) -> Company | None:
    """Return a company that sells, or did until it was suspended, with its picture.

    What a suspended one gave, promised and reported stays to be read.
    """
    return session.scalar(
        sa.select(Company)
        .where(Company.slug == slug, Company.state != CompanyState.DRAFT)
        .options(joinedload(Company.photo))
    )


def get_company(company_id: uuid.UUID) -> Company:
    """Return a company in whatever state.

    :raises NotFound: there is none.
    """
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound
    return company


_PEOPLE = (
    sa.select(User.name, CompanyMember.title, User.id)
    .join(User, User.id == CompanyMember.user_id)
    .where(CompanyMember.company_id == sa.bindparam("company"), User.blocked_at.is_(None))
    .order_by(CompanyMember.created_at, User.id)
    .limit(12)
)


@Remembered
def list_people(company_id: uuid.UUID) -> Sequence[Person]:
    """Return the named people of a company, the first ones first."""
    return [Person(*row) for row in session.execute(_PEOPLE, {"company": company_id})]


PEOPLE: sa.ColumnElement[Any] = sa.literal_column(
    """(select json_agg(json_build_array(name, title, id) order by created_at, id) from (
        select person.name, member.title, person.id, member.created_at
        from company_member member join user_account person on person.id = member.user_id
        where member.company_id = company.id and person.blocked_at is null
        order by member.created_at, person.id limit 12
    ) named)"""
)
"""The same as JSON, for a statement that reads a company anyway."""


def read_people(told: Sequence[tuple[str, str, str]] | None) -> Sequence[Person]:
    """Return the people that `PEOPLE` told of."""
    return [Person(name, title, uuid.UUID(person)) for name, title, person in told or ()]


def list_pledge_changes(company_id: uuid.UUID, *, limit: int = 200) -> Sequence[PledgeRow]:
    """Return what a company promised otherwise, the latest first."""
    return [
        PledgeRow(*row) for row in session.execute(_PLEDGES, {"id": company_id, "limit": limit})
    ]


def find_membership(company_id: uuid.UUID, user_id: uuid.UUID) -> CompanyMember | None:
    """Return what somebody is to a company, if anything."""
    return session.get(CompanyMember, (company_id, user_id))


def find_own(slug: str, user_id: uuid.UUID) -> CompanyMember | None:
    """Return what somebody is to a company in whatever state, with the company."""
    return session.scalar(
        sa.select(CompanyMember)
        .join(CompanyMember.company)
        .where(Company.slug == slug, CompanyMember.user_id == user_id)
        .options(joinedload(CompanyMember.company))
    )


def list_memberships(user_id: uuid.UUID) -> Sequence[CompanyMember]:
    """Return the companies that somebody acts for, by name."""
    return session.scalars(
        sa.select(CompanyMember)
        .join(CompanyMember.company)
        .where(CompanyMember.user_id == user_id)
        .options(joinedload(CompanyMember.company))
        .order_by(Company.name, Company.id)
    ).all()


def list_companies(
    *, after: tuple[str, uuid.UUID] | None = None, limit: int = 24
) -> Page[CompanyRow]:
    """Return companies that may sell, by name, behind a name and id."""
    query = (
        sa.select(
            Company.id, Company.slug, Company.name, Company.tagline, Company.city,
            Company.palette, Company.currency, Company.pledge_bp, Company.pledge_unit_minor,
            Photo.key, Photo.widths,
        )
        .outerjoin(Photo, Photo.id == Company.photo_id)
        .where(Company.state == CompanyState.VERIFIED)
        .order_by(Company.name, Company.id)
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        query = query.where(sa.tuple_(Company.name, Company.id) > after)
    rows = [CompanyRow(*row) for row in session.execute(query)]
    return page_of(rows, limit, lambda row: (row.name, row.id))


def list_all(limit: int = 500) -> Sequence[Company]:
    """Return companies of every state for the operator, those that wait first."""
    return session.scalars(
        sa.select(Company).order_by(Company.verified_at.nulls_first(), Company.name).limit(limit)
    ).all()
