"""The entries of what a company's own matching pools gave, as a part of `entries`."""

# What a sponsor's pools gave, whoever sold: of its own money, and apart from what its sales gave.
ADDED = """
    select 'pools' as class, transaction.id as number, moved.id as place,
           transaction.effective_at as at,
           case when {by_sale} then begun.effective_at else transaction.effective_at end
               as counted_at,
           transaction.kind as what, other.owner_id as project_id, null::text as product,
           null::text as product_title, null::text as terms, null::uuid as order_id,
           moved.minor, 0::bigint as net_minor, 0::bigint as pieces, null::boolean as is_confirmed,
           moved.given_id as origin, pool.slug as pool, pool.title as pool_title
    from matching_pool pool
    join ledger_account account
      on account.purpose = 'matching_pool' and account.owner_id = pool.id
    cross join lateral (
        select id, transaction_id, id as given_id, credit_id as other_id, amount_minor as minor
        from ledger_transfer where debit_id = account.id
        union all
        select id, transaction_id, origin_id, debit_id, -amount_minor
        from ledger_transfer where credit_id = account.id and origin_id is not null
    ) moved
    join ledger_transaction transaction on transaction.id = moved.transaction_id
    join ledger_transfer given on given.id = moved.given_id
    join ledger_transaction begun on begun.id = given.transaction_id
    join ledger_account other on other.id = moved.other_id and other.source = 'match'
    left join customer_order bought on bought.id = begun.subject_id
    where pool.company_id = {company} and transaction.id <= {last} and {in_scope}
"""
