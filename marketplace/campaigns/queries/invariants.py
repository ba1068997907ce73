"""What `flask check` asks of pools: two figures, looked at and broken."""

# What its rows say against what the ledger says.
POOLS = """
    select count(*), count(*) filter (
        where pool.reserved_minor <> kept.minor
           or pool.budget_minor <> moved.funded
           or pool.used_minor <> moved.used
           or pool.returned_minor <> moved.returned
           or moved.funded - moved.used - moved.returned <> moved.balance
           or due.minor <> owed.minor
    )
    from matching_pool pool
    cross join lateral (
        select coalesce(sum(amount_minor), 0) as minor from match_reservation
        where pool_id = pool.id and state = 'reserved'
    ) kept
    cross join lateral (
        select coalesce(sum(minor) filter (where kind = 'pool_funded'), 0) as funded,
            -coalesce(sum(minor) filter (
                where kind in ('capture', 'refund', 'dispute_lost', 'pool_guarantee')), 0) as used,
            -coalesce(sum(minor) filter (where kind = 'pool_returned'), 0) as returned,
            coalesce(sum(minor), 0) as balance
        from (
            select transaction.kind, case when transfer.credit_id = account.id
                then transfer.amount_minor else -transfer.amount_minor end as minor
            from ledger_account account
            join ledger_transfer transfer
                on transfer.debit_id = account.id or transfer.credit_id = account.id
            join ledger_transaction transaction on transaction.id = transfer.transaction_id
            where account.purpose = 'matching_pool' and account.owner_id = pool.id
        ) part
    ) moved
    cross join lateral (
        select coalesce(sum(balance_minor), 0) as minor from ledger_account_balance
        where purpose = 'refund_due' and owner_id = pool.id
    ) due
    cross join lateral (
        select coalesce(sum(amount_minor), 0) as minor from pool_refund
        where pool_id = pool.id and state in ('requested', 'failed')
    ) owed
"""
