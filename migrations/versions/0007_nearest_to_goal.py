"""Sort and narrow the list of projects by index: by how near they are, by country, by goal."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is recounted from the ledger, and the indexes of the list."""
    op.add_column(
        "project", sa.Column("reached_bp", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_check_constraint("reached_is_not_negative", "project", "reached_bp >= 0")
    op.create_index("ix_project_nearest", "project", ["state", "reached_bp", "id"])
    op.create_index("ix_project_goal", "project", ["goal_minor", "id"])
    op.create_index("ix_project_country", "project", ["country"])
    op.create_index("ix_project_sdgs", "project", ["sdgs"], postgresql_using="gin")


def downgrade() -> None:
    """Take the indexes and the column away."""
    for name in ("sdgs", "country", "goal", "nearest"):
        op.drop_index(f"ix_project_{name}", table_name="project")
    op.drop_constraint(op.f("ck_project_reached_is_not_negative"), "project", type_="check")
    op.drop_column("project", "reached_bp")
