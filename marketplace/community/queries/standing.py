"""What purchases gave, of a person or of a team: from the ledger, with what was returned taken off.

One reckoning serves all: each captured row of an order is followed to the accounts of projects on
which it stands now. Nothing is kept, so nothing can differ from the book.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.community.rules import Counts, Stage, bounds_of, progress_bp, stage_of
from marketplace.core.db import session
from marketplace.ledger.rules import Source
from marketplace.orders.queries.tracing import OF_PROJECTS


@dataclass(frozen=True)
class Given:
    """Money of one source, in minor units."""

    pending_minor: int = 0
    """Goods can still be returned, or a payment is disputed."""
    confirmed_minor: int = 0

    @property
    def given_minor(self) -> int:
        """Return all of it."""
        return self.pending_minor + self.confirmed_minor


NOTHING = Given()
BySource = Mapping[Source, Given]


def _sum(parts: Iterable[BySource]) -> BySource:
    sums: dict[Source, Given] = {}
    for part in parts:
        for source, given in part.items():
            before = sums.get(source, NOTHING)
            sums[source] = Given(
                before.pending_minor + given.pending_minor,
                before.confirmed_minor + given.confirmed_minor,
            )
    return sums


@dataclass(frozen=True)
class ProjectPart:
    """What went to a project: companies' money, own gifts and sponsors' matches apart."""

    id: uuid.UUID
    slug: str
    title: str
    organisation: str
    by_source: BySource

    @property
    def pledge(self) -> Given:
        """Return what companies gave to it."""
        return self.by_source.get(Source.PLEDGE, NOTHING)

    @property
    def top_up(self) -> Given:
        """Return what buyers gave to it of their own."""
        return self.by_source.get(Source.TOP_UP, NOTHING)

    @property
    def match(self) -> Given:
        """Return what sponsors added."""
        return self.by_source.get(Source.MATCH, NOTHING)

    @property
    def given_minor(self) -> int:
        """Return all of it, only to put projects into an order and to see whose part it is."""
        return sum(given.given_minor for given in self.by_source.values())


@dataclass(frozen=True)
class MonthPart:
    """What the purchases of a month gave, by source."""

    began_on: date
    projects: int
    """How many projects got something."""
    by_source: BySource

    def minor(self, source: Source) -> int:
        """Return what stands of one source."""
        return self.by_source.get(source, NOTHING).given_minor


@dataclass(frozen=True)
class Standing:
    """Everything that some purchases gave, in one currency."""

    projects: Sequence[ProjectPart] = ()
    """Those to which companies gave most first."""
    months: Sequence[MonthPart] = ()
    totals: BySource = field(default_factory=dict)

    @property
    def pledge(self) -> Given:
        """Return what companies gave out of their prices."""
        return self.totals.get(Source.PLEDGE, NOTHING)

    @property
    def top_up(self) -> Given:
        """Return what buyers gave of their own."""
        return self.totals.get(Source.TOP_UP, NOTHING)

    @property
    def match(self) -> Given:
        """Return what sponsors' pools added."""
        return self.totals.get(Source.MATCH, NOTHING)


OF_TEAM = """select orders.id, orders.customer_id, orders.placed_at, member.team_id
    from team_member member join customer_order orders on orders.customer_id = member.user_id
        and orders.placed_at >= member.joined_at
        and (member.left_at is null or orders.placed_at < member.left_at)"""
"""The orders that count for teams: those placed while their buyer was in it."""

# As `orders.queries.list_given_through` follows them.
FOLLOWED = f"""captured as (
    select mine.customer_id, mine.placed_at, mine.team_id,
        transfer.id, transfer.credit_id, transfer.amount_minor
    from mine join allocation on allocation.order_id = mine.id
    join ledger_transfer transfer on transfer.allocation_id = allocation.id
), side (customer_id, placed_at, team_id, account_id, minor) as (
    select customer_id, placed_at, team_id, credit_id, amount_minor from captured
    union all
    select captured.customer_id, captured.placed_at, captured.team_id, way.account_id, way.minor
    from captured join ledger_transfer moved on moved.origin_id = captured.id
    cross join lateral (values (moved.credit_id, moved.amount_minor),
        (moved.debit_id, -moved.amount_minor)) way (account_id, minor)
), held as materialized (
    select customer_id, placed_at, team_id, account_id, sum(minor) as minor from side
    group by 1, 2, 3, 4 having sum(minor) <> 0
), {OF_PROJECTS}, standing as (
    select held.customer_id, held.placed_at, held.team_id, account.owner_id as project_id,
        account.source, account.currency, account.is_confirmed, sum(held.minor) as minor
    from held join account on account.id = held.account_id
    group by 1, 2, 3, 4, 5, 6, 7
)"""  # noqa: S608  # our own constant
_STANDING = """
    with mine as materialized ({which}), {followed}, summed as (
        select project_id, date_trunc('month', placed_at)::date as month, source,
            sum(minor) filter (where not is_confirmed) as pending,
            sum(minor) filter (where is_confirmed) as confirmed
        from standing where currency = :currency group by 1, 2, 3
    ), grouped as (
        select project_id, month, source, coalesce(sum(pending), 0)::bigint as pending,
            coalesce(sum(confirmed), 0)::bigint as confirmed, count(distinct project_id)
                filter (where coalesce(pending, 0) + coalesce(confirmed, 0) > 0) as projects
        from summed group by grouping sets ((project_id, source), (month, source), (month))
    )
    select grouped.*, project.slug, project.title, project.organisation
    from grouped left join project on project.id = grouped.project_id
    where pending <> 0 or confirmed <> 0
    order by month
"""
_PERSON = sa.text(
    _STANDING.format(
        which="select id, customer_id, placed_at, null::uuid as team_id from customer_order "
        "where customer_id = :owner and (cast(:since as timestamptz) is null "
        "or placed_at >= :since and placed_at < :until)",
        followed=FOLLOWED,
    )
)
_TEAM = sa.text(_STANDING.format(which=f"{OF_TEAM} where team_id = :owner", followed=FOLLOWED))


