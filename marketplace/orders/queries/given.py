"""What companies gave, from a roll-up and from what the book moved since.

Each captured allocation names its company; each later movement names the captured row it moves on
or takes back. So every transfer of a project's money belongs to one company, or to none.
"""

import sqlalchemy as sa

from marketplace.core.db import session

MOVED = """select allocation.company_id, side.account_id, sum(side.minor)::bigint as minor
    from {transfers}
    cross join lateral (values (moved.credit_id, moved.amount_minor),
        (moved.debit_id, -moved.amount_minor)) side (account_id, minor)
    join ledger_account account on account.id = side.account_id
    where account.purpose in ('project_pending', 'project_available', 'dispute_hold')
        and allocation.company_id is not null and {which}
    group by 1, 2"""
MANY = """ledger_transfer moved
    left join ledger_transfer origin on origin.id = moved.origin_id
    join allocation on allocation.id = coalesce(moved.allocation_id, origin.allocation_id)"""
FOLLOWED = "coalesce((select done_id from company_given_following), 0)"
# Nobody can tell the database how few these are: each is looked up, whatever it guesses.
RECENT = f"""(
        select * from ledger_transfer where id > {FOLLOWED} order by id offset 0
    ) moved
    left join lateral (
        select allocation_id from ledger_transfer where id = moved.origin_id offset 0
    ) origin on true
    cross join lateral (
        select company_id from allocation
        where id = coalesce(moved.allocation_id, origin.allocation_id) offset 0
    ) allocation"""  # noqa: S608  # our own constant
STANDING = f"""select company_id, account_id, sum(minor) as minor from (
        select company_id, account_id, standing_minor as minor from company_given
        where company_id = any(:ids)
        union all
        {MOVED.format(transfers=RECENT, which="allocation.company_id = any(:ids)")}
    ) part group by 1, 2"""  # noqa: S608  # our own constants
"""SQL: what stands of some companies' orders on each account of a project, as of now."""

_FOLD = sa.text(
    f"""insert into company_given (company_id, account_id, standing_minor)
    {MOVED.format(transfers=MANY, which="moved.id > :after and moved.id <= :until")}
    on conflict (company_id, account_id) do update
    set standing_minor = company_given.standing_minor + excluded.standing_minor"""  # noqa: S608  # our own
)
WRONG = f"""
    with counted as ({MOVED.format(transfers=MANY, which=f"moved.id <= {FOLLOWED}")})
    select count(*), count(*) filter (
        where coalesce(standing_minor, 0) <> coalesce(minor, 0))
    from company_given full join counted using (company_id, account_id)
"""  # noqa: S608  # our own constants
"""SQL: how many sums there are, and how many are not what the book says."""


def fold(*, after: int, until: int) -> None:
    """Add what the transfers of these numbers moved to the roll-up."""
    session.execute(_FOLD, {"after": after, "until": until})
