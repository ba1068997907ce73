"""Remember of which months the payees were told that their statements are ready."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "statement_notice",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_statement_notice")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("statement_notice")
