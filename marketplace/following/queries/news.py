"""What there is to hear, with its words as they are now.

One table says what was told when, of what and by whom; it is written by the services in the
transaction that tells (`following.service.tell`). So drafts, plans and whatever else a feature
keeps are never looked at here, a further thing to tell is a line where it is told and not another
arm of a union of ten tables, and a page costs one walk of an index for each thing that is
followed. The words are joined when they are read: what was corrected, taken back or hidden is so
everywhere at once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.paging import Page, page_of
from marketplace.following.models import News
from marketplace.following.rules import Kind, NewsKind

PER_PAGE = 20

Place = tuple[datetime, uuid.UUID]
"""Where a page begins: behind this moment and id."""


@dataclass(frozen=True)
class Scope:
    """News of one thing, of all things of a kind, or of everything."""

    kind: Kind | None = None
    id: uuid.UUID | None = None


EVERYWHERE = Scope()


@dataclass(frozen=True)
class Story:
    """Something that was told, as its tables hold it; amounts in minor units."""

    id: uuid.UUID
    kind: NewsKind
    at: datetime
    subject_id: uuid.UUID
    project_slug: str | None
    project: str | None
    company_slug: str | None
    company: str | None
    team_slug: str | None
    team: str | None
    currency: str
    person_id: uuid.UUID | None
    person: str | None
    title: str
    html: str
    """Cleaned when it was written."""
    text: str
    """Markdown, or plain text where it is an answer, a note or a list of purposes."""
    note: str
    """Why something was corrected, or what was asked."""
    place: str
    """What its address needs beside the project's or the company's."""
    photo_key: str | None
    photo_widths: list[int] | None
    photo_alt: str | None
    photo_size: list[int] | None
    """Width and height of its widest file, in pixels."""
    changed_at: datetime | None
    is_again: bool
    """It corrects or restates something."""
    is_gone: bool
    """It was taken back or withdrawn."""
    amount: Decimal | None
    """What was measured or spent, or is the goal of a challenge."""
    count: int
    """How many receipts."""
    unit: str
    """Of what was measured; or what a challenge counts."""
    until: date | None
    """The last day of a challenge."""
    before_bp: int | None
    before_unit_minor: int | None
    after_bp: int | None
    after_unit_minor: int | None

    @property
    def urn(self) -> str:
        """Return its name in feeds: a challenge is heard of twice."""
        end = {NewsKind.CHALLENGE: "#start", NewsKind.REACHED: "#end", NewsKind.NOT_REACHED: "#end"}
        return f"urn:uuid:{self.subject_id}{end.get(self.kind, '')}"


def team_seen(row: str, *, by: str = "null") -> str:
    """Return SQL: the team that a row names, if any, may be seen, also by one of its members.

    As `community.policies.may_see_team` says it, but for operators: they look, and hear of nothing.

    :param by: an expression of an account's id; by nobody it is seen if everybody may see it
    """
    return f"""({row}.team_id is null or exists (select from team
        where team.id = {row}.team_id and team.dissolved_at is null
        and (team.is_public and team.suspended_at is null
            or exists (select from team_member mine where mine.team_id = team.id
                and mine.left_at is null and mine.user_id = {by}))))"""  # noqa: S608  # our own


_STANDING = """
    (news.project_id is null or exists (select from project
        where project.id = news.project_id and project.state <> 'proposed'))
    and (news.company_id is null or exists (select from company
        where company.id = news.company_id and company.state <> 'draft'))
    and (news.kind <> 'answer' or exists (select from question
        where question.id = news.subject_id and question.hidden_at is null))
