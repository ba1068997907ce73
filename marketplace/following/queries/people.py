"""Persons who are named in public: for what they answer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import session


@dataclass(frozen=True)
class Role:
    """What somebody does for a project or a company that everybody sees."""

    path: str
    """Without the language."""
    name: str
    title: str
    is_company: bool


@dataclass(frozen=True)
class PersonPage:
    """Somebody who is named in public."""

    id: uuid.UUID
    name: str
    roles: Sequence[Role]


_PERSON = sa.text(
    """
    select person.id, person.name, role.is_company, role.slug, role.name, role.title
    from user_account person
    join lateral (
        select false as is_company, project.slug, project.title as name, own.title, own.created_at
        from project_owner own join project on project.id = own.project_id
        where own.user_id = person.id and project.state <> 'proposed'
        union all
        select true, company.slug, company.name, own.title, own.created_at
        from company_member own join company on company.id = own.company_id
        where own.user_id = person.id and company.state <> 'draft'
    ) role on true
    where right(person.id::text, 12) = :key and person.blocked_at is null
    order by role.created_at, role.slug limit 50
    """
)


def find_person_page(key: str) -> PersonPage | None:
    """Return somebody who answers for a project or a company in public; nobody else has a page."""
    rows = session.execute(_PERSON, {"key": key}).all()
    if not rows:
        return None
    roles = [
        Role(f"/{'companies' if row[2] else 'projects'}/{row[3]}", row[4], row[5], row[2])
        for row in rows
    ]
    return PersonPage(rows[0][0], rows[0][1], roles)
