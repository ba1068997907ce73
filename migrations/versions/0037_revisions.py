"""What goal and budget were before; what was only applied for elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# Only what is certain leaves companies less to claim. An application gets one answer, which is a
# row of its own: rows stay.
GUARDS = """
create or replace function claims_within_the_whole() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    elsewhere bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('outcome:' || new.outcome_id, 0));
    select ceil(coalesce(sum(amount_minor), 0) * 1000000.0 / new.cost_minor) into elsewhere
    from funding_elsewhere where project_id = new.project_id and standing = 'certain';
    if outcome_claimed(new.outcome_id, new.company_id) + new.share_ppm + elsewhere > 1000000 then
        raise exception 'all claims of an outcome are at most the whole of it'
            using errcode = '23514', constraint = 'claims_within_the_whole';
    end if;
    return new;
end $$;

create or replace function funding_within_the_whole() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    claimed record;
    elsewhere bigint;
begin
    if new.follows_id is not null and not exists (
        select from funding_elsewhere before
        where before.id = new.follows_id and before.project_id = new.project_id
            and before.standing = 'applied')
    then
        raise exception 'only an application of the same project has an answer'
            using errcode = '23514', constraint = 'answers_an_application';
    end if;
    if new.standing <> 'certain' then
        return new;
    end if;
    for claimed in
        select outcome_id, max(cost_minor) as cost_minor from report_claim
        where project_id = new.project_id group by outcome_id order by outcome_id
    loop
        perform pg_advisory_xact_lock(hashtextextended('outcome:' || claimed.outcome_id, 0));
        select ceil((coalesce(sum(amount_minor), 0) + new.amount_minor) * 1000000.0
            / claimed.cost_minor) into elsewhere
        from funding_elsewhere where project_id = new.project_id and standing = 'certain';
        if outcome_claimed(claimed.outcome_id, null) + elsewhere > 1000000 then
            raise exception 'all claims of an outcome are at most the whole of it'
                using errcode = '23514', constraint = 'claims_within_the_whole';
        end if;
    end loop;
    return new;
end $$;

create trigger append_only before update or delete on budget_change
    for each row execute function deny_change();
alter table budget_change enable always trigger append_only;
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on budget_change from causeway_app;
    end if;
end $$;
"""
HOLDS = {
    "goal_has_a_reason": "not is_goal or reason <> '' and num_nonnulls(was_minor, minor) = 2",
    "reason_is_short": "length(reason) <= 500",
    "something_changed": "num_nonnulls(was_minor, minor) > 0",
}


def upgrade() -> None:
    """Add what changed of budgets, and how sure money from elsewhere is."""
    op.create_table(
        "budget_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("is_goal", sa.Boolean(), nullable=False),
        sa.Column("was_title", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("was_minor", sa.BigInteger()),
        sa.Column("minor", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_budget_change_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user_account.id"], name=op.f("fk_budget_change_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_change")),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_budget_change_{name}"))
            for name, condition in HOLDS.items()
        ),
    )
    op.create_index("ix_budget_change_project", "budget_change", ["project_id", "changed_at"])
    tell_what_is_certain()
    op.execute(GUARDS)


def tell_what_is_certain() -> None:
    """Add how sure money from elsewhere is: what was declared before is certain."""
    table = "funding_elsewhere"
    op.add_column(
        table, sa.Column("standing", sa.String(32), nullable=False, server_default="certain")
    )
    op.add_column(table, sa.Column("follows_id", sa.Uuid()))
    op.create_foreign_key(op.f(f"fk_{table}_follows_id"), table, table, ["follows_id"], ["id"])
    op.create_unique_constraint(op.f(f"uq_{table}_follows_id"), table, ["follows_id"])
    holds = {
        "funding_standing": "standing in ('certain', 'applied', 'refused')",
        "refused_was_applied_for": "standing <> 'refused' or follows_id is not null",
        "applied_for_once": "follows_id is null or standing <> 'applied'",
    }
    for name, condition in holds.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def downgrade() -> None:
    """What was told of changes would be lost."""
    raise NotImplementedError("What was told of changes is not thrown away.")
