"""Refunds that did not reach the shopper, and payouts to our own bank."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KINDS = (
    *("refund_failed", "refund_again", "refund_otherwise"),
    *("bank_payout", "bank_payout_returned"),
)

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke delete on failed_refund, bank_payout from causeway_app;
    end if;
end $$
"""


def widen(table: str, name: str, column: str, more: tuple[str, ...]) -> None:
    """Let a column say some more words, beside all that it may say so far."""
    said = op.get_bind().scalars(
        sa.text(
            "select (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1] "
            "from pg_constraint where conname = :name"
        ),
        {"name": f"ck_{table}_{name}"},
    )
    words = ", ".join(repr(word) for word in dict.fromkeys([*said, *more]))
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({words})")


def moment(name: str, *, known: bool = False) -> sa.Column:
    """Return a column of a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not known)


def make_failed_refunds() -> None:
    """Make the queue of money that is owed to shoppers once more."""
    table = "failed_refund"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid()),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        moment("failed_at", known=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reference", sa.Text()),
        moment("ended_at"),
        sa.Column("ended_by_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{table}_key")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f(f"fk_{table}_order_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f(f"fk_{table}_refund_id")),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["user_account.id"], name=op.f(f"fk_{table}_ended_by_id")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount_is_positive")),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'sent_again', 'paid_otherwise', 'taken_by_bank')",
            name=op.f(f"ck_{table}_failed_refund_state"),
        ),
        sa.CheckConstraint(
            "(state in ('waiting', 'sending')) = (ended_at is null)",
            name=op.f(f"ck_{table}_an_end_has_its_time"),
        ),
        sa.CheckConstraint(
            "state <> 'paid_otherwise' or (reference is not null and ended_by_id is not null)",
            name=op.f(f"ck_{table}_who_paid_and_how_is_known"),
        ),
    )
    op.create_index(f"ix_{table}_order_id", table, ["order_id"])
    op.create_index(
        f"ix_{table}_open",
        table,
        ["failed_at"],
        postgresql_where=sa.text("state in ('waiting', 'sending')"),
    )


def make_bank_payouts() -> None:
    """Make the table of what the provider sent to our own bank."""
    table = "bank_payout"
    op.create_table(
        table,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        moment("sent_at", known=True),
        moment("returned_at"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount_is_positive")),
    )
    op.create_index(f"ix_{table}_sent", table, ["sent_at", "id"])


def upgrade() -> None:
    """Widen what the book knows, and make the tables."""
    widen("ledger_transaction", "ledger_kind", "kind", KINDS)
    widen("ledger_account", "ledger_purpose", "purpose", ("platform_bank",))
    make_failed_refunds()
    make_bank_payouts()
    op.get_bind().connection.driver_connection.execute(RIGHTS)


def downgrade() -> None:
    """What is owed to shoppers is not forgotten."""
    raise NotImplementedError("What failed is not taken back.")
