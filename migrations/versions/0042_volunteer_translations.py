"""Updates in other languages, by volunteers; what was offered stays as it was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

STATES = ("draft", "waiting", "published", "replaced", "refused", "withdrawn", "taken_down")
HOLDS = {
    "title_is_short": "length(title) <= 200",
    "reason_is_short": "length(reason) <= 500",
    "offered_is_whole": "state = 'draft' or (title <> '' and body <> '')",
    "published_by_somebody": "(published_at is null) = (published_by_id is null)",
    "published_once": (
        "case when state in ('published', 'taken_down') then published_at is not null "
        "when state in ('draft', 'waiting', 'refused') then published_at is null "
        "else true end"
    ),
    "ended_by_somebody": "(ended_at is null) = (ended_by_id is null)",
    "ended_has_its_time": "(ended_at is null) = (state in ('draft', 'waiting', 'published'))",
    "refused_for_a_reason": "(state in ('refused', 'taken_down')) = (reason <> '')",
}
ONE_OF_EACH = {
    "published": ["update_id", "language"],
    "waiting": ["update_id", "language", "translator_id"],
    "draft": ["update_id", "language", "translator_id"],
}

# A draft is its writer's. What was offered is published or ended, its words stay; what ended,
# or was published, is not made undone.
GUARDS = """
create function update_translation_stays() returns trigger
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
    if old.ended_at is not null or new.state = 'draft'
       or (old.state = 'published' and new.state = 'waiting')
       or (old.published_at is not null and new.published_at is distinct from old.published_at)
       or to_jsonb(new) - '{state,published_at,published_by_id,ended_at,ended_by_id,reason}'::text[]
          <> to_jsonb(old)
             - '{state,published_at,published_by_id,ended_at,ended_by_id,reason}'::text[] then
        raise exception 'what was offered stays' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger stays before update or delete on update_translation
    for each row execute function update_translation_stays();
create trigger append_only_whole before truncate on update_translation
    for each statement execute function deny_change();
alter table update_translation enable always trigger stays;
alter table update_translation enable always trigger append_only_whole;
"""


def upgrade() -> None:
    """Make the table."""
    table = "update_translation"
    states = sa.Enum(
        *STATES, name="translation_state", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("translator_id", sa.Uuid(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("pictures", postgresql.JSONB(), nullable=False),
        sa.Column("wording_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by_id", sa.Uuid()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by_id", sa.Uuid()),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["update_id"], ["project_update.id"], name=op.f(f"fk_{table}_update_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["user_account.id"], name=op.f(f"fk_{table}_{column}")
            )
            for column in ("translator_id", "published_by_id", "ended_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
            for name, condition in HOLDS.items()
        ),
    )
    op.create_index(op.f(f"ix_{table}_translator_id"), table, ["translator_id"])
    op.create_index(f"ix_{table}_update", table, ["update_id", "language", "id"])
    for state, columns in ONE_OF_EACH.items():
        op.create_index(
            f"uq_{table}_{state}",
            table,
            columns,
            unique=True,
            postgresql_where=sa.text(f"state = '{state}'"),
        )
    op.execute(GUARDS)


def downgrade() -> None:
    """What volunteers wrote would be lost."""
    raise NotImplementedError("What volunteers translated is not thrown away.")
