"""Sponsors that are no company: who they are, what they pay into pools, what goes back to them."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

NEW_KINDS = ("pool_refunded",)

# Who funds a pool stays so, too; and what was asked of the provider for it.
GUARDS = """
create or replace function matching_pool_moves() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft' and (
           new.company_id is distinct from old.company_id
        or new.sponsor_id is distinct from old.sponsor_id or new.currency <> old.currency
        or new.ratio_bp <> old.ratio_bp or new.cap_minor is distinct from old.cap_minor
        or new.guarantee_minor <> old.guarantee_minor or new.with_gifts <> old.with_gifts
        or new.scope <> old.scope or new.cause_id is distinct from old.cause_id
        or new.starts_at <> old.starts_at or new.ends_at <> old.ends_at) then
        raise exception 'what a pool promised stays so' using errcode = '55000';
    end if;
    if old.state = 'ended' and new.state <> 'ended'
       or old.state = 'funded' and new.state = 'draft' then
        raise exception 'a pool that is % is never %', old.state, new.state
            using errcode = '55000';
    end if;
    return new;
end $$;

create function pool_money_moves() returns trigger language plpgsql as $$
begin
    if new.pool_id <> old.pool_id or new.amount_minor <> old.amount_minor
       or old.payment_id is not null and new.payment_id is distinct from old.payment_id then
        raise exception 'what went into a pool or out of it stays so' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger moves before update on pool_payment
    for each row execute function pool_money_moves();
create trigger moves before update on pool_refund
    for each row execute function pool_money_moves();

do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke delete on sponsor, pool_refund from causeway_app;
    end if;
end $$
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    """Return a column of a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def one_of(name: str, values: str) -> sa.Enum:
    """Return a column's type that a check holds to some words."""
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def key(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key."""
    return sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))


def make_sponsors() -> None:
    """Make the table of sponsors."""
    table = "sponsor"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            one_of("sponsor_kind", "foundation association public_body person"),
            nullable=False,
        ),
        sa.Column("state", one_of("sponsor_state", "asked admitted refused"), nullable=False),
        moment("asked_at"),
        moment("decided_at", nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("user_id", name=op.f(f"uq_{table}_user_id")),
        key(table, "user_id", "user_account"),
        key(table, "decided_by_id", "user_account"),
    )


def change_pools() -> None:
    """Let a pool have a sponsor, and remember what the sponsor was told."""
    table = "matching_pool"
    op.alter_column(table, "company_id", nullable=True)
    op.add_column(table, sa.Column("sponsor_id", sa.Uuid(), nullable=True))
    op.add_column(
        table, sa.Column("told_percent", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(table, moment("told_end_at", nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_sponsor_id"), table, "sponsor", ["sponsor_id"], ["id"])
    op.create_index(op.f(f"ix_{table}_sponsor_id"), table, ["sponsor_id"])
    op.create_check_constraint(
        op.f(f"ck_{table}_has_one_sponsor"), table, "num_nonnulls(company_id, sponsor_id) = 1"
    )
    # Nobody is told now of what was over, or nearly so, before there were letters.
    op.execute("update matching_pool set told_end_at = now() where state = 'ended'")
    op.execute("update matching_pool set told_percent = 100 where budget_minor > 0")


def make_payments() -> None:
    """Make the table of what sponsors pay in."""
    table = "pool_payment"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", one_of("pool_payment_state", "placed paid too_late lapsed"), nullable=False
        ),
        sa.Column("checkout_session_id", sa.Text(), nullable=True),
        sa.Column("payment_url", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        moment("asked_at"),
        moment("paid_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        key(table, "pool_id", "matching_pool"),
        key(table, "asked_by_id", "user_account"),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_{table}_{name}"))
            for name in ("form_key", "checkout_session_id", "payment_id")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount_is_positive")),
        sa.CheckConstraint(
            "(state in ('paid', 'too_late')) = (payment_id is not null)",
            name=op.f(f"ck_{table}_paid_names_payment"),
        ),
    )
    op.create_index(op.f(f"ix_{table}_pool_id"), table, ["pool_id"])
    op.create_index(
        f"ix_{table}_open", table, ["asked_at"], postgresql_where=sa.text("state = 'placed'")
    )


def make_refunds() -> None:
    """Make the table of what goes back to sponsors."""
    table = "pool_refund"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", one_of("pool_refund_state", "requested done failed replaced"), nullable=False
        ),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        moment("requested_at"),
        moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("provider_id", name=op.f(f"uq_{table}_provider_id")),
        key(table, "pool_id", "matching_pool"),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount_is_positive")),
    )
    op.create_index(op.f(f"ix_{table}_pool_id"), table, ["pool_id"])


def allow_kinds() -> None:
    """Let the ledger know the new kind beside those it has."""
    name = "ck_ledger_transaction_ledger_kind"
    kinds = op.get_bind().scalar(
        sa.text("select pg_get_constraintdef(oid) from pg_constraint where conname = :name"),
        {"name": name},
    )
    known = [word for word in str(kinds).split("'")[1::2] if word]
    op.drop_constraint(op.f(name), "ledger_transaction", type_="check")
    op.create_check_constraint(
        op.f(name),
        "ledger_transaction",
        f"kind in ({', '.join(repr(kind) for kind in (*known, *NEW_KINDS))})",
    )


def upgrade() -> None:
    """Add the tables, and let pools have sponsors."""
    make_sponsors()
    change_pools()
    make_payments()
    make_refunds()
    allow_kinds()
    op.get_bind().connection.driver_connection.execute(GUARDS)


def downgrade() -> None:
    """What sponsors paid in is not forgotten."""
    raise NotImplementedError("Sponsors' money is not taken back.")
