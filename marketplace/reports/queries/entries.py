"""The entries that every figure of a report is made of: one definition, asked in several ways.

`ENTRIES` is SQL with places for what is asked about, so that the same text serves a page (with
parameters), and `flask check` (with the columns of a version: each published figure again).
"""

from marketplace.reports.queries.sponsored import ADDED

VERSION = 2
"""The definition by which figures are taken now. By the first, a return counted in the period in
which it happened; by this one with the sale that it belongs to, whenever it happens."""

PARAMETERS = {
    "company": ":company",
    "version": ":version",
    "starts": ":starts",
    "ends": ":ends",
    "last": ":last",
    "countries": "cast(:countries as text[])",
    "by_sale": "cast(:by_sale as boolean)",
}
"""What is asked about, as parameters of a statement."""

COLUMNS = {
    "company": "told.company_id",
    "version": "told.version_id",
    "starts": "told.starts",
    "ends": "told.ends",
    "last": "told.last_transaction_id",
    "countries": "told.countries",
    "by_sale": "(told.query_version > 1)",
}
"""The same, as columns of a row `told` beside which the entries stand."""

_IN_SCOPE = "(cardinality({countries}) = 0 or bought.country = any({countries}))"
_TERMS = """case when line.pledge_bp is not null then 'bp:' || line.pledge_bp
                else 'unit:' || line.pledge_unit_minor end"""

# Every entry of what was given: what was captured, and what was taken back. An entry is in a report
# if its transaction's number is; a payment that is settled later, however old, has a higher one.
# What went to another project leaves the one and comes to the other, and adds up to nothing.
# A project that was paid keeps what a late return takes back; the company owes it, so it was given.
_GIFTS = """
    select {class_} as class, transaction.id as number, way.place, transaction.effective_at as at,
           case when {by_sale} then sold.effective_at else transaction.effective_at end
               as counted_at,
           transaction.kind as what, way.project_id, line.product_slug as product,
           line.title as product_title, {terms} as terms, allocation.order_id,
           way.minor, 0::bigint as net_minor, 0::bigint as pieces,
           exists (select from ledger_transfer moved
                   join ledger_transaction release on release.id = moved.transaction_id
                   where moved.origin_id = captured.id and release.kind = 'release'
                     and release.id <= {last}) as is_confirmed,
           captured.id as origin, null::text as pool, null::text as pool_title
    from allocation
    join customer_order bought on bought.id = allocation.order_id
    left join order_line line on line.id = allocation.line_id
    join ledger_transfer captured on captured.allocation_id = allocation.id
    join ledger_transaction sold on sold.id = captured.transaction_id
    join ledger_transfer transfer
      on transfer.id = captured.id or transfer.origin_id = captured.id
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
    cross join lateral (
        select credit.owner_id, transfer.amount_minor, transfer.id
        where transaction.kind in ('capture', 'reroute')
        union all
        select debit.owner_id, -transfer.amount_minor,
            case transaction.kind when 'reroute' then -transfer.id else transfer.id end
        where transaction.kind in ('refund', 'dispute_lost', 'reroute')
            and debit.purpose in ('project_pending', 'project_available', 'dispute_hold')
    ) way (project_id, minor, place)
    where transaction.id <= {last} and {in_scope} and {whose}
"""
_PLEDGED = _GIFTS.replace("{class_}", "'given'").replace(
    "{whose}", "allocation.source = 'pledge' and allocation.company_id = {company}"
)
_OTHERS = _GIFTS.replace("{class_}", "allocation.source").replace(
    "{whose}",
    "allocation.source <> 'pledge' and (line.id is null or line.company_id = {company}) and exists "
    "(select from company_order part where part.order_id = allocation.order_id "
    "and part.company_id = {company})",
)

