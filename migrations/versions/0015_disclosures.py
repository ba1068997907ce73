"""Keep with each order what was told before paying; let a company say until when it promises."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FROZEN = """
create function disclosure_is_frozen() returns trigger language plpgsql as $$
begin
    if (new.disclosure, new.disclosure_version) is distinct from
       (old.disclosure, old.disclosure_version) then
        raise exception 'what was told before paying stays as it was' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger disclosure_is_frozen before update of disclosure, disclosure_version
    on customer_order for each row execute function disclosure_is_frozen();
"""


def upgrade() -> None:
    """Add the columns; older orders were told nothing but the sentences of their lines."""
    for name in ("disclosure_version", "disclosure"):
        op.add_column(
            "customer_order", sa.Column(name, sa.Text(), nullable=False, server_default="")
        )
    op.add_column("company", sa.Column("pledge_until", sa.Date(), nullable=True))
    op.get_bind().connection.driver_connection.execute(FROZEN)


def downgrade() -> None:
    """Take them away."""
    op.execute("drop trigger disclosure_is_frozen on customer_order")
    op.execute("drop function disclosure_is_frozen")
    op.drop_column("company", "pledge_until")
    for name in ("disclosure_version", "disclosure"):
        op.drop_column("customer_order", name)
