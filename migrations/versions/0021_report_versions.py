"""Reports in versions and parts, reviewed by a second person, with each figure by its query."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STATES = ("draft", "in_review", "reviewed", "published")
PARTS = (
    "opening",
    "selling",
    "giving",
    "projects",
    "months",
    "goals",
    "countries",
    "outcomes",
    "badly",
    "method",
    "sign_off",
)

# What was published stays: its words, its figures, and what its projects were.
GUARDS = """
create function keep_published_version() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if old.state = 'published' then
        raise exception 'what is published stays as it is: % of a report refused', tg_op;
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;

create function keep_published_part() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    version uuid := case tg_op when 'DELETE' then old.version_id else new.version_id end;
begin
    if exists (select from report_version where id = version and state = 'published') then
        raise exception 'what is published stays as it is: % of % refused', tg_op, tg_table_name;
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;

create trigger stays before update or delete on report_version
    for each row execute function keep_published_version();
create trigger stays before insert or update or delete on report_section
    for each row execute function keep_published_part();
create trigger stays before insert or update or delete on report_project
    for each row execute function keep_published_part();
create trigger stays before update on report for each row execute function deny_change();
alter table report_version enable always trigger stays;
alter table report_section enable always trigger stays;
alter table report_project enable always trigger stays;
alter table report enable always trigger stays;
"""

# What there was becomes the first version; its figures were taken by the first definition.
FIGURES = """
    select coalesce(jsonb_agg(jsonb_build_object(
        'figure', figure, 'by', by, 'of', of, 'label', label, 'amount', amount)), '[]')
    from (
        select figure, 'all', '', '', amount from (values
            ('sales', (figures ->> 'sales_minor')::bigint),
            ('returned', (figures ->> 'returned_minor')::bigint),
            ('kept', (figures ->> 'sales_minor')::bigint - (figures ->> 'returned_minor')::bigint),
            ('net_sales', (figures ->> 'net_sales_minor')::bigint),
            ('vat', (figures ->> 'sales_minor')::bigint - (figures ->> 'returned_minor')::bigint
                - (figures ->> 'net_sales_minor')::bigint),
            ('given', (figures ->> 'given_minor')::bigint),
            ('pending', (figures ->> 'pending_minor')::bigint),
            ('confirmed', (figures ->> 'confirmed_minor')::bigint),
            ('top_up', (figures ->> 'top_up_minor')::bigint)
        ) total (figure, amount)
        union all
        select 'given', 'project', one ->> 'slug', one ->> 'title', (one ->> 'amount_minor')::bigint
        from jsonb_array_elements(figures -> 'projects') one
        union all
        select 'given', 'month', one ->> 'month', '', (one ->> 'amount_minor')::bigint
        from jsonb_array_elements(figures -> 'months') one
    ) row (figure, by, of, label, amount) where amount is not null
"""
MOVE = f"""
insert into report_version (id, report_id, number, state, revision, title, countries, reason,
    query_version, as_of, last_transaction_id, figures, note, submitted_by_id, submitted_at,
    reviewed_as, published_by_id, published_at, signed_as, created_at)
select gen_random_uuid(), id, 1, state, 0, title, '{{}}', '', 1, as_of, last_transaction_id,
    case when state = 'published' then ({FIGURES}) else '[]' end, '', published_by_id, published_at,
    '', published_by_id, published_at, '', created_at
from report;

insert into report_section (version_id, part, position, is_shown, text)
select version.id, part.name, part.place - 1,
    part.name in ('opening', 'giving', 'projects', 'months', 'badly', 'method', 'sign_off'),
    case part.name when 'opening' then report.message when 'badly' then report.done_badly
        else '' end
from report_version version
join report on report.id = version.report_id
cross join unnest(array[{", ".join(repr(part) for part in PARTS)}]) with ordinality
    as part (name, place);

insert into report_project (version_id, project_id, slug, title, organisation, country, goal, sdgs,
    cost_minor)
select version.id, project.id, project.slug, project.title, project.organisation, project.country,
    cause.sdg, project.sdgs, project.goal_minor