# What the projects have of it. Of a project's confirmed money of companies, whoever gave it, what
# was confirmed first is paid first; what was taken back before it was paid stands in no line.
_PAID = """
    select 'paid' as class, release.id as number, stood.first_id as place,
           release.effective_at as at, sold.effective_at as counted_at, 'payout' as what,
           stood.project_id, line.product_slug as product, line.title as product_title,
           {terms} as terms, allocation.order_id,
           least(stood.minor, paid.minor - (stood.upto - stood.minor))::bigint as minor,
           0::bigint as net_minor, 0::bigint as pieces, true as is_confirmed,
           stood.origin_id as origin, null::text as pool, null::text as pool_title
    from (
        select account.id as account_id, account.owner_id as project_id, side.origin_id,
               min(side.transfer_id) filter (where side.minor > 0) as first_id,
               sum(side.minor) as minor,
               sum(sum(side.minor)) over (
                   partition by account.id
                   order by min(side.transfer_id) filter (where side.minor > 0), side.origin_id
               ) as upto
        from ledger_account account
        cross join lateral (
            select origin_id, id, amount_minor from ledger_transfer
            where credit_id = account.id and transaction_id <= {last} and origin_id is not null
            union all
            select origin_id, id, -amount_minor from ledger_transfer
            where debit_id = account.id and transaction_id <= {last} and origin_id is not null
        ) side (origin_id, transfer_id, minor)
        where account.purpose = 'project_available' and account.source = 'pledge'
          and account.owner_id in (
              select distinct mine.project_id from allocation mine
              where mine.company_id = {company} and mine.source = 'pledge'
              union
              select credit.owner_id from allocation mine
              join ledger_transfer captured on captured.allocation_id = mine.id
              join ledger_transfer moved on moved.origin_id = captured.id
              join ledger_transaction rerouted
                on rerouted.id = moved.transaction_id and rerouted.kind = 'reroute'
              join ledger_account credit on credit.id = moved.credit_id
              where mine.company_id = {company} and mine.source = 'pledge')
        group by account.id, side.origin_id
        having sum(side.minor) > 0
    ) stood
    cross join lateral (
        select coalesce(sum(moved.minor), 0) as minor from (
            select gone.amount_minor from ledger_transfer gone
            join ledger_transaction made on made.id = gone.transaction_id and made.kind = 'payout'
            where gone.debit_id = stood.account_id and gone.transaction_id <= {last}
              and exists (
                  select from ledger_transaction settled
                  where settled.subject_id = made.subject_id
                    and settled.kind = 'payout_settled' and settled.id <= {last})
            union all
            select -back.amount_minor from ledger_transfer back
            join ledger_transaction made
              on made.id = back.transaction_id and made.kind = 'payout_returned'
            where back.credit_id = stood.account_id and back.transaction_id <= {last}
              and exists (
                  select from ledger_transaction settled
                  where settled.subject_id = made.subject_id
                    and settled.kind = 'payout_settled' and settled.id <= {last})
        ) moved (minor)
    ) paid
    join ledger_transfer captured on captured.id = stood.origin_id
    join ledger_transaction sold on sold.id = captured.transaction_id
    join ledger_transfer first on first.id = stood.first_id
    join ledger_transaction release on release.id = first.transaction_id
    join allocation on allocation.id = captured.allocation_id
    join customer_order bought on bought.id = allocation.order_id
    join order_line line on line.id = allocation.line_id
    where allocation.company_id = {company} and {in_scope}
      and paid.minor > stood.upto - stood.minor
"""

