"""One query for each invariant of domain.md: it counts what it looks at and what breaks it."""

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.campaigns.queries.invariants import POOLS
from marketplace.community.queries.invariants import COUNTED
from marketplace.core.db import session
from marketplace.core.i18n import _l
from marketplace.orders.queries import disputing, given, owing, sums
from marketplace.payouts.queries import payouts
from marketplace.proofs.queries import invariants as log
from marketplace.reports import queries as reports


@dataclass(frozen=True)
class Invariant:
    """Something that is always true. The query gives two figures: looked at, broken."""

    name: str
    says: object
    """A sentence, read in the language of whoever asks."""
    query: str


@dataclass(frozen=True)
class Finding:
    """What a check of an invariant found."""

    invariant: Invariant
    looked_at: int
    broken: int

    @property
    def holds(self) -> bool:
        """Say whether nothing breaks it."""
        return self.broken == 0


INVARIANTS = (
    Invariant(
        "balances",
        _l("each account's balance equals the sum of its transfers"),
        """
        with moved as (
            select id, sum(minor) as minor from (
                select credit_id as id, amount_minor as minor from ledger_transfer
                union all select debit_id, -amount_minor from ledger_transfer
            ) side group by id
        )
        select count(*), count(*) filter (where balance_minor <> coalesce(moved.minor, 0))
        from ledger_account_balance left join moved on moved.id = account_id
        """,
    ),
    Invariant(
        "zero",
        _l("all balances of a currency add up to zero"),
        """
        select count(*), count(*) filter (where total <> 0) from (
            select sum(balance_minor) as total from ledger_account_balance group by currency
        ) by_currency
        """,
    ),
    Invariant(
        "roll-ups",
        _l("the daily roll-ups add up to the transfers they are made of"),
        """
        with moved as (
            select account_id, on_day, kind, sum(debit) as debit, sum(credit) as credit from (
                select debit_id as account_id, (t.effective_at at time zone 'UTC')::date as on_day,
                       t.kind, amount_minor as debit, 0 as credit
                from ledger_transfer join ledger_transaction t on t.id = transaction_id
                union all
                select credit_id, (t.effective_at at time zone 'UTC')::date, t.kind, 0, amount_minor
                from ledger_transfer join ledger_transaction t on t.id = transaction_id
            ) side group by account_id, on_day, kind
        )
        select count(*), count(*) filter (
            where moved.debit is distinct from day.debit_minor
               or moved.credit is distinct from day.credit_minor
        )
        from moved full join ledger_movement_day day using (account_id, on_day, kind)
        """,
    ),
    Invariant(
        "months",
        _l("the monthly roll-ups add up to the daily ones"),
        """
        with days as (
            select account_id, date_trunc('month', on_day)::date as began_on, kind,
                   sum(debit_minor) as debit, sum(credit_minor) as credit
            from ledger_account_day group by 1, 2, 3
        )
        select count(*), count(*) filter (
            where days.debit is distinct from debit_minor
               or days.credit is distinct from credit_minor
        )
        from days full join ledger_account_month using (account_id, began_on, kind)
        """,
    ),
    Invariant(
        "given by companies",
        _l("what companies gave is what the book says, as far as it was followed"),
        given.WRONG,
    ),
    Invariant(
        "order totals",
        _l("an order's total is its lines, parcels and gift, and each line's price its parts"),
        """
        select count(*), count(*) filter (
            where o.items_minor <> lines.gross or o.share_minor <> lines.share
               or o.shipping_minor <> parcels.shipping
        )
        from customer_order o
        cross join lateral (
            select coalesce(sum(gross_minor), 0) as gross, coalesce(sum(share_minor), 0) as share
            from order_line where order_id = o.id
        ) lines
        cross join lateral (
            select coalesce(sum(shipping_minor), 0) as shipping
            from company_order where order_id = o.id
        ) parcels
        """,
    ),
    Invariant(
        "allocations",
        _l("a line's allocations add up to its share, a gift's to the gift"),
        """
        select count(*), count(*) filter (where wanted <> given) from (
            select line.share_minor as wanted, coalesce(sum(a.amount_minor), 0) as given
            from order_line line
            left join allocation a on a.line_id = line.id and a.source = 'pledge'
            group by line.id
            union all
            select o.top_up_minor, coalesce(sum(a.amount_minor), 0)
            from customer_order o
            left join allocation a on a.order_id = o.id and a.source = 'top_up'
            group by o.id
        ) sums
        """,
    ),
    Invariant(
        "captures",
        _l("each allocation of a paid order, and none other, was captured by exactly one transfer"),
        """
        select count(*), count(*) filter (
            where (o.state = 'paid') <> (t.id is not null)
               or t.amount_minor is distinct from
                  case when t.id is null then t.amount_minor else a.amount_minor end
        )
        from allocation a
        join customer_order o on o.id = a.order_id
        left join ledger_transfer t on t.allocation_id = a.id
        """,
    ),
    Invariant(
        "captured sums",
        _l("what was captured of an order is its total, in the book and at the provider"),
        sums.CAPTURED,
    ),
    Invariant(
        "refunds",
        _l(
            "refunded is at most what is reserved for refunds, that at most what was captured; "
            "reversals of a row never exceed it"
        ),
        """
        select count(*), count(*) filter (where broken) from (
            select o.refunded_minor <> coalesce(sum(r.amount_minor) filter (
                       where r.state = 'done'), 0)
                or o.refund_reserved_minor <> coalesce(sum(r.amount_minor) filter (
                       where r.state <> 'rejected'), 0) as broken
            from customer_order o left join refund r on r.order_id = o.id
            group by o.id
            union all
            select sum(back.amount_minor) > origin.amount_minor
            from ledger_transfer back
            join ledger_transaction undone on undone.id = back.transaction_id
            join ledger_transfer origin on origin.id = back.origin_id
            where undone.kind in ('refund', 'dispute_lost') group by origin.id, origin.amount_minor
        ) checked
        """,
    ),
    Invariant(
        "stock",
        _l("live holds add up to what is reserved of each variant"),
        """
        select count(*), count(*) filter (where reserved <> held or reserved > on_hand) from (
            select v.reserved, v.on_hand, coalesce(sum(h.quantity), 0) as held
            from variant v
            left join stock_hold h on h.variant_id = v.id and h.state = 'live'
            group by v.id
        ) counted
        """,
    ),
    Invariant(
        "payments end",
        _l("a captured payment is a paid order or a full refund within 15 minutes"),
        """
        select count(*), count(*) filter (
            where p.state = 'settled' and o.payment_id is distinct from p.id
               or p.state = 'too_late' and p.created_at < now() - interval '15 minutes'
                  and not exists (
                      select from provider_command c
                      where c.kind = 'refund' and c.state = 'succeeded'
                        and c.params -> 'metadata' ->> 'late_payment' = p.id
                  )
                  and not exists (select from dispute d where d.payment_id = p.id)
                  and not exists (select from failed_refund f where f.payment_id = p.id)
        )
        from payment p join customer_order o on o.id = p.order_id
        """,
    ),
    Invariant(
        "disputes", _l("what is frozen is free or gone once a bank decides"), disputing.FROZEN
    ),
    Invariant(
        "owed to shoppers",
        _l("what shoppers are owed back stands on the account of their order"),
        owing.OWED,
    ),
    Invariant(
        "payouts",
        _l(
            "a payout that is paid has one id of the provider, and its sum left the books once; "
            "what came back of it is credited once, and no more than that"
        ),
        payouts.MOVED,
    ),
    Invariant(
        "solvency",
        _l("what the provider holds covers what is owed, but for the fees that the platform pays"),
        """
        select count(*), count(*) filter (where held + paid_by_platform + receivable < owed) from (
            select currency,
                   -coalesce(sum(balance_minor) filter (where purpose = 'provider_clearing'), 0)
                       as held,
                   -coalesce(sum(balance_minor) filter (
                       where purpose in ('provider_fees', 'dispute_fees', 'losses')), 0)
                       as paid_by_platform,
                   -coalesce(sum(balance_minor) filter (
                       where purpose = 'company_receivable'), 0) as receivable,
                   coalesce(sum(balance_minor) filter (where nature = 'liability'), 0) as owed
            from ledger_account_balance group by currency
        ) by_currency
        """,
    ),
    Invariant(
        "pools",
        _l(
            "a pool's budget is what is left, reserved, used, returned, or frozen and taken by a "
            "bank; what open disputes freeze is what stands frozen"
        ),
        POOLS,
    ),
    Invariant(
        "teams",
        _l("a team's figure is what its members' allocations say, and no order counts twice"),
        COUNTED,
    ),
    Invariant(
        "unknown commands",
        _l("no command to the provider is without an answer for longer than an hour"),
        """
        select count(*), count(*) filter (
            where state in ('sent', 'unknown') and first_sent_at < now() - interval '1 hour'
        ) from provider_command
        """,
    ),
    Invariant(
        "in flight",
        _l("what is on its way to a payee arrives or comes back within seven days"),
        """
        select count(*), count(*) filter (
            where state in ('to_approve', 'commanded')
                and commanded_at < now() - interval '7 days'
        ) from payout
        """,
    ),
    Invariant("reports", _l("each published figure is what its query gives again"), reports.SAME),
    Invariant("log", _l("each event of an hour ago is in the public log"), log.WHOLE),
    Invariant("leaves", _l("each leaf of the log says what the ledger says"), log.TRUE),
    Invariant("head", _l("the entries of the log lead to the root that was signed"), log.SIGNED),
)


_CHECK_ALL = " union all ".join(
    f"select {place} as place, looked_at, broken "  # noqa: S608  # our own constants
    f"from ({invariant.query}) as q(looked_at, broken)"
    for place, invariant in enumerate(INVARIANTS)
)


def check_all() -> list[Finding]:
    """Check every invariant in one statement, so in one snapshot: work going on is no fault."""
    rows = session.execute(sa.text(f"{_CHECK_ALL} order by place")).all()
    return [Finding(INVARIANTS[place], looked_at, broken) for place, looked_at, broken in rows]
