"""Say how far the book had come when a report was published."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Whoever posts holds the table in a mode that lets others post, too. Taking it in a mode that does
# not waits for every posting that has begun, and lets none begin before the caller commits: only
# then is nothing with a lower number still to come. The application's role may not lock the table
# itself, as it may not change what stands in it.
END_OF_BOOK = """
create function ledger_end() returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp
set lock_timeout = '3s' as $$
begin
    lock table ledger_transaction in share mode;
    return (select coalesce(max(id), 0) from ledger_transaction);
end $$;

revoke execute on function ledger_end() from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        grant execute on function ledger_end() to causeway_app;
    end if;
end $$;
"""


def upgrade() -> None:
    """Give published reports the last entry that was there when their figures were taken."""
    op.get_bind().connection.driver_connection.execute(END_OF_BOOK)
    op.add_column("report", sa.Column("last_transaction_id", sa.BigInteger(), nullable=True))
    op.execute(
        "update report set last_transaction_id = coalesce((select max(id) from ledger_transaction "
        "where created_at <= report.as_of), 0) where state = 'published'"
    )
    op.create_check_constraint(
        "published_has_an_end",
        "report",
        "(state = 'published') = (last_transaction_id is not null)",
    )


def downgrade() -> None:
    """Bound published reports by time again."""
    op.drop_constraint(op.f("ck_report_published_has_an_end"), "report", type_="check")
    op.drop_column("report", "last_transaction_id")
    op.execute("drop function ledger_end()")
