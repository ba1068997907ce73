"""Recipients that qualify, gift receipts, invoices and credit notes: numbers without gaps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

GUARDS = """
create function gift_recipient_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE'
       or (to_jsonb(new) - 'valid_until') <> (to_jsonb(old) - 'valid_until') then
        raise exception 'a recipient stays as it was checked' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger stays before update or delete on gift_recipient
    for each row execute function gift_recipient_stays();

create function gift_receipt_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.cancelled_at is not null
       or (to_jsonb(new) - 'cancelled_at' - 'cancelled_why')
          <> (to_jsonb(old) - 'cancelled_at' - 'cancelled_why') then
        raise exception 'a gift receipt is cancelled, never changed' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger stays before update or delete on gift_receipt
    for each row execute function gift_receipt_stays();

create function paper_series_counts() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' and new.last = 1 then
        return new;
    end if;
    if tg_op = 'UPDATE' and new.name = old.name and new.last = old.last + 1 then
        return new;
    end if;
    raise exception 'a series counts up by one' using errcode = '55000';
end $$;
create trigger counts before insert or update or delete on paper_series
    for each row execute function paper_series_counts();

create trigger append_only before update or delete on invoice
    for each row execute function deny_change();
create trigger append_only_whole before truncate on invoice
    for each statement execute function deny_change();
create trigger append_only_whole before truncate on gift_receipt
    for each statement execute function deny_change();
create trigger append_only_whole before truncate on paper_series
    for each statement execute function deny_change();
"""

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on invoice from causeway_app;
        revoke delete on gift_receipt, gift_recipient, paper_series from causeway_app;
    end if;
end $$
"""


def one_of(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def whose(name: str, table: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=nullable)


def address() -> list[sa.Column]:
    return [text("name"), text("street"), text("postal_code"), text("city")]


def make_recipients() -> None:
    """Make the tables of recipients and of who asks for receipts."""
    op.create_table(
        "gift_recipient",
        sa.Column("id", sa.Uuid(), nullable=False),
        whose("project_id", "project"),
        text("name"),
        sa.Column(
            "kind",
            one_of("recipient_kind", "charity association foundation public_body"),
            nullable=False,
        ),
        sa.Column("country", sa.CHAR(2), nullable=False),
        text("registration_number"),
        text("address"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        text("document"),
        whose("checked_by_id", "user_account"),
        moment("checked_at"),
        sa.CheckConstraint(
            "valid_until >= valid_from", name=op.f("ck_gift_recipient_ends_after_it_begins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_recipient")),
    )
    op.create_index(op.f("ix_gift_recipient_project_id"), "gift_recipient", ["project_id"])
    op.create_table(
        "gift_request",
        whose("order_id", "customer_order"),
        *address(),
        sa.Column("country", sa.CHAR(2), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        moment("asked_at"),
        moment("looked_at"),
        sa.Column("seen_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_gift_request")),
    )
    op.create_index(
        "ix_gift_request_open",
        "gift_request",
        ["order_id"],
        postgresql_where=sa.text("not is_settled"),
    )


def make_receipts() -> None:
    """Make the tables of numbers and of gift receipts."""
    op.create_table(
        "paper_series",
        text("name"),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_paper_series_counts_from_one")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_paper_series")),
    )
    op.create_table(
        "gift_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        whose("order_id", "customer_order"),
        whose("project_id", "project"),
        whose("recipient_id", "gift_recipient"),
        text("series"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        *address(),
        sa.Column("country", sa.CHAR(2), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        moment("issued_at"),
        moment("cancelled_at", nullable=True),
        sa.Column(
            "cancelled_why", one_of("gift_cancelled_why", "refunded rerouted"), nullable=True
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_gift_receipt_amount_is_positive")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_gift_receipt_counts_from_one")),
        sa.CheckConstraint(
            "(cancelled_at is null) = (cancelled_why is null)",
            name=op.f("ck_gift_receipt_cancelled_for_a_reason"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_receipt")),
        sa.UniqueConstraint(
            "series", "year", "serial", name=op.f("uq_gift_receipt_series_year_serial")
        ),
    )
    op.create_index(op.f("ix_gift_receipt_order_id"), "gift_receipt", ["order_id"])
    op.create_index(
        "uq_gift_receipt_holds",
        "gift_receipt",
        ["order_id", "project_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at is null"),
    )


def make_invoices() -> None:
    """Make the tables of sellers' data and of invoices."""
    op.create_table(
        "seller",
        whose("company_id", "company"),
        *(text(name) for name in ("legal_name", "address", "vat_number", "registration")),
        moment("changed_at"),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_seller")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", one_of("invoice_kind", "invoice credit_note"), nullable=False),
        whose("company_id", "company"),
        whose("company_order_id", "company_order"),
        whose("refund_id", "refund", nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        moment("issued_at"),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (refund_id is not null)",
            name=op.f("ck_invoice_a_credit_note_has_a_refund"),
        ),
        sa.CheckConstraint("serial > 0", name=op.f("ck_invoice_counts_from_one")),
        sa.CheckConstraint("gross_minor >= 0", name=op.f("ck_invoice_gross_is_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint(
            "company_id",
            "kind",
            "year",
            "serial",
            name=op.f("uq_invoice_company_id_kind_year_serial"),
        ),
        sa.UniqueConstraint(
            "company_order_id",
            "refund_id",
            name=op.f("uq_invoice_company_order_id_refund_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_invoice_company_order_id"), "invoice", ["company_order_id"])


def upgrade() -> None:
    """Make the tables, and guard them."""
    make_recipients()
    make_receipts()
    make_invoices()
    for statements in (GUARDS, RIGHTS):
        op.get_bind().connection.driver_connection.execute(statements)


def downgrade() -> None:
    """Papers that were written are kept."""
    raise NotImplementedError("Invoices and receipts are not taken back.")
