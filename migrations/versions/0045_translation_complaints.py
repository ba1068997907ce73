"""Readers complain of translations; the operator takes down what can be read, also of before."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLE = "translation_complaint"
# As before, but what was replaced, and can still be read, can be taken down.
STAYS = """
create or replace function update_translation_stays() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        if old.state <> 'draft' then
            raise exception 'what was offered stays' using errcode = '55000';
        end if;
        return old;
    end if;
    if old.state = 'draft' then
        if new.state not in ('draft', 'waiting') then
            raise exception 'a draft is offered first' using errcode = '55000';
        end if;
        return new;
    end if;
    if (old.ended_at is not null
        and not (old.state = 'replaced' and new.state = 'taken_down'
                 and old.published_at is not null))
       or new.state = 'draft'
       or (old.state = 'published' and new.state = 'waiting')
       or (old.published_at is not null and new.published_at is distinct from old.published_at)
       or to_jsonb(new) - '{state,published_at,published_by_id,ended_at,ended_by_id,reason}'::text[]
          <> to_jsonb(old)
             - '{state,published_at,published_by_id,ended_at,ended_by_id,reason}'::text[] then
        raise exception 'what was offered stays' using errcode = '55000';
    end if;
    return new;
end $$;
"""
KEPT = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke delete on translation_complaint from causeway_app;
    end if;
end $$;
"""


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("translation_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["translation_id"], ["update_translation.id"], name=op.f(f"fk_{TABLE}_translation_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f(f"fk_{TABLE}_by_id")),
        sa.PrimaryKeyConstraint("translation_id", "by_id", name=op.f(f"pk_{TABLE}")),
        sa.CheckConstraint(
            "length(why) between 1 and 1000", name=op.f(f"ck_{TABLE}_why_is_readable")
        ),
    )
    op.create_index(
        f"ix_{TABLE}_open", TABLE, ["made_at"], postgresql_where=sa.text("settled_at is null")
    )
    op.execute(STAYS)
    op.execute(KEPT)


def downgrade() -> None:
    """What readers told the operator would be lost."""
    raise NotImplementedError("What readers complained of is not thrown away.")
