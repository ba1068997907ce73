"""Reads of updates in other languages, as everybody reads them."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session


@dataclass(frozen=True)
class Shown:
    """A translation that everybody reads, or that one was taken down and none came after it."""

    id: uuid.UUID
    update_id: uuid.UUID
    language: str
    title: str
    body_html: str
    pictures: list[dict[str, str]]
    translator: str
    """Empty where the account is gone."""
    is_own: bool
    written_at: datetime
    wording_at: datetime
    taken_down_at: datetime | None
    """Since when it is not read any more; its words are empty then."""
    by_operator: bool
    """Who took it down keeps the marketplace, and is not of the project."""
    reason: str

    def is_behind(self, corrected_at: datetime | None) -> bool:
        """Say whether the original was corrected after what is translated here."""
        return corrected_at is not None and corrected_at > self.wording_at


_SHOWN = """
    select translation.id, translation.update_id, translation.language,
        case when gone then '' else translation.title end as title,
        case when gone then '' else translation.body_html end as body_html,
        case when gone then '[]' else translation.pictures end as pictures,
        case when person.erased_at is null then person.name else '' end as translator,
        translation.is_own, translation.written_at, translation.wording_at,
        translation.ended_at as taken_down_at, coalesce(ender.is_operator, false) as by_operator,
        translation.reason
    from update_translation translation
    cross join lateral (select translation.state = 'taken_down' as gone) what
    join user_account person on person.id = translation.translator_id
    left join user_account ender on ender.id = translation.ended_by_id
    where (translation.state = 'published' or gone and not exists (
        select from update_translation other
        where other.update_id = translation.update_id and other.language = translation.language
            and (other.state = 'published' or other.state = 'taken_down'
                and (other.ended_at, other.id) > (translation.ended_at, translation.id))))
"""


def newest_shown(count: int) -> str:
    """Return SQL: the newest updates of the project `:project` in `:language`, as JSON."""
    return f"""
        select coalesce(jsonb_agg(to_jsonb(shown)), '[]')
        from (select id from project_update where project_id = :project
            order by published_at desc, id desc limit {count:d}) newest
        join lateral ({_SHOWN} and translation.update_id = newest.id
            and translation.language = :language) shown on true
    """  # noqa: S608  # our own constants


_OF_UPDATES = sa.text(f"{_SHOWN} and translation.update_id = any(:updates)")


MOMENTS = ("written_at", "wording_at", "taken_down_at")


def shown_of(rows: Iterable[Any]) -> list[Shown]:  # Any: JSON
    """Return what `newest_shown` found."""
    return [
        Shown(
            **row
            | {name: uuid.UUID(row[name]) for name in ("id", "update_id")}
            | {name: datetime.fromisoformat(row[name]) for name in MOMENTS if row[name]}
        )
        for row in rows
    ]


def list_shown(update_ids: Collection[uuid.UUID]) -> list[Shown]:
    """Return what everybody reads of some updates in other languages."""
    return [one for one in list_found(update_ids) if one.taken_down_at is None]


def list_found(update_ids: Collection[uuid.UUID]) -> list[Shown]:
    """Return the same, and where a translation was taken down and none stands in its place."""
    if not update_ids:
        return []
    rows = session.execute(_OF_UPDATES, {"updates": list(update_ids)}).mappings()
    return [Shown(**row) for row in rows]