_SALES = """
    select 'sales' as class, sold.id as number, line.position::bigint as place,
           sold.effective_at as at, sold.effective_at as counted_at, sold.kind as what,
           null::uuid as project_id, line.product_slug as product, line.title as product_title,
           {terms} as terms, line.order_id, line.gross_minor - line.discount_minor as minor,
           line.net_minor, line.quantity::bigint as pieces, null::boolean as is_confirmed,
           0::bigint as origin, null::text as pool, null::text as pool_title
    from order_line line
    join customer_order bought on bought.id = line.order_id
    join ledger_transaction sold on sold.subject_id = line.order_id and sold.kind = 'capture'
    where line.company_id = {company} and sold.id <= {last} and {in_scope}
"""
# What is given back of a line in several parts is told without VAT so that all of it gives back
# exactly what the line was without VAT: each part is what the sum so far adds, rounded.
_RETURNED = """
    select 'returned' as class, number, position::bigint as place, at,
           case when {by_sale} then sold_at else at end as counted_at, what,
           null::uuid as project_id, product, title as product_title, terms, order_id, minor,
           (round(net * so_far / paid) - round(net * (so_far - minor) / paid))::bigint as net_minor,
           pieces, null::boolean as is_confirmed,
           0::bigint as origin, null::text as pool, null::text as pool_title
    from (
        select taken.id as number, line.position, taken.effective_at as at, taken.kind as what,
               sold.effective_at as sold_at, line.title, line.product_slug as product,
               {terms} as terms, line.order_id, part.amount_minor as minor,
               part.quantity::bigint as pieces, line.net_minor::numeric as net,
               line.gross_minor - line.discount_minor as paid,
               sum(part.amount_minor) over (partition by line.id order by taken.id) as so_far
        from order_line line
        join customer_order bought on bought.id = line.order_id
        join ledger_transaction sold on sold.subject_id = line.order_id and sold.kind = 'capture'
        join refund_line part on part.line_id = line.id
        join refund on refund.id = part.refund_id and refund.state = 'done'
        join ledger_transaction taken on taken.effect_key in (
            'refund:' || refund.provider_id,
            concat_ws(chr(58), 'dispute', refund.provider_id, 'lost'))
        where line.company_id = {company} and taken.id <= {last} and {in_scope}
    ) part
"""

# Goals, targets and countries are those that the projects had when the figures were taken.
_ENTRIES = f"""
    select entry.*, project.slug as project, coalesce(fact.title, project.title) as project_title,
           coalesce(fact.goal, cause.sdg)::text as goal,
           coalesce(case when fact.version_id is null then project.country else fact.country end,
               '') as country,
           case when entry.class in ('given', 'paid') then
               coalesce(nullif(case when fact.version_id is null then project.sdg_targets
                   else fact.targets end, array[]::text[]), array['']) else array[''] end
               as targets,
           to_char(entry.counted_at at time zone 'UTC', 'YYYY-MM') as month
    from ({_PLEDGED} union all {_OTHERS} union all {_PAID} union all {_SALES}
          union all {_RETURNED} union all {ADDED}) entry
    left join project on project.id = entry.project_id
    left join cause on cause.id = project.cause_id
    left join report_project fact
      on fact.version_id = {{version}} and fact.project_id = entry.project_id
    where entry.counted_at >= {{starts}} and entry.counted_at < {{ends}}
"""  # noqa: S608  # our own constants

# What goes to a project that names several targets is split in equal parts among them. The odd
# cents come to another target with each gift; what is taken back of a gift in several parts is
# split so that all of it leaves nothing: each part is what the sum so far makes, less what it made.
_SPLIT = """
    select class, number, place, at, what, project_id, product, product_title, terms, order_id,
           part.minor, net_minor, pieces, is_confirmed, pool, pool_title, project, project_title,
           goal, country, month, part.target
    from (
        select whole.*, cardinality(targets) as many,
               (sum(minor) over (
                   partition by class, origin, project_id order by number, place))::bigint as so_far
        from ({entries}) whole
    ) whole
    cross join lateral (
        select target, so_far * upto / many - so_far * (upto - 1) / many
                       - (so_far - minor) * upto / many + (so_far - minor) * (upto - 1) / many
        from unnest(targets) with ordinality as named (target, position)
        cross join lateral (select (position - 1 + origin) % many + 1) turn (upto)
    ) part (target, minor)
    where many = 1 or part.minor <> 0
"""


def entries_of(places: dict[str, str], *, is_split: bool = False) -> str:
    """Return the entries as SQL about what stands in the places.

    :param is_split: each entry in as many parts as its project names targets
    """
    whole = _ENTRIES.replace("{in_scope}", _IN_SCOPE).replace("{terms}", _TERMS)
    whole = whole.format(**places)
    return _SPLIT.replace("{entries}", whole) if is_split else whole
