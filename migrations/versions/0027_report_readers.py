"""What reports claim of outcomes, what readers ask about reports, what is an abuse of that."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# All that companies claim of an outcome, and what is paid for elsewhere, is at most the whole of
# it. Whoever claims waits for the others. Of a company's several reports the greatest claim counts;
# a version that was restated claims nothing any more.
GUARDS = """
create function outcome_claimed(outcome uuid, apart uuid) returns bigint
language sql stable set search_path = public, pg_temp as $$
    select coalesce(sum(share), 0)::bigint from (
        select max(claim.share_ppm) as share
        from report_claim claim join report_version version on version.id = claim.version_id
        where claim.outcome_id = outcome and claim.company_id is distinct from apart
          and not exists (
              select from report_version later
              where later.report_id = version.report_id and later.number > version.number
                and later.state = 'published')
        group by claim.company_id
    ) company
$$;

create function claims_within_the_whole() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    elsewhere bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('outcome:' || new.outcome_id, 0));
    select ceil(coalesce(sum(amount_minor), 0) * 1000000.0 / new.cost_minor) into elsewhere
    from funding_elsewhere where project_id = new.project_id;
    if outcome_claimed(new.outcome_id, new.company_id) + new.share_ppm + elsewhere > 1000000 then
        raise exception 'all claims of an outcome are at most the whole of it'
            using errcode = '23514', constraint = 'claims_within_the_whole';
    end if;
    return new;
end $$;

create function funding_within_the_whole() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    claimed record;
    elsewhere bigint;
begin
    for claimed in
        select outcome_id, max(cost_minor) as cost_minor from report_claim
        where project_id = new.project_id group by outcome_id order by outcome_id
    loop
        perform pg_advisory_xact_lock(hashtextextended('outcome:' || claimed.outcome_id, 0));
        select ceil((coalesce(sum(amount_minor), 0) + new.amount_minor) * 1000000.0
            / claimed.cost_minor) into elsewhere
        from funding_elsewhere where project_id = new.project_id;
        if outcome_claimed(claimed.outcome_id, null) + elsewhere > 1000000 then
            raise exception 'all claims of an outcome are at most the whole of it'
                using errcode = '23514', constraint = 'claims_within_the_whole';
        end if;
    end loop;
    return new;
end $$;

create trigger within_the_whole before insert on report_claim
    for each row execute function claims_within_the_whole();
create trigger stays before insert or delete on report_claim
    for each row execute function keep_published_part();
create trigger unchanged before update on report_claim
    for each row execute function deny_change();
create trigger within_the_whole before insert on funding_elsewhere
    for each row execute function funding_within_the_whole();
create trigger append_only before update or delete on funding_elsewhere
    for each row execute function deny_change();
alter table report_claim enable always trigger within_the_whole;
alter table report_claim enable always trigger stays;
alter table report_claim enable always trigger unchanged;
alter table funding_elsewhere enable always trigger within_the_whole;
alter table funding_elsewhere enable always trigger append_only;
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on funding_elsewhere from causeway_app;
        revoke delete on report_question, report_complaint from causeway_app;
    end if;
end $$;
"""


def moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    """Return a column of moments."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str) -> sa.Column[object]:
    """Return a column of words."""
    return sa.Column(name, sa.Text(), nullable=False)


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    """Return what ties a column to another table's rows."""
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def holds(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """Return a fact about a table's rows."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    """Add the tables, and what the database refuses."""
    make_claims()
    make_questions()
    op.get_bind().connection.driver_connection.execute(GUARDS)


def make_claims() -> None:
    """Add what is claimed, and what is paid for elsewhere."""
    op.create_table(
        "report_claim",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        text("title"),
        text("unit"),
        sa.Column("value", sa.Numeric(18, 4), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        text("method"),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("proofs", sa.Integer(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_ppm", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["report_version.id"],
            name="fk_report_claim_version_id",
            ondelete="CASCADE",
        ),
        refers("report_claim", "outcome_id", "outcome"),
        refers("report_claim", "company_id", "company"),
        refers("report_claim", "project_id", "project"),
        sa.PrimaryKeyConstraint("version_id", "outcome_id", name="pk_report_claim"),
        holds("report_claim", "share_is_a_part", "share_ppm between 0 and 1000000"),
        holds("report_claim", "paid_of_cost", "0 <= paid_minor and paid_minor <= cost_minor"),
        holds("report_claim", "cost_is_positive", "cost_minor > 0"),
    )
    for column in ("outcome_id", "project_id"):
        op.create_index(f"ix_report_claim_{column}", "report_claim", [column])
    op.create_table(
        "funding_elsewhere",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        text("funder"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("declared_by_id", sa.Uuid(), nullable=False),
        moment("declared_at", nullable=False),
        refers("funding_elsewhere", "project_id", "project"),
        refers("funding_elsewhere", "declared_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_funding_elsewhere"),
        holds("funding_elsewhere", "amount_is_positive", "amount_minor > 0"),
        holds("funding_elsewhere", "funder_is_short", "length(funder) between 1 and 200"),
    )
    op.create_index("ix_funding_elsewhere_project_id", "funding_elsewhere", ["project_id"])


def make_questions() -> None:
    """Add what readers ask, and what they complain of."""
    op.create_table(
        "report_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        text("body"),
        moment("asked_at", nullable=False),
        text("answer"),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        text("answered_as"),
        moment("answered_at"),
        moment("hidden_at"),
        refers("report_question", "report_id", "report"),
        refers("report_question", "asker_id", "user_account"),
        refers("report_question", "answered_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_report_question"),
        holds("report_question", "body_is_readable", "length(body) between 1 and 1000"),
        holds("report_question", "answer_is_readable", "length(answer) <= 3000"),
        holds(
            "report_question",
            "answered_by_somebody",
            "(answer <> '') = (answered_at is not null and answered_by_id is not null)",
        ),
    )
    op.create_index("ix_report_question_newest", "report_question", ["report_id", "asked_at", "id"])
    op.create_table(
        "report_complaint",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        text("why"),
        moment("made_at", nullable=False),
        moment("settled_at"),
        refers("report_complaint", "question_id", "report_question"),
        refers("report_complaint", "by_id", "user_account"),
        sa.PrimaryKeyConstraint("question_id", "by_id", name="pk_report_complaint"),
        holds("report_complaint", "why_is_readable", "length(why) between 1 and 1000"),
    )
    op.create_index(
        "ix_report_complaint_open",
        "report_complaint",
        ["made_at"],
        postgresql_where=sa.text("settled_at is null"),
    )


def downgrade() -> None:
    """What was asked, answered and claimed would be lost."""
    raise NotImplementedError("What readers asked is not thrown away.")
