"""Fold an account only while its row is held; only the book itself may debit while folding."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The row is locked by a statement of its own, so that the next one sees all that whoever held it
# before has committed: in one statement a movement folded meanwhile could be seen neither as
# waiting nor as folded, and a debit that was covered was refused.
TAKE = """
create function ledger_take(account bigint, debit bigint, debit_kind text, debit_day date)
returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from ledger_balance where account_id = account for no key update;
    with gone as (
        delete from ledger_delta where account_id = account
        returning on_day, kind, debit_minor, credit_minor
    ), moved as (
        select * from gone
        union all
        select debit_day, debit_kind, debit, 0 where debit > 0
    ), days as (
        insert into ledger_account_day as day
            (account_id, on_day, kind, debit_minor, credit_minor, movements)
        select account, on_day, kind, sum(debit_minor), sum(credit_minor), count(*)
        from moved group by on_day, kind
        on conflict (account_id, on_day, kind) do update set
            debit_minor = day.debit_minor + excluded.debit_minor,
            credit_minor = day.credit_minor + excluded.credit_minor,
            movements = day.movements + excluded.movements
    )
    update ledger_balance
    set posted_minor = posted_minor
        + coalesce((select sum(credit_minor - debit_minor) from gone), 0) - debit
    where account_id = account;
end $$;

create or replace function ledger_move() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    happened ledger_transaction%rowtype;
    day date;
begin
    select * into strict happened from ledger_transaction where id = new.transaction_id;
    day := (happened.effective_at at time zone 'UTC')::date;
    if (select may_be_negative from ledger_balance where account_id = new.debit_id) then
        insert into ledger_delta (account_id, kind, on_day, debit_minor, credit_minor)
        values (new.debit_id, happened.kind, day, new.amount_minor, 0);
    else
        perform ledger_take(new.debit_id, new.amount_minor, happened.kind, day);
    end if;
    insert into ledger_delta (account_id, kind, on_day, debit_minor, credit_minor)
    values (new.credit_id, happened.kind, day, 0, new.amount_minor);
    return new;
end $$;

drop function ledger_fold(bigint, bigint, text, date);
create function ledger_fold(account bigint) returns void
language sql security definer set search_path = public, pg_temp as $$
    select ledger_take(account, 0, null, null)
$$;

revoke execute on function ledger_take(bigint, bigint, text, date) from public;
"""


def upgrade() -> None:
    """Replace the folding; what is folded already stays as it is."""
    op.get_bind().connection.driver_connection.execute(TAKE)


def downgrade() -> None:
    """A book without guards is not a book."""
    raise NotImplementedError("The guards are not taken back.")
