"""Disputes, money that is rerouted, projects that are a fund or archived."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = [
    "capture",
    "fee",
    "release",
    "refund",
    "dispute_opened",
    "dispute_won",
    "dispute_lost",
    "dispute_fee",
    "dispute_fee_back",
    "reroute",
    "netting",
    "transfer_reversed",
    "payout",
    "payout_settled",
    "payout_returned",
    "late_payment",
    "late_payment_refund",
]
COMMANDS = [
    "create_checkout",
    "expire_checkout",
    "refund",
    "transfer",
    "reverse_transfer",
    "submit_evidence",
]
PROJECTS = ["proposed", "open", "full", "closed", "suspended", "archived"]
DISPUTES = ["inquiry", "needs_response", "under_review", "won", "lost", "closed"]

GUARDS = """
create trigger append_only before update or delete on dispute_note
    for each row execute function deny_change();
create trigger append_only before update or delete on rerouting
    for each row execute function deny_change();
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on dispute_note, rerouting from causeway_app;
    end if;
end $$
"""


def one_of(column: str, values: list[str]) -> str:
    """Return the condition that a text is one of some."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def allow(table: str, name: str, condition: str) -> None:
    """Replace a check by a wider one."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def moment(name: str, *, known: bool = False) -> sa.Column:
    """Return a column of a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not known)


def make_disputes() -> None:
    """Make the table of disputes and of what is said against them."""
    op.create_table(
        "dispute",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        moment("due_at"),
        moment("opened_at", known=True),
        moment("submitted_at"),
        moment("closed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_dispute_order_id")
        ),
        sa.CheckConstraint(one_of("state", DISPUTES), name=op.f("ck_dispute_dispute_state")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_dispute_amount_is_positive")),
    )
    op.create_index("ix_dispute_order_id", "dispute", ["order_id"])
    op.create_index(
        "ix_dispute_open",
        "dispute",
        ["due_at"],
        postgresql_where=sa.text("state in ('inquiry', 'needs_response', 'under_review')"),
    )
    op.create_table(
        "dispute_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        moment("written_at", known=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_note")),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_note_dispute_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_dispute_note_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_dispute_note_author_id")
        ),
        sa.CheckConstraint(
            "length(body) between 1 and 5000", name=op.f("ck_dispute_note_body_is_readable")
        ),
    )
    op.create_index("ix_dispute_note_dispute_id", "dispute_note", ["dispute_id"])


def make_reroutings() -> None:
    """Make the table of changes of where an order's money goes."""
    op.create_table(
        "rerouting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(32), nullable=False),
        sa.Column("project_id", sa.Uuid()),
        moment("made_at", known=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rerouting")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_rerouting_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_rerouting_project_id")
        ),
        sa.CheckConstraint(
            one_of("why", ["choice", "closed"]), name=op.f("ck_rerouting_rerouting_why")
        ),
        sa.CheckConstraint(
            "(why = 'closed') = (project_id is not null)",
            name=op.f("ck_rerouting_closed_names_its_project"),
        ),
    )
    op.create_index("ix_rerouting_order_id", "rerouting", ["order_id"])


def upgrade() -> None:
    """Widen what the book and the provider know, and make the tables."""
    allow("ledger_transaction", "ledger_kind", one_of("kind", KINDS))
    allow("provider_command", "command_kind", one_of("kind", COMMANDS))
    allow("project", "project_state", one_of("state", PROJECTS))
    op.drop_constraint(
        op.f("ck_refund_line_a_line_has_pieces_shipping_has_none"), "refund_line", type_="check"
    )
    op.create_check_constraint(
        op.f("ck_refund_line_only_a_line_has_pieces"),
        "refund_line",
        "line_id is not null or quantity = 0",
    )
    op.add_column(
        "project", sa.Column("is_fund", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    make_disputes()
    make_reroutings()
    op.get_bind().connection.driver_connection.execute(GUARDS)


def downgrade() -> None:
    """What banks took back is not forgotten."""
    raise NotImplementedError("Disputes are not taken back.")
