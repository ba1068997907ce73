"""What did not reach a sponsor can be paid from our own bank, with a reference."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

STATES = ("requested", "done", "failed", "replaced", "taken", "paid_otherwise")


def upgrade() -> None:
    """Let money that goes back say by which bank transfer it was paid."""
    table = "pool_refund"
    op.add_column(table, sa.Column("reference", sa.Text(), nullable=True))
    op.drop_constraint(op.f(f"ck_{table}_pool_refund_state"), table, type_="check")
    listed = ", ".join(repr(one) for one in STATES)
    op.create_check_constraint(op.f(f"ck_{table}_pool_refund_state"), table, f"state in ({listed})")
    op.create_check_constraint(
        op.f(f"ck_{table}_how_it_was_paid_is_known"),
        table,
        "(state = 'paid_otherwise') = (reference is not null)",
    )


def downgrade() -> None:
    """What was paid is not forgotten."""
    raise NotImplementedError("What sponsors were paid is not taken back.")
