"""Compare the book with the provider and the bank, and keep what may be published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke delete on reconciliation_run, reconciliation_said, reconciliation_difference
            from causeway_app;
        revoke update, delete on reconciliation_published from causeway_app;
    end if;
end $$
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def run_id(table: str, *, primary_key: bool = False) -> sa.Column:
    return sa.Column(
        "run_id",
        sa.Uuid(),
        sa.ForeignKey("reconciliation_run.id", name=op.f(f"fk_{table}_run_id")),
        nullable=False,
        primary_key=primary_key,
    )


def states(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def make_runs() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            states("reconciliation_stage", "movements bank ledger comparing done"),
            nullable=False,
        ),
        sa.Column("cursor", sa.Text()),
        moment("since", nullable=True),
        moment("started_at"),
        moment("finished_at", nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows_read", "keys_compared", "unexplained")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
        sa.CheckConstraint(
            "(stage = 'done') = (finished_at is not null)",
            name=op.f("ck_reconciliation_run_done_has_its_time"),
        ),
    )
    op.create_index(
        "uq_reconciliation_run_one_at_a_time",
        "reconciliation_run",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("stage <> 'done'"),
    )
    op.create_index("ix_reconciliation_run_started", "reconciliation_run", ["started_at"])


def make_said() -> None:
    op.create_table(
        "reconciliation_said",
        sa.Column("side", states("reconciliation_side", "ledger provider bank"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        moment("at"),
        run_id("reconciliation_said"),
        sa.PrimaryKeyConstraint("side", "id", name=op.f("pk_reconciliation_said")),
    )
    for column in ("key", "at", "run_id"):
        op.create_index(op.f(f"ix_reconciliation_said_{column}"), "reconciliation_said", [column])


def make_differences() -> None:
    table = "reconciliation_difference"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        *(
            sa.Column(f"{side}_minor", sa.BigInteger(), nullable=True)
            for side in ("ledger", "provider", "bank")
        ),
        moment("since"),
        moment("found_at"),
        moment("closed_at", nullable=True),
        moment("explained_at", nullable=True),
        sa.Column(
            "explained_by_id",
            sa.Uuid(),
            sa.ForeignKey("user_account.id", name=op.f(f"fk_{table}_explained_by_id")),
        ),
        sa.Column("explanation", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.CheckConstraint(
            "(explained_at is null) = (explanation is null)"
            " and (explained_at is null) = (explained_by_id is null)",
            name=op.f(f"ck_{table}_an_explanation_has_its_author"),
        ),
    )
    op.create_index(
        "uq_reconciliation_difference_open",
        table,
        ["key", "currency"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index("ix_reconciliation_difference_found", table, ["found_at", "id"])


def upgrade() -> None:
    """Make the tables; what was said and what was published is never taken away."""
    make_runs()
    make_said()
    make_differences()
    op.create_table(
        "reconciliation_published",
        run_id("reconciliation_published", primary_key=True),
        sa.Column("currency", sa.CHAR(3), nullable=False, primary_key=True),
        moment("counted_at"),
        sa.Column("is_reconciled", sa.Boolean(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "currency", name=op.f("pk_reconciliation_published")),
    )
    op.create_index(
        op.f("ix_reconciliation_published_counted_at"), "reconciliation_published", ["counted_at"]
    )
    op.get_bind().connection.driver_connection.execute(RIGHTS)


def downgrade() -> None:
    """Forget the comparisons; the book is not touched."""
    for table in ("published", "difference", "said", "run"):
        op.drop_table(f"reconciliation_{table}")
