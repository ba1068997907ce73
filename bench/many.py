"""Orders by the hundred thousand, copied inside the database from a few that the rules made.

`flask seed --orders` makes some thousands with the rules' own arithmetic; here each is copied many
times over, a little later each time, with all its rows: parcels, lines, allocations, payment, and
its part of the book. The book's own guards stay on: they keep balances, days and months. Foreign
keys are not looked up again, for copies of what holds hold.
"""

import psycopg

MODELS = 1_500
"""Orders that are copied. The last weeks' are not released, and are copied for the last weeks."""
AT_ONCE = 2_500
FOLDED_AFTER = 20

_BEGIN = """
set session_replication_role = replica;
set synchronous_commit = off;
create function pg_temp.renewed(old uuid, copy bigint, at timestamptz) returns uuid
language sql immutable as $$
    select cast(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(old::text || copy), 1, 3) || 'a' || substr(md5(old::text || copy), 5, 15)
        as uuid)
$$;
create temp table model as
select id, placed_at, closed_at is not null as is_released,
    row_number() over (partition by closed_at is not null order by placed_at) - 1 as place,
    count(*) over (partition by closed_at is not null) as of_them,
    max(closed_at - placed_at) over () as closes_after
from (
    select made.id, made.placed_at, max(part.released_at) as closed_at
    from customer_order made join company_order part on part.order_id = made.id
    where made.payment_id ~ '^pi_bulk_[0-9]+$' group by made.id
) made;
create temp table picked (order_id uuid, copy bigint, at timestamptz, shift interval);
"""
# As `flask seed --orders` spreads them: over a year that ends now.
_PICK = """
insert into picked
select model.id, wanted.copy, wanted.at, wanted.at - model.placed_at
from (
    select nextval('order_number') as copy, place,
        date_trunc('second', now() - interval '364 days' * (1 - place / %(total)s::float)) as at
    from generate_series(%(first)s::bigint, %(last)s - 1) as place
) wanted
join model on model.place = wanted.place %% model.of_them
    and model.is_released = (wanted.at < now() - closes_after - interval '1 hour')
"""
_RENEWED = {"id", "order_id", "company_order_id", "line_id", "subject_id", "allocation_id"}
_NUMBER = "substr(old.number, 1, 8) || copy || substr(old.number, 15)"
_TOLD = {
    "customer_order": {
        "number": _NUMBER,
        "token": "'bulk-' || md5(old.token || copy)",
        "checkout_key": "'bulk-' || copy",
        "payment_id": "'pi_bulk_' || copy || 'c'",
    },
    "payment": {"id": "'pi_bulk_' || copy || 'c'"},
    "company_order": {"number": _NUMBER},
    "order_line": {},
    "stock_hold": {},
    "cause_choice": {},
    "allocation": {},
}
"""The tables of an order, and the columns of which a copy has its own."""
_TRANSACTIONS = """
create temp table opened on commit drop as
select nextval('ledger_transaction_id_seq') as id, old.id as old_id, picked.*,
    old.kind, old.effect_key, old.effective_at
from picked join ledger_transaction old on old.subject_id = picked.order_id
order by old.effective_at + shift;
insert into ledger_transaction (id, kind, effect_key, subject_id, effective_at)
overriding system value
select id, kind, effect_key || ':' || copy, pg_temp.renewed(order_id, copy, at),
    effective_at + shift
from opened;
create temp table moved on commit drop as
select nextval('ledger_transfer_id_seq') as new_id, opened.id as new_transaction_id,
    opened.copy, opened.at, old.*
from opened join ledger_transfer old on old.transaction_id = opened.old_id order by old.id;
analyze moved;
insert into ledger_transfer (id, transaction_id, position, debit_id, credit_id, currency,
    amount_minor, line_id, allocation_id, origin_id)
overriding system value
select old.new_id, new_transaction_id, position, debit_id, credit_id, currency, amount_minor,
    pg_temp.renewed(line_id, old.copy, at), pg_temp.renewed(allocation_id, old.copy, at),
    origin.new_id
from moved old left join (select id, copy, new_id from moved) origin
    on origin.id = old.origin_id and origin.copy = old.copy
order by old.new_id;
"""
_FOLD = """
select ledger_fold(account_id)
from (select account_id from ledger_delta group by 1 order by 1) waiting
"""


def copy_orders(dsn: str, allocations: int) -> int:
    """Copy orders until there are at least so many allocations; return how many were copied."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_BEGIN)
        connection.execute("analyze model")
        copied = {table: _copying(connection, table) for table in _TOLD}
        there = _number(connection, "select count(*) from allocation")
        of_models = "select count(*) from allocation join model on model.id = order_id"
        models = _number(connection, "select count(*) from model")
        total = max(allocations - there, 0) * models // _number(connection, of_models) + 1
        connection.execute("update project set goal_minor = goal_minor + %s", [total * 2_000])
        for number, first in enumerate(range(0, total, AT_ONCE), start=1):
            last = min(first + AT_ONCE, total)
            with connection.transaction():
                connection.execute("truncate picked")
                connection.execute(_PICK, {"total": total, "first": first, "last": last})
                connection.execute("analyze picked")
                for statement in copied.values():
                    connection.execute(statement)
                connection.execute(_TRANSACTIONS)
            if number % FOLDED_AFTER == 0 or last == total:
                connection.execute(_FOLD)
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    return total


def _copying(connection: psycopg.Connection, table: str) -> str:
    """Return the statement that copies the picked orders' rows of a table."""
    rows = connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'",
        [table],
    ).fetchall()
    told = {name: _TOLD[table].get(name) or _column(name, kind) for name, kind in rows}
    key = "id" if table == "customer_order" else "order_id"
    return (
        f"insert into {table} ({', '.join(told)}) select {', '.join(told.values())} "
        f"from picked join {table} old on old.{key} = picked.order_id"
    )


def _column(name: str, kind: str) -> str:
    if name in _RENEWED and kind == "uuid":
        return f"pg_temp.renewed(old.{name}, copy, at)"
    if kind == "timestamp with time zone":
        return f"old.{name} + shift"
    return f"old.{name}"


def _number(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