def standing_of_person(user_id: uuid.UUID, currency: str, *, year: int | None = None) -> Standing:
    """Return what somebody's purchases gave, all of them or those of a year: one statement."""
    since, until = bounds_of(year) if year else (None, None)
    return _read(_PERSON, {"owner": user_id, "currency": currency, "since": since, "until": until})


def standing_of_team(team_id: uuid.UUID, currency: str) -> Standing:
    """Return what its members' purchases gave while they were in a team: one statement."""
    return _read(_TEAM, {"owner": team_id, "currency": currency})


def _read(query: sa.TextClause, values: Mapping[str, object]) -> Standing:
    projects: dict[uuid.UUID, tuple[tuple[str, str, str], dict[Source, Given]]] = {}
    months: dict[date, dict[Source, Given]] = {}
    reached: dict[date, int] = {}
    for row in session.execute(query, values):
        given = Given(row.pending, row.confirmed)
        if row.project_id is not None:
            named = (row.slug, row.title, row.organisation)
            projects.setdefault(row.project_id, (named, {}))[1][Source(row.source)] = given
        elif row.source is None:
            reached[row.month] = row.projects
        else:
            months.setdefault(row.month, {})[Source(row.source)] = given
    parts = [ProjectPart(one, *named, got) for one, (named, got) in projects.items()]
    parts = [part for part in parts if part.given_minor > 0]
    parts.sort(key=lambda part: (-part.pledge.given_minor, -part.given_minor, part.title))
    return Standing(
        parts,
        [MonthPart(month, reached[month], got) for month, got in months.items()],
        _sum(got for _named, got in projects.values()),
    )


@dataclass(frozen=True)
class ChallengeRow:
    """A challenge, and how far its team is."""

    id: uuid.UUID
    title: str
    counts: Counts
    goal: int
    starts_on: date
    ends_on: date
    done: int
    """Minor units, projects or people, as the challenge counts."""
    pending: int
    """Of `done` in minor units: what may still be returned."""
    created_at: datetime

    def stage(self, today: date) -> Stage:
        """Return where it stands."""
        return stage_of(self.starts_on, self.ends_on, today=today, done=self.done, goal=self.goal)

    @property
    def progress_bp(self) -> int:
        """Return how much is done, in basis points."""
        return progress_bp(self.done, self.goal)


MOST_CHALLENGES = 20
_CHALLENGES = sa.text(
    f"""
    with mine as materialized ({OF_TEAM} where team_id = :team), {FOLLOWED}, part as (
        select challenge.id, standing.project_id, standing.customer_id,
            sum(minor) as minor,
            sum(minor) filter (where source = 'pledge') as pledge,
            sum(minor) filter (where source = 'pledge' and not is_confirmed) as pending
        from team_challenge challenge join standing
            on standing.placed_at >= challenge.starts_on
            and standing.placed_at < challenge.ends_on + 1
        where challenge.team_id = :team and standing.currency = :currency
        group by 1, 2, 3
    ), done as (
        select id, coalesce(sum(pledge), 0)::bigint as pledge,
            coalesce(sum(pending), 0)::bigint as pending,
            count(distinct project_id) filter (where minor > 0) as projects,
            count(distinct customer_id) filter (where minor > 0) as people
        from part group by id
    )
    select challenge.id, title, counts, goal, starts_on, ends_on,
        case counts when 'pledge' then coalesce(done.pledge, 0)
            when 'projects' then coalesce(done.projects, 0) else coalesce(done.people, 0) end,
        case counts when 'pledge' then coalesce(done.pending, 0) else 0 end,
        challenge.created_at
    from team_challenge challenge left join done using (id)
    where challenge.team_id = :team and withdrawn_at is null
    order by ends_on desc, challenge.id desc limit :limit
    """  # noqa: S608  # our own constants
)


def list_challenges(team_id: uuid.UUID, currency: str) -> list[ChallengeRow]:
    """Return a team's challenges and how far each is, the latest first: one statement."""
    found = session.execute(
        _CHALLENGES, {"team": team_id, "currency": currency, "limit": MOST_CHALLENGES}
    )
    return [ChallengeRow(row[0], row[1], Counts(row[2]), *row[3:]) for row in found]
