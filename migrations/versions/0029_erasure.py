"""When a person, and the address of an order, was taken out."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two moments."""
    for table in ("user_account", "customer_order"):
        op.add_column(table, sa.Column("erased_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take them away."""
    for table in ("user_account", "customer_order"):
        op.drop_column(table, "erased_at")
