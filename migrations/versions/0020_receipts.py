"""Receipts stay; corrections beside them, other currencies, papers, rows that wait for theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STAYS = """
create trigger append_only before update or delete on spending
    for each row execute function deny_change();
"""

RULES = {
    "amount_is_positive": "amount_minor > 0 or amount_minor = 0 and corrects_id is not null",
    "has_a_receipt": "num_nonnulls(receipt_id, document_id) = 1",
    "rate_is_whole": "num_nonnulls(local_minor, local_currency, rate, rate_on) in (0, 4)",
    "rate_is_positive": "rate > 0 and local_minor >= 0",
}


def link(table: str, column: str, target: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def widen_spending() -> None:
    """Let a spending be paid in another currency, have a paper as receipt, and be corrected."""
    for column in (
        sa.Column("local_minor", sa.BigInteger()),
        sa.Column("local_currency", sa.CHAR(3)),
        sa.Column("rate", sa.Numeric(18, 6)),
        sa.Column("rate_on", sa.Date()),
        sa.Column("rate_source", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("corrects_id", sa.Uuid()),
    ):
        op.add_column("spending", column)
    op.alter_column("spending", "receipt_id", nullable=True)
    op.create_foreign_key(
        op.f("fk_spending_document_id"), "spending", "document", ["document_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_spending_corrects_id"), "spending", "spending", ["corrects_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_spending_corrects_id"), "spending", ["corrects_id"])
    op.drop_constraint(op.f("ck_spending_amount_is_positive"), "spending", type_="check")
    for name, condition in RULES.items():
        op.create_check_constraint(op.f(f"ck_spending_{name}"), "spending", condition)
    op.drop_index(op.f("ix_spending_project_id"), "spending")
    op.create_index("ix_spending_project", "spending", ["project_id", "spent_on", "id"])


def make_drafts() -> None:
    """Make the table of rows that wait for their receipt."""
    table = "spending_draft"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("import_key", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("rate", sa.Numeric(18, 6)),
        sa.Column("rate_on", sa.Date()),
        sa.Column("rate_source", sa.Text(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("budget_line_id", sa.Uuid()),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spending_id", sa.Uuid()),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount_is_positive")),
        sa.CheckConstraint(
            "(rate is null) = (rate_on is null)", name=op.f(f"ck_{table}_rate_is_whole")
        ),
        sa.CheckConstraint("rate > 0", name=op.f(f"ck_{table}_rate_is_positive")),
        link(table, "project_id", "project", "CASCADE"),
        link(table, "budget_line_id", "budget_line", "SET NULL"),
        link(table, "created_by_id", "user_account"),
        link(table, "spending_id", "spending"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "project_id", "import_key", name=op.f(f"uq_{table}_project_id_import_key")
        ),
    )
    op.create_index(
        "ix_spending_draft_waiting",
        table,
        ["project_id", "spent_on"],
        postgresql_where=sa.text("spending_id is null and dismissed_at is null"),
    )


def upgrade() -> None:
    """Make receipts stay."""
    widen_spending()
    make_drafts()
    op.get_bind().connection.driver_connection.execute(STAYS)


def downgrade() -> None:
    """What was corrected is not forgotten."""
    raise NotImplementedError("Corrections are not taken back.")
