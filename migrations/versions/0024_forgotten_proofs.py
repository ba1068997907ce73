"""Remember which orders' entries in the public log are anonymous, also those still to come."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

GUARDS = """
create trigger append_only before update or delete on proof_forgotten
    for each row execute function deny_change();
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on proof_forgotten from causeway_app;
    end if;
end $$
"""


def upgrade() -> None:
    """Add the table, which is empty until somebody asks to be forgotten."""
    op.create_table(
        "proof_forgotten",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_proof_forgotten")),
    )
    op.get_bind().connection.driver_connection.execute(GUARDS)


def downgrade() -> None:
    """Who was forgotten stays so."""
    raise NotImplementedError("What was forgotten is not remembered.")
