"""What everybody may know of who is behind a company or project."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.people.rules import TeamKind
from marketplace.projects.queries.money import NEXT_RELEASE


@dataclass(frozen=True)
class ShownCheck:
    """A check that passed, for everybody to read."""

    step: str
    what: str
    on: date
    by: str
    list_on: date | None


@dataclass(frozen=True)
class NewOwner:
    """Who answers since when, where that changed, and why."""

    name: str
    on: date
    said: str


@dataclass(frozen=True)
class Shown:
    """What everybody may know of who is behind a company or project."""

    level: str | None
    decided_at: datetime | None
    valid_until: date | None
    decided_by: str | None
    checks: Sequence[ShownCheck]
    """The last check of each step, if it passed."""
    backed_by: str | None
    host: str | None
    consent_by: str | None
    consent_at: datetime | None
    concerns: Mapping[str, int]
    """How many concerns were looked into, by how they ended."""
    handover: NewOwner | None
    successor: tuple[str, str] | None
    """Who gets what is left when it ends: slug and title."""
    next_release: datetime | None
    """When pending money is confirmed next: a project's page asks for it here, so that it needs
    one statement less."""

    def ended(self, today: date) -> bool:
        """Say whether what was checked is too old."""
        return self.valid_until is not None and self.valid_until < today

    @property
    def looked_into(self) -> int:
        """Return how many concerns were looked into."""
        return sum(self.concerns.values())


_SHOWN = """
    select latest.level, latest.decided_at, latest.valid_until, latest.name,
        coalesce((
            select json_agg(json_build_object('step', step, 'what', what, 'on', checked_on,
                'by', name, 'list_on', coalesce(list_on::text, '')))
            from (
                select distinct on (step) step, what, checked_on, person.name, list_on, result
                from verification_check made
                join user_account person on person.id = made.checked_by_id
                where made.{kind}_id = :subject order by step, made_at desc, made.id desc
            ) last where result = 'passed'
        ), '[]') as checks,
        {backing},
        coalesce((
            select json_object_agg(outcome, number) from (
                select outcome, count(*) as number from concern
                where {kind}_id = :subject and outcome <> 'set_aside'
                    and state in ('answered', 'closed')
                group by outcome
            ) counted
        ), '{{}}') as concerns,
        (select json_build_object('name', person.name, 'on', handover.at, 'said', handover.said)
            from handover join user_account person on person.id = handover.to_id
            where handover.{kind}_id = :subject and person.erased_at is null
                and exists (select from {members} one
                    where one.{kind}_id = :subject and one.user_id = person.id)
            order by handover.at desc, handover.id desc limit 1) as handover
    from (select) nothing
    left join lateral (
        select level, decided_at, valid_until, name from verification
        join user_account person on person.id = decided_by_id
        where {kind}_id = :subject order by decided_at desc, verification.id desc limit 1
    ) latest on true
    {join}
"""
_BACKING = "backing.kind, backing.host, consenting.name as consenting, backing.consent_at"
_BACKED = (
    "left join backing on backing.{kind}_id = :subject "
    "left join user_account consenting on consenting.id = backing.consent_by_id"
)
_TOLD: list[sa.ColumnClause[Any]] = [
    sa.column(name)
    for name in (
        *("level", "decided_at", "valid_until", "name", "checks", "kind", "host", "consenting"),
        *("consent_at", "slug", "title", "next_release", "concerns", "handover"),
    )
]
_SHOWN_OF = {
    TeamKind.PROJECT: sa.text(
        _SHOWN.format(
            kind="project",
            members="project_owner",
            backing=f"{_BACKING}, following.slug, following.title, "
            f"case when :wants_release then ({NEXT_RELEASE.replace(':project', ':subject')}) end "
            "as next_release",
            join="join project own on own.id = :subject "
            "left join project following on following.id = own.successor_id "
            + _BACKED.format(kind="project"),
        )
    ).columns(*_TOLD),
    TeamKind.COMPANY: sa.text(
        _SHOWN.format(
            kind="company",
            members="company_member",
            backing=f"{_BACKING}, null as slug, null as title, "
            "cast(null as timestamptz) as next_release",
            join=_BACKED.format(kind="company"),
        )
    ).columns(*_TOLD),
}


def get_shown(kind: TeamKind, subject_id: uuid.UUID, *, wants_release: bool = False) -> Shown:
    """Return what everybody may know, in one statement."""
    given = {"subject": subject_id} | (
        {"wants_release": wants_release} if kind is TeamKind.PROJECT else {}
    )
    row = session.execute(_SHOWN_OF[kind], given).one()
    checks = [
        ShownCheck(
            one["step"],
            one["what"],
            date.fromisoformat(one["on"]),
            one["by"],
            date.fromisoformat(one["list_on"]) if one["list_on"] else None,
        )
        for one in row.checks
    ]
    new = row.handover
    owner = NewOwner(new["name"], date.fromisoformat(new["on"][:10]), new["said"]) if new else None
    return Shown(
        row.level,
        row.decided_at,
        row.valid_until,
        row.name,
        checks,
        row.kind,
        row.host,
        row.consenting,
        row.consent_at,
        row.concerns,
        owner,
        (row.slug, row.title) if row.slug else None,
        row.next_release,
    )
