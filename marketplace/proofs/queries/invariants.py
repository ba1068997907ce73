"""What `flask check` asks of the log; each query gives two figures: looked at, broken.

The entries and the tree are made anew here, by the database and not by the code that wrote them.
"""

# A project's own accounts tell by their purpose; what is under way or frozen, by its owner.
ACCOUNTS_OF_PROJECTS = """select account.id from ledger_account account
    where (account.purpose in ('project_pending', 'project_available')
        or account.purpose in ('payout_in_flight', 'dispute_hold')
        and exists (select from project where project.id = account.owner_id))"""

WHOLE = f"""
    with mine as materialized ({ACCOUNTS_OF_PROJECTS})
    select count(*), count(*) filter (
        where transaction.created_at < now() - interval '1 hour'
            and not exists (select from proof_leaf where transfer_id = transfer.id)
    )
    from ledger_transfer transfer
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    where debit_id in (select id from mine) or credit_id in (select id from mine)
"""  # noqa: S608  # our own constants
"""Every event is in the log an hour later."""

_PLACE = """case when {side}.owner_id = leaf.project_id then case {side}.purpose
    when 'project_pending' then 'pending' when 'project_available' then 'confirmed'
    when 'payout_in_flight' then 'underway' when 'dispute_hold' then 'frozen'
    else 'outside' end else 'outside' end"""
_DEBIT, _CREDIT = _PLACE.format(side="debit"), _PLACE.format(side="credit")
# What a row undoes is looked up, not joined: few rows undo anything, and a hash join that keeps the
# others puts them all into one bucket, which took minutes and gigabytes at half a million rows.
# In a text of SQLAlchemy a colon before a letter would name a parameter.
_TEXT = f"""concat_ws(chr(10), 'causeway-event/1', 'transfer ' || transfer.id,
    'what ' || transaction.kind, 'project ' || leaf.project_id,
    'allocation ' || coalesce(coalesce(transfer.allocation_id, (
        select origin.allocation_id from ledger_transfer origin where origin.id = transfer.origin_id
    ))::text, '-'),
    'source ' || coalesce(
        case when {_CREDIT} <> 'outside' then credit.source end,
        case when {_DEBIT} <> 'outside' then debit.source end, '-'),
    'move ' || {_DEBIT} || '>' || {_CREDIT}, 'currency ' || transfer.currency,
    'amount ' || transfer.amount_minor, 'at ' || to_char(
        transaction.effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS"Z"'),
    'day ' || leaf.day, '')"""  # noqa: S608  # our own constants
TRUE = f"""
    select count(*), count(*) filter (
        where transfer.id is null or leaf.amount_minor <> transfer.amount_minor
            or salt.salt is not null
            and leaf.entry <> '\\x01'::bytea || sha256(salt.salt || convert_to({_TEXT}, 'UTF8'))
    )
    from proof_leaf leaf
    left join proof_salt salt on salt.index = leaf.index
    left join ledger_transfer transfer on transfer.id = leaf.transfer_id
    left join ledger_transaction transaction on transaction.id = transfer.transaction_id
    left join ledger_account debit on debit.id = transfer.debit_id
    left join ledger_account credit on credit.id = transfer.credit_id
    where leaf.transfer_id is not null
"""  # noqa: S608  # our own constants
"""Every leaf still says what the ledger says."""

SIGNED = """
    with row0 as (
        select index / 256 as tile, count(*) as many,
            string_agg(sha256('\\x00'::bytea || entry), ''::bytea order by index) as hashes
        from proof_leaf group by 1
    ), node0 as (
        select tile, many, hashes, proof_fold(hashes) as root from row0
    ), row1 as (
        select tile / 256 as tile, count(*) as many,
            string_agg(root, ''::bytea order by tile) as hashes, sum(many) as leaves
        from node0 group by 1
    ), node1 as (
        select tile, hashes, leaves, proof_fold(hashes) as root from row1
    ), computed as (
        select coalesce(sum(leaves), 0) as size,
            proof_fold(string_agg(root, ''::bytea order by tile)) as root
        from node1
    )
    select coalesce(sum(looked_at), 0), coalesce(sum(broken), 0) from (
        select computed.size,
            case when (computed.size, computed.root) is distinct from (head.size, head.root)
                then 1 else 0 end
        from computed left join (
            select size, root from proof_checkpoint order by size desc limit 1
        ) head on true where computed.size > 0 or head.size > 0
        union all
        select 0, count(*) from proof_tile tile
        left join node0 on tile.level = 0 and node0.tile = tile.index
        left join node1 on tile.level = 1 and node1.tile = tile.index
        where tile.level < 2 and (
            tile.hashes is distinct from coalesce(node0.hashes, node1.hashes)
            or tile.root is distinct from coalesce(node0.root, node1.root))
    ) checked (looked_at, broken)
"""
"""The entries lead to the root that was signed last, and to every tile on the way."""
