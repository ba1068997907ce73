"""A public log of projects' money: leaves, tiles, checkpoints; added to, never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "proof_leaf",
    "proof_day",
    "proof_chunk",
    "proof_tile",
    "proof_checkpoint",
    "proof_cosignature",
)

# A salt may be deleted, which makes its leaf anonymous; another in its place would be a lie.
SALTS = """
create trigger stays before update on proof_salt
    for each row execute function deny_change();
create trigger stays_whole before truncate on proof_salt
    for each statement execute function deny_change();
alter table proof_salt enable always trigger stays;
alter table proof_salt enable always trigger stays_whole;
"""

RIGHTS = """
do $$
begin
    if not exists (select from pg_roles where rolname = 'causeway_app') then
        return;
    end if;
    revoke update, delete on proof_leaf, proof_day, proof_chunk, proof_tile, proof_checkpoint,
        proof_cosignature from causeway_app;
    revoke update on proof_salt from causeway_app;
end $$
"""

# The root over hashes that stand one after the other (RFC 9162, 2.1.1): an odd one goes up as it is.
# It is a second way to the same root, for `flask check`.
FOLD = r"""
create function proof_fold(hashes bytea) returns bytea
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    upper bytea;
begin
    while length(hashes) > 32 loop
        select string_agg(
            case when length(hashes) >= place + 64
                 then sha256('\x01'::bytea || substring(hashes from place + 1 for 64))
                 else substring(hashes from place + 1 for 32) end, ''::bytea order by place)
        into upper from generate_series(0, length(hashes) - 1, 64) as place;
        hashes := upper;
    end loop;
    return hashes;
end $$;
"""


def bytes_of(name: str) -> sa.Column:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def place_of_sums() -> list[sa.Column]:
    return [
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
    ]


def make_leaves() -> None:
    op.create_table(
        "proof_leaf",
        number("index"),
        bytes_of("entry"),
        *place_of_sums(),
        sa.Column("transfer_id", sa.BigInteger()),
        sa.Column("position", sa.Integer()),
        sa.Column("move", sa.SmallInteger()),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_proof_leaf")),
        sa.UniqueConstraint(
            "transfer_id", "project_id", name=op.f("uq_proof_leaf_transfer_id_project_id")
        ),
        sa.UniqueConstraint(
            "project_id",
            "currency",
            "day",
            "position",
            name=op.f("uq_proof_leaf_project_id_currency_day_position"),
        ),
        sa.CheckConstraint(
            "index >= 0 and length(entry) between 1 and 65535", name=op.f("ck_proof_leaf_fits")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_proof_leaf_amount_is_positive")),
        sa.CheckConstraint(
            "num_nulls(transfer_id, position, move, amount_minor) in (0, 4)",
            name=op.f("ck_proof_leaf_is_an_event_or_sums"),
        ),
    )
    op.create_table(
        "proof_salt",
        number("index"),
        bytes_of("salt"),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_proof_salt")),
    )


def make_sums() -> None:
    op.create_table(
        "proof_day",
        number("index"),
        *place_of_sums(),
        sa.Column("count", sa.Integer(), nullable=False),
        bytes_of("root"),
        bytes_of("sums"),
        bytes_of("total"),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_proof_day")),
        sa.UniqueConstraint(
            "project_id", "currency", "day", name=op.f("uq_proof_day_project_id_currency_day")
        ),
    )
    op.create_table(
        "proof_chunk",
        number("day_index"),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        bytes_of("root"),
        bytes_of("sums"),
        sa.PrimaryKeyConstraint("day_index", "place", name=op.f("pk_proof_chunk")),
    )


def make_tree() -> None:
    op.create_table(
        "proof_tile",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        number("index"),
        bytes_of("hashes"),
        bytes_of("root"),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_proof_tile")),
        sa.CheckConstraint(
            "length(hashes) = 8192 and length(root) = 32", name=op.f("ck_proof_tile_is_full")
        ),
    )
    op.create_table(
        "proof_checkpoint",
        number("size"),
        bytes_of("root"),
        text("note"),
        moment("signed_at"),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_proof_checkpoint")),
    )
    op.create_table(
        "proof_cosignature",
        number("size"),
        text("witness"),
        text("line"),
        moment("signed_at"),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_proof_cosignature")),
    )
    op.create_table(
        "proof_horizon",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        number("done_id"),
        number("seen_id"),
        number("seen_xid"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_horizon")),
        sa.CheckConstraint("id = 1", name=op.f("ck_proof_horizon_is_one")),
    )


def upgrade() -> None:
    """Make the tables, and guard them as the book is guarded."""
    make_leaves()
    make_sums()
    make_tree()
    for table in APPEND_ONLY:
        for name, when in (("append_only", "row"), ("append_only_whole", "statement")):
            what = "update or delete" if when == "row" else "truncate"
            op.execute(
                f"create trigger {name} before {what} on {table} "
                f"for each {when} execute function deny_change()"
            )
            op.execute(f"alter table {table} enable always trigger {name}")
    for statements in (SALTS, RIGHTS, FOLD):
        op.get_bind().connection.driver_connection.execute(statements)


def downgrade() -> None:
    """A log that can be taken away proves nothing."""
    raise NotImplementedError("The public log is not taken back.")
