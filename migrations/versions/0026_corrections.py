"""Correct updates in the open, and take them back; what they said before is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

GUARDS = """
create trigger append_only before update or delete on update_version
    for each row execute function deny_change();
create trigger append_only_whole before truncate on update_version
    for each statement execute function deny_change();
alter table update_version enable always trigger append_only;
alter table update_version enable always trigger append_only_whole;
"""

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on update_version from causeway_app;
    end if;
end $$
"""


def upgrade() -> None:
    """Add the table, which only grows, and what an update says of itself."""
    for name in ("corrected_at", "taken_back_at"):
        op.add_column("project_update", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("project_update", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "update_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("update_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("title", "body", "body_html", "reason")
        ),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["user_account.id"], name=op.f("fk_update_version_replaced_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["project_update.id"], name=op.f("fk_update_version_update_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_update_version")),
    )
    op.create_index("ix_update_version_update_id", "update_version", ["update_id", "id"])
    op.execute(GUARDS)
    op.execute(RIGHTS)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("update_version")
    for name in ("note", "taken_back_at", "corrected_at"):
        op.drop_column("project_update", name)