"""
VISIBLE = f"{_STANDING} and {team_seen('news')}"
"""SQL: everybody may hear of a row of `news`."""
HEARD = f"{_STANDING} and {team_seen('news', by='follow.user_id')}"
"""SQL: the one whose `follow` it is may hear of a row of `news`."""
_OWN = f"{_STANDING} and {team_seen('news', by=':user')}"
_BEFORE = "(cast(:at as timestamptz) is null or (news.at, news.id) < (:at, :id))"

# A restated report is told of where its first words are; a question where its report is.
_WORDS = """
    select chosen.id, chosen.kind, chosen.at, chosen.subject_id, project.slug, project.title,
        company.slug, company.name, team.slug, team.name,
        coalesce(project.currency, company.currency, team.currency), person.id, person.name,
        coalesce(told.title, indicator.title, version.title, product.title, asked.title,
            challenge.title, captain.name,
            case chosen.kind when 'answer' then coalesce(project.title, company.name) end, ''),
        coalesce(told.body_html, ''),
        coalesce(told.body, nullif(outcome.note, ''), outcome.method, question.answer,
            spent.purposes, first.text, ''),
        coalesce(former.reason, version.reason, question.body, ''),
        coalesce(told.id::text, report.slug, product.slug, ''),
        photo.key, photo.widths, photo.alt, photo.size,
        coalesce(told.taken_back_at, told.corrected_at),
        coalesce(version.number > 1, outcome.corrects_id is not null, former.id is not null),
        coalesce(told.taken_back_at is not null, outcome.is_withdrawn, false),
        coalesce(outcome.value, spent.minor, challenge.goal), coalesce(spent.receipts, 0),
        coalesce(indicator.unit, challenge.counts, ''), challenge.ends_on,
        change.before_bp, change.before_unit_minor, change.after_bp, change.after_unit_minor
    from chosen
    left join project on project.id = chosen.project_id
    left join company on company.id = chosen.company_id
    left join team on team.id = chosen.team_id
    left join team_challenge challenge on chosen.kind in ('challenge', 'reached', 'not_reached')
        and challenge.id = chosen.subject_id
    left join team_member leader on chosen.kind = 'captain' and leader.id = chosen.subject_id
    left join user_account captain on captain.id = leader.user_id and leader.is_named
        and captain.blocked_at is null and captain.erased_at is null
    left join user_account person on person.id = chosen.person_id and person.erased_at is null
    left join update_version former
        on chosen.kind = 'correction' and former.id = chosen.subject_id
    left join project_update told on told.id = case chosen.kind
        when 'update' then chosen.subject_id when 'correction' then former.update_id end
    left join outcome on chosen.kind = 'outcome' and outcome.id = chosen.subject_id
    left join indicator on indicator.id = outcome.indicator_id
    left join lateral (
        select sum(row.amount_minor) as minor, count(*)::int as receipts,
            array_to_string((array_agg(distinct row.purpose))[1\\:3], ', ') as purposes
        from spending row
        where chosen.kind = 'spending'
            and row.project_id = chosen.project_id and row.update_id is null
            and row.created_at >= date_trunc('day', chosen.at)
            and row.created_at < date_trunc('day', chosen.at) + interval '1 day'
    ) spent on true
    left join report_version version
        on chosen.kind = 'report' and version.id = chosen.subject_id
    left join question
        on chosen.kind = 'answer' and question.id = chosen.subject_id
    left join report on report.id = coalesce(version.report_id, question.report_id)
    left join lateral (select title from report_version published
        where published.report_id = question.report_id and published.state = 'published'
        order by published.number desc limit 1) asked on true
    left join lateral (select section.text from report_section section
        where section.version_id = version.id and section.is_shown and section.text <> ''
        order by section.position limit 1) first on true
    left join pledge_change change
        on chosen.kind = 'pledge' and change.id = chosen.subject_id
    left join product on product.id = change.product_id
    left join lateral (select picture.key, picture.widths, picture.alt,
            array[picture.width, picture.height] as size
        from project_update_photo shown join photo picture on picture.id = shown.photo_id
        where shown.update_id = told.id order by shown.position limit 1) photo on true
    order by chosen.at desc, chosen.id desc
"""


def _told(chosen: str) -> sa.TextClause:
    return sa.text(f"with chosen as ({chosen}) {_WORDS}")  # our own constants


def _of(condition: str) -> sa.TextClause:
    return _told(
        f"select * from news where {condition} and {VISIBLE} and {_BEFORE} "  # noqa: S608  # same
        "order by news.at desc, news.id desc limit :limit"
    )


_ONE = {kind: _of(f"news.{kind}_id = :thing") for kind in Kind}
_ALL: dict[Kind | None, sa.TextClause] = {
    None: _of("true"),
    **{kind: _of(f"news.{kind}_id is not null") for kind in Kind},
}
_STORIES = _told(f"select * from news where news.id = any(:ids) and {_OWN}")  # noqa: S608  # same

_ARMS = " union all ".join(
    f"(select * from news where news.{kind}_id = follow.{kind}_id and {HEARD} and {_BEFORE} "  # noqa: S608  # same
    "order by news.at desc, news.id desc limit :limit)"
    for kind in Kind
)
_FOLLOWED = _told(
    f"select distinct heard.* from follow cross join lateral ({_ARMS}) heard "  # noqa: S608  # same
    "where follow.user_id = :user order by heard.at desc, heard.id desc limit :limit"
)


def list_news(
    scope: Scope = EVERYWHERE, *, after: Place | None = None, limit: int = PER_PAGE
) -> Page[Story]:
    """Return what was told of something or anywhere, the newest first. One statement."""
    if scope.kind is not None and scope.id is not None:
        return _page(_ONE[scope.kind], {"thing": scope.id}, after, limit)
    return _page(_ALL[scope.kind], {}, after, limit)


def list_followed_news(
    user_id: uuid.UUID, *, after: Place | None = None, limit: int = PER_PAGE
) -> Page[Story]:
    """Return what was told of all that somebody follows, each once. One statement."""
    return _page(_FOLLOWED, {"user": user_id}, after, limit)


def list_stories(news_ids: Sequence[uuid.UUID], user_id: uuid.UUID) -> Sequence[Story]:
    """Return those of some things told of which somebody may hear, the newest first."""
    found = session.execute(_STORIES, {"ids": list(news_ids), "user": user_id})
    return [_story(row) for row in found]


def is_told(kind: NewsKind, subject_id: uuid.UUID) -> bool:
    """Say whether something was told of a row."""
    query = sa.select(News.id).where(News.kind == kind, News.subject_id == subject_id)
    return session.scalar(query) is not None


def _page(
    query: sa.TextClause, values: dict[str, object], after: Place | None, limit: int
) -> Page[Story]:
    at, last = after or (None, None)
    asked = values | {"at": at, "id": last, "limit": limit + 1}
    rows = [_story(row) for row in session.execute(query, asked)]
    return page_of(rows, limit, lambda row: (row.at.isoformat(), row.id))


def _story(row: sa.Row[Any]) -> Story:  # Any: the columns of `_WORDS`, in the order of `Story`
    found = list(row)
    found[1] = NewsKind(found[1])
    return Story(*found)
