"""Lay the ground: extensions, the words of the search, the product's own role, the job queue."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Need a role that may create extensions; the role for the product is made where allowed."""
    op.execute("create extension if not exists unaccent")
    op.execute("create extension if not exists pg_trgm")
    op.execute("create text search configuration public.plain_words (copy = simple)")
    op.execute(
        "alter text search configuration public.plain_words "
        "alter mapping for hword, hword_part, word with unaccent, simple"
    )
    op.execute(
        """
        do $$
        begin
            if not exists (select from pg_roles where rolname = 'causeway_app') then
                create role causeway_app nologin;
            end if;
            execute format('grant causeway_app to %I', current_user);
        exception
            -- Another database of the same server is being made at the same time,
            -- or the owner of the database may not create roles: then triggers alone guard.
            when insufficient_privilege or unique_violation or duplicate_object then null;
        end $$
        """
    )
    op.execute("create sequence order_number")
    # Many statements in one text: only the driver itself takes that.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    """There is nothing below the ground."""
    raise NotImplementedError("The first migration is not taken back: drop the database.")
