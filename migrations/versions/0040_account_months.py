"""Keep what moved on an account by month, too: pages read months, however many days they had."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# As in migration 0013, and months beside the days: both under the lock of the account's row, in one
# statement with the taking of what waited, so that nobody ever sees one without the other.
TAKE = """
create or replace function ledger_take(account bigint, debit bigint, debit_kind text, debit_day date)
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
            (account_id, on_day, kind, debit_minor, credit_minor)
        select account, on_day, kind, sum(debit_minor), sum(credit_minor)
        from moved group by on_day, kind
        on conflict (account_id, on_day, kind) do update set
            debit_minor = day.debit_minor + excluded.debit_minor,
            credit_minor = day.credit_minor + excluded.credit_minor
    ), months as (
        insert into ledger_account_month as month
            (account_id, began_on, kind, debit_minor, credit_minor)
        select account, date_trunc('month', on_day)::date, kind,
            sum(debit_minor), sum(credit_minor)
        from moved group by 2, 3
        on conflict (account_id, began_on, kind) do update set
            debit_minor = month.debit_minor + excluded.debit_minor,
            credit_minor = month.credit_minor + excluded.credit_minor
    )
    update ledger_balance
    set posted_minor = posted_minor
        + coalesce((select sum(credit_minor - debit_minor) from gone), 0) - debit
    where account_id = account;
end $$;
"""

# Who folds holds a row of the balances: this waits for them, and lets nobody begin before the days
# that there are have been added up.
ADD_UP = """
lock table ledger_balance in exclusive mode;
insert into ledger_account_month (account_id, began_on, kind, debit_minor, credit_minor)
select account_id, date_trunc('month', on_day)::date, kind, sum(debit_minor), sum(credit_minor)
from ledger_account_day group by 1, 2, 3;
"""

# What is folded and what waits, of which a month and kind may have several rows: sums add them up.
VIEW = """
create view ledger_movement_month as
select account_id, began_on, kind, debit_minor, credit_minor from ledger_account_month
union all
select account_id, date_trunc('month', on_day)::date, kind, debit_minor, credit_minor
from ledger_delta;
"""

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke insert, update, delete on ledger_account_month from causeway_app;
    end if;
end $$
"""


def upgrade() -> None:
    """Add up what is folded already; from now on months are folded with the days."""
    op.create_table(
        "ledger_account_month",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("debit_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account_id", "began_on", "kind", name=op.f("pk_ledger_account_month")
        ),
    )
    # The few days on which money came back or went on to another project: pages name the day.
    op.create_index(
        "ix_ledger_account_day_back",
        "ledger_account_day",
        ["account_id", "on_day"],
        postgresql_where=sa.text("kind in ('reroute', 'payout_returned')"),
    )
    for statements in (ADD_UP, TAKE, VIEW, RIGHTS):
        op.get_bind().connection.driver_connection.execute(statements)


def downgrade() -> None:
    """A book without guards is not a book."""
    raise NotImplementedError("The guards are not taken back.")
