"""Matching pools: their budgets, what they keep for orders, and the kinds of their entries."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NEW_KINDS = ("pool_funded", "pool_guarantee", "pool_returned")

# What a pool promised and to whom it kept a part stays; only its figures and states move.
GUARDS = """
create function matching_pool_moves() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft' and (
           new.company_id <> old.company_id or new.currency <> old.currency
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
create trigger moves before update on matching_pool
    for each row execute function matching_pool_moves();

create function match_reservation_moves() returns trigger language plpgsql as $$
begin
    if new.order_id <> old.order_id or new.project_id <> old.project_id
       or new.pool_id <> old.pool_id or new.amount_minor <> old.amount_minor then
        raise exception 'what was kept for an order stays so' using errcode = '55000';
    end if;
    if old.state = 'used' and new.state <> 'used' then
        raise exception 'what was used is not kept any more' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger moves before update on match_reservation
    for each row execute function match_reservation_moves();

do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke delete on match_reservation from causeway_app;
    end if;
end $$
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    """Return a column of a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def minor(name: str, *, nullable: bool = False) -> sa.Column:
    """Return a column of an amount."""
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def one_of(name: str, values: str) -> sa.Enum:
    """Return a column's type that a check holds to some words."""
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def make_pools() -> None:
    """Make the table of pools."""
    table = "matching_pool"
    rules = {
        "parts_are_not_negative": (
            "least(budget_minor, reserved_minor, used_minor, returned_minor, guarantee_minor) >= 0"
        ),
        "never_above_its_budget": "reserved_minor + used_minor + returned_minor <= budget_minor",
        "ratio_is_sensible": "ratio_bp between 1 and 100000",
        "cap_is_positive": "cap_minor > 0",
        "ends_after_it_starts": "starts_at < ends_at",
        "a_cause_where_it_is_for_one": "(scope = 'cause') = (cause_id is not null)",
        "a_guarantee_names_its_projects": "guarantee_minor = 0 or scope = 'projects'",
        "ended_at_a_moment": "(state = 'ended') = (ended_at is not null)",
        "a_draft_has_no_money": "state <> 'draft' or budget_minor = 0",
    }
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("ratio_bp", sa.Integer(), nullable=False),
        minor("cap_minor", nullable=True),
        minor("guarantee_minor"),
        sa.Column("with_gifts", sa.Boolean(), nullable=False),
        sa.Column("scope", one_of("matching_pool_scope", "all cause projects"), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=True),
        moment("starts_at"),
        moment("ends_at"),
        sa.Column("state", one_of("matching_pool_state", "draft funded ended"), nullable=False),
        *(minor(f"{name}_minor") for name in ("budget", "reserved", "used", "returned")),
        sa.Column("ended_early_because", sa.Text(), nullable=False),
        moment("created_at"),
        moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("slug", name=op.f(f"uq_{table}_slug")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f(f"fk_{table}_company_id")
        ),
        sa.ForeignKeyConstraint(["cause_id"], ["cause.id"], name=op.f(f"fk_{table}_cause_id")),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
            for name, condition in rules.items()
        ),
    )
    op.create_index(op.f(f"ix_{table}_company_id"), table, ["company_id"])
    op.create_index(
        "ix_matching_pool_funded",
        table,
        ["currency", "ends_at"],
        postgresql_where=sa.text("state = 'funded'"),
    )


def make_projects() -> None:
    """Make the table of the projects that pools name."""
    table = "matching_pool_project"
    op.create_table(
        table,
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("pool_id", "project_id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["matching_pool.id"], name=op.f(f"fk_{table}_pool_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f(f"fk_{table}_project_id")
        ),
    )
    op.create_index(op.f(f"ix_{table}_project_id"), table, ["project_id"])


def make_reservations() -> None:
    """Make the table of what pools keep for orders."""
    table = "match_reservation"
    targets = (
        ("order_id", "customer_order"),
        ("project_id", "project"),
        ("pool_id", "matching_pool"),
    )
    op.create_table(
        table,
        *(sa.Column(name, sa.Uuid(), nullable=False) for name, _target in targets),
        minor("base_minor"),
        minor("amount_minor"),
        sa.Column("with_gifts", sa.Boolean(), nullable=False),
        sa.Column(
            "state", one_of("match_reservation_state", "reserved used returned"), nullable=False
        ),
        moment("reserved_at"),
        sa.PrimaryKeyConstraint("order_id", "project_id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
            for name, target in targets
        ),
        sa.CheckConstraint(
            "amount_minor > 0 and base_minor > 0", name=op.f(f"ck_{table}_amounts_are_positive")
        ),
    )
    op.create_index("ix_match_reservation_pool", table, ["pool_id", "state"])


def allow_kinds() -> None:
    """Let the ledger know the new kinds beside those it has."""
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
    """Add the tables, and to each order what pools add to it."""
    op.add_column(
        "customer_order",
        sa.Column("matched_minor", sa.BigInteger(), nullable=False, server_default="0"),
    )
    make_pools()
    make_projects()
    make_reservations()
    allow_kinds()
    op.get_bind().connection.driver_connection.execute(GUARDS)


def downgrade() -> None:
    """What sponsors paid in is not forgotten."""
    raise NotImplementedError("Pools are not taken back.")