from report_version version
cross join jsonb_to_recordset(version.figures) as told (by text, of text)
join project on project.slug = told.of and told.by = 'project'
join cause on cause.id = project.cause_id
where version.state = 'published';
"""  # our own constants


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    """Return a text column that a CHECK holds to some values."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    """Return a column of moments."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def person(name: str) -> list[sa.Column[object]]:
    """Return a column that names a person, with when they did it."""
    user = sa.ForeignKey("user_account.id", name=f"fk_report_version_{name}_by_id")
    return [sa.Column(f"{name}_by_id", sa.Uuid(), user, nullable=True), moment(f"{name}_at")]


def upgrade() -> None:
    """Give each report versions."""
    make_versions()
    make_parts()
    op.execute(MOVE)
    op.get_bind().connection.driver_connection.execute(GUARDS)
    for name in ("published_has_a_date", "published_has_an_end", "report_state"):
        op.drop_constraint(op.f(f"ck_report_{name}"), "report", type_="check")
    gone = (
        "title",
        "message",
        "done_badly",
        "state",
        "as_of",
        "last_transaction_id",
        "figures",
        "published_by_id",
        "published_at",
    )
    for name in gone:
        op.drop_column("report", name)


def make_versions() -> None:
    """Add the table of versions."""
    op.create_table(
        "report_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", one_of(STATES, "report_version_state"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.CHAR(2)), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("query_version", sa.Integer(), nullable=False),
        moment("as_of"),
        sa.Column("last_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *person("submitted"),
        *person("reviewed"),
        sa.Column("reviewed_as", sa.Text(), nullable=False),
        *person("published"),
        sa.Column("signed_as", sa.Text(), nullable=False),
        moment("created_at", nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_version_report_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report_version"),
        sa.UniqueConstraint("report_id", "number", name="uq_report_version_report_id_number"),
        sa.CheckConstraint("number > 0", name=op.f("ck_report_version_number_is_positive")),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)",
            name=op.f("ck_report_version_published_has_a_date"),
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (last_transaction_id is null)",
            name=op.f("ck_report_version_figures_have_an_end"),
        ),
        sa.CheckConstraint(
            "state <> 'reviewed' or reviewed_by_id is not null",
            name=op.f("ck_report_version_reviewed_by_somebody"),
        ),
        sa.CheckConstraint(
            "reviewed_by_id is null or reviewed_by_id is distinct from submitted_by_id",
            name=op.f("ck_report_version_reviewed_by_another"),
        ),
        sa.CheckConstraint(
            "number = 1 or state = 'draft' or reason <> ''",
            name=op.f("ck_report_version_restated_for_a_reason"),
        ),
    )
    op.create_index(
        "uq_report_version_open",
        "report_version",
        ["report_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'published'"),
    )


def of_version(table: str) -> sa.ForeignKeyConstraint:
    """Return what ties a part to its version."""
    return sa.ForeignKeyConstraint(
        ["version_id"], ["report_version.id"], name=f"fk_{table}_version_id", ondelete="CASCADE"
    )


def make_parts() -> None:
    """Add the tables of what belongs to a version."""
    op.create_table(
        "report_section",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("part", one_of(PARTS, "report_section_part"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        of_version("report_section"),
        sa.PrimaryKeyConstraint("version_id", "part", name="pk_report_section"),
        sa.CheckConstraint(
            "length(text) <= 20000", name=op.f("ck_report_section_text_is_readable")
        ),
    )
    op.create_table(
        "report_project",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("country", sa.CHAR(2), nullable=True),
        sa.Column("goal", sa.Integer(), nullable=False),
        sa.Column("sdgs", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        of_version("report_project"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_report_project_project_id"
        ),
        sa.PrimaryKeyConstraint("version_id", "project_id", name="pk_report_project"),
    )
    op.create_table(
        "report_drift",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        moment("asked_at", nullable=False),
        of_version("report_drift"),
        sa.PrimaryKeyConstraint("version_id", name="pk_report_drift"),
    )


def downgrade() -> None:
    """Versions are not folded back into one."""
    raise NotImplementedError("What was restated would be lost.")
