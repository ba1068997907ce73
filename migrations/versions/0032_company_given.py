"""What companies gave so far, as a roll-up of the book, and how far it has followed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables; the worker fills them."""
    op.create_table(
        "company_given",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("standing_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "account_id", name=op.f("pk_company_given")),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
            name=op.f("fk_company_given_company_id_company"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_account.id"],
            name=op.f("fk_company_given_account_id_ledger_account"),
        ),
    )
    op.create_table(
        "company_given_following",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("done_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_xid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_given_following")),
        sa.CheckConstraint("id = 1", name=op.f("ck_company_given_following_is_one")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("company_given_following")
    op.drop_table("company_given")
