"""Disputes over what a sponsor paid into a pool: what they freeze, what they took, what they claim."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

NEW_KINDS = ("pool_frozen", "pool_thawed", "pool_taken", "pool_made_good")

# What a bank claims of a pool is not reserved for anybody; what was decided stays so.
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
    if new.reserved_minor > old.reserved_minor and new.claimed_minor > new.budget_minor
        - new.reserved_minor - new.used_minor - new.returned_minor - new.frozen_minor
        - new.lost_minor then
        raise exception 'what a bank claims of a pool is not given' using errcode = '55000';
    end if;
    if new.lost_minor < old.lost_minor then
        raise exception 'what a bank took from a pool is gone' using errcode = '55000';
    end if;
    return new;
end $$;

create function pool_dispute_moves() returns trigger language plpgsql as $$
begin
    if new.id <> old.id or new.pool_id <> old.pool_id or new.payment_id <> old.payment_id
       or new.amount_minor <> old.amount_minor
       or old.state <> 'open' and (new.state <> old.state or new.wanted_minor <> old.wanted_minor
           or new.claimed_minor > old.claimed_minor) then
        raise exception 'what a bank decided about a pool stays so' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger moves before update on pool_dispute
    for each row execute function pool_dispute_moves();

do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke delete on pool_dispute from causeway_app;
    end if;
end $$
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    """Return a column of a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def minor(name: str) -> sa.Column:
    """Return a column of an amount."""
    return sa.Column(name, sa.BigInteger(), nullable=False)


def one_of(name: str, values: str) -> sa.Enum:
    """Return a column's type that a check holds to some words."""
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def widen(table: str, name: str, column: str, words: tuple[str, ...]) -> None:
    """Let a check know new words beside those it has."""
    check = f"ck_{table}_{name}"
    known = op.get_bind().scalar(
        sa.text("select pg_get_constraintdef(oid) from pg_constraint where conname = :name"),
        {"name": check},
    )
    told = [word for word in str(known).split("'")[1::2] if word]
    op.drop_constraint(op.f(check), table, type_="check")
    values = ", ".join(repr(word) for word in (*told, *words))
    op.create_check_constraint(op.f(check), table, f"{column} in ({values})")


def let_disputes_be_of_pools() -> None:
    """Let a dispute be about an order's payment, or about a sponsor's."""
    op.alter_column("dispute", "order_id", nullable=True)
    op.add_column("dispute", sa.Column("pool_payment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_dispute_pool_payment_id"), "dispute", "pool_payment", ["pool_payment_id"], ["id"]
    )
    op.create_index(op.f("ix_dispute_pool_payment_id"), "dispute", ["pool_payment_id"])
    op.create_check_constraint(
        op.f("ck_dispute_about_one_payment"),
        "dispute",
        "num_nonnulls(order_id, pool_payment_id) = 1",
    )


def change_pools() -> None:
    """Let a pool say what is frozen, what was taken, and what is claimed of what comes back."""
    table = "matching_pool"
    for name in ("frozen_minor", "lost_minor", "claimed_minor"):
        op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    rules = {
        "parts_are_not_negative": (
            "least(budget_minor, reserved_minor, used_minor, returned_minor, guarantee_minor, "
            "frozen_minor, lost_minor, claimed_minor) >= 0"
        ),
        "never_above_its_budget": (
            "reserved_minor + used_minor + returned_minor + frozen_minor + lost_minor "
            "<= budget_minor"
        ),
    }
    for name, condition in rules.items():
        check = op.f(f"ck_{table}_{name}")
        op.drop_constraint(check, table, type_="check")
        op.create_check_constraint(check, table, condition)


def make_disputes() -> None:
    """Make the table of what disputes hold of pools."""
    table = "pool_dispute"
    rules = {
        "amount_is_positive": "amount_minor > 0",
        "parts_are_not_negative": "least(wanted_minor, frozen_minor, claimed_minor) >= 0",
        "wants_at_most_what_is_disputed": "wanted_minor <= amount_minor",
        "holds_at_most_what_it_wants": "frozen_minor + claimed_minor <= wanted_minor",
        "freezes_while_it_is_open": "state = 'open' or frozen_minor = 0",
        "claims_nothing_once_it_is_free": "state <> 'free' or claimed_minor = 0",
        "closed_at_a_moment": "(state = 'open') = (closed_at is null)",
    }
    op.create_table(
        table,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        minor("amount_minor"),
        minor("wanted_minor"),
        minor("frozen_minor"),
        minor("claimed_minor"),
        sa.Column("state", one_of("pool_dispute_state", "open free taken"), nullable=False),
        moment("opened_at"),
        moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["id"], ["dispute.id"], name=op.f(f"fk_{table}_id")),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["matching_pool.id"], name=op.f(f"fk_{table}_pool_id")
        ),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
            for name, condition in rules.items()
        ),
    )
    op.create_index(op.f(f"ix_{table}_pool_id"), table, ["pool_id"])
    op.create_index(op.f(f"ix_{table}_payment_id"), table, ["payment_id"])


def upgrade() -> None:
    """Let disputes be about sponsors' payments, and the book freeze what is left of a pool."""
    let_disputes_be_of_pools()
    change_pools()
    make_disputes()
    widen("pool_refund", "pool_refund_state", "state", ("taken",))
    widen("ledger_account", "ledger_purpose", "purpose", ("pool_hold",))
    widen("ledger_transaction", "ledger_kind", "kind", NEW_KINDS)
    op.get_bind().connection.driver_connection.execute(GUARDS)


def downgrade() -> None:
    """What a bank took is not forgotten."""
    raise NotImplementedError("Disputes over sponsors' payments are not taken back.")
