"""Remember that an older backup was brought back: the provider is ahead of such a book."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, which is empty as long as nothing went wrong."""
    op.create_table(
        "restoration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_restoration"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("restoration")
