"""What each project and company had when the book was last reconciled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; the next run that ends without a difference fills it."""
    op.create_table(
        "reconciliation_figure",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_reconciliation_figure")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("reconciliation_figure")
