"""What `flask check` asks of pools: two figures, looked at and broken."""

# What its rows say against what the ledger says.
POOLS = """
    select count(*), count(*) filter (
        where pool.reserved_minor <> kept.minor
           or pool.budget_minor <> moved.funded
           or pool.used_minor <> moved.used
           or pool.returned_minor <> moved.returned
           or pool.lost_minor <> moved.lost
           or pool.frozen_minor <> moved.held
           or moved.funded - moved.used - moved.returned - moved.lost
               <> moved.balance + moved.held
           or pool.frozen_minor <> claim.frozen
           or pool.claimed_minor <> claim.claimed
           or claim.is_stuck
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
            -coalesce(sum(minor) filter (
                where kind in ('pool_taken', 'pool_made_good')), 0) as lost,
            coalesce(sum(minor) filter (where purpose = 'matching_pool'), 0) as balance,
            coalesce(sum(minor) filter (where purpose = 'pool_hold'), 0) as held
        from (
            select transaction.kind, account.purpose, case when transfer.credit_id = account.id
                then transfer.amount_minor else -transfer.amount_minor end as minor
            from ledger_account account
            join ledger_transfer transfer
                on transfer.debit_id = account.id or transfer.credit_id = account.id
            join ledger_transaction transaction on transaction.id = transfer.transaction_id
            where account.purpose in ('matching_pool', 'pool_hold')
                and account.owner_id = pool.id
        ) part
    ) moved
    cross join lateral (
        select coalesce(sum(frozen_minor), 0) as frozen, coalesce(sum(claimed_minor), 0) as claimed,
            coalesce(bool_or((pool_dispute.state = 'open') <> (
                dispute.state in ('inquiry', 'needs_response', 'under_review'))), false) as is_stuck
        from pool_dispute join dispute using (id) where pool_id = pool.id
    ) claim
    cross join lateral (
        select coalesce(sum(balance_minor), 0) as minor from ledger_account_balance
        where purpose = 'refund_due' and owner_id = pool.id
    ) due
    cross join lateral (
        select coalesce(sum(amount_minor), 0) as minor from pool_refund
        where pool_id = pool.id and state in ('requested', 'failed')
    ) owed
"""
