"""What `flask check` asks of captured sums: two figures, looked at and broken."""

# What sponsors add stands in the same transaction, and is no part of what was paid.
CAPTURED = """
    with captured as (
        select transaction.subject_id, sum(transfer.amount_minor) as minor
        from ledger_transaction transaction
        join ledger_transfer transfer on transfer.transaction_id = transaction.id
        join ledger_account payer on payer.id = transfer.debit_id
        where transaction.kind = 'capture' and payer.purpose = 'provider_clearing'
        group by transaction.subject_id
    )
    select count(*), count(*) filter (
        where o.captured_minor <> coalesce(captured.minor, 0)
           or o.captured_minor <> case when o.state = 'paid' then o.total_minor else 0 end
           or coalesce(p.amount_minor, 0) <> o.captured_minor
    )
    from customer_order o
    left join captured on captured.subject_id = o.id
    left join payment p on p.order_id = o.id and p.state = 'settled'
"""
