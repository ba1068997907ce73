"""Guard the books in the database: append-only rows, balances that follow, limited rights."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_transaction", "ledger_transfer", "audit_entry")

DENY = """
create function deny_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op
        using errcode = '55000';
end $$
"""

OPEN_BALANCE = """
create function ledger_open_balance() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into ledger_balance (account_id, posted_minor, may_be_negative)
    values (new.id, 0, new.may_be_negative);
    return new;
end $$;
create trigger open_balance after insert on ledger_account
    for each row execute function ledger_open_balance();
alter table ledger_account enable always trigger open_balance;
"""

# One statement folds what waits and subtracts, under CHECK (posted >= 0): two debits of the same
# account queue up behind its row, credits never wait.
FOLD = """
create function ledger_fold(
    account bigint, debit bigint default 0, debit_kind text default null, debit_day date default null
) returns void language sql security definer set search_path = public, pg_temp as $$
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
    where account_id = account
$$
"""

MOVE = """
create function ledger_move() returns trigger
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
        perform ledger_fold(new.debit_id, new.amount_minor, happened.kind, day);
    end if;
    insert into ledger_delta (account_id, kind, on_day, debit_minor, credit_minor)
    values (new.credit_id, happened.kind, day, 0, new.amount_minor);
    return new;
end $$;
create trigger move before insert on ledger_transfer
    for each row execute function ledger_move();
alter table ledger_transfer enable always trigger move;
"""

VIEWS = """
create view ledger_account_balance as
select account.id as account_id, account.owner_id, account.purpose, account.source,
       account.currency, account.nature,
       (balance.posted_minor + coalesce(waiting.minor, 0))::bigint as balance_minor
from ledger_account account
join ledger_balance balance on balance.account_id = account.id
left join lateral (
    select sum(credit_minor - debit_minor) as minor
    from ledger_delta delta where delta.account_id = account.id
) waiting on true;

create view ledger_movement_day as
select account_id, on_day, kind, sum(debit_minor)::bigint as debit_minor,
       sum(credit_minor)::bigint as credit_minor
from (
    select account_id, on_day, kind, debit_minor, credit_minor from ledger_account_day
    union all
    select account_id, on_day, kind, debit_minor, credit_minor from ledger_delta
) movement
group by account_id, on_day, kind;
"""

COMMAND_STATES = """
create function provider_command_moves() returns trigger language plpgsql as $$
begin
    if old.state in ('succeeded', 'rejected') and new.state <> old.state then
        raise exception 'a command that is % stays so', old.state using errcode = '55000';
    end if;
    if old.state = 'unknown' and new.state in ('pending', 'sent') then
        raise exception 'only a look-up leads out of unknown' using errcode = '55000';
    end if;
    if new.params <> old.params or new.kind <> old.kind then
        raise exception 'what a command asks for is fixed' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger moves before update on provider_command
    for each row execute function provider_command_moves();
"""

SHARES_ADD_UP = """
create function line_share_is_allocated() returns trigger language plpgsql as $$
begin
    if new.share_minor <> (
        select coalesce(sum(amount_minor), 0) from allocation
        where line_id = new.id and source = 'pledge'
    ) then
        raise exception 'the allocations of line % do not add up to its share', new.id
            using errcode = '23514', constraint = 'allocations_add_up_to_the_share';
    end if;
    return null;
end $$;
create constraint trigger share_is_allocated after insert on order_line
    deferrable initially deferred for each row execute function line_share_is_allocated();
"""

RIGHTS = """
do $$
begin
    if not exists (select from pg_roles where rolname = 'causeway_app') then
        return;
    end if;
    grant usage on schema public to causeway_app;
    grant select, insert, update, delete on all tables in schema public to causeway_app;
    grant usage, select on all sequences in schema public to causeway_app;
    grant execute on all functions in schema public to causeway_app;
    alter default privileges in schema public
        grant select, insert, update, delete on tables to causeway_app;
    alter default privileges in schema public grant usage, select on sequences to causeway_app;
    revoke update, delete on
        ledger_account, ledger_transaction, ledger_transfer, audit_entry,
        allocation, cause_choice, order_line, alembic_version from causeway_app;
    revoke insert, update, delete on
        ledger_balance, ledger_delta, ledger_account_day, alembic_version from causeway_app;
    grant update (refunded_quantity) on order_line to causeway_app;
end $$
"""


def upgrade() -> None:
    """Put every guard in place; each is tried in tests/ledger/test_guards.py."""
    op.execute(DENY)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function deny_change()"
        )
        op.execute(
            f"create trigger append_only_whole before truncate on {table} "
            "for each statement execute function deny_change()"
        )
        op.execute(f"alter table {table} enable always trigger append_only")
        op.execute(f"alter table {table} enable always trigger append_only_whole")
    for statements in (OPEN_BALANCE, FOLD, MOVE, VIEWS, COMMAND_STATES, SHARES_ADD_UP, RIGHTS):
        op.get_bind().connection.driver_connection.execute(statements)


def downgrade() -> None:
    """A book without guards is not a book."""
    raise NotImplementedError("The guards are not taken back.")
