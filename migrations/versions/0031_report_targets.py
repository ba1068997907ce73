"""Reports by official target, what a company puts in beside money, and which files were made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PARTS = (
    "opening",
    "selling",
    "giving",
    "time",
    "in_kind",
    "management",
    "projects",
    "months",
    "goals",
    "countries",
    "outcomes",
    "badly",
    "method",
    "sign_off",
)

# What is being written gets the new parts before its signature; they are not shown without words.
# What is published has none of them, and a new version of it gets them.
NEW_PARTS = """
insert into report_section (version_id, part, position, is_shown, text)
select version.id, new.part, last.place + new.place, true, ''
from report_version version
cross join lateral (
    select max(position) as place from report_section where version_id = version.id
) last
cross join unnest(array['time', 'in_kind', 'management']) with ordinality as new (part, place)
where version.state <> 'published';
update report_section set position = position + 4
from report_version version
where version.id = version_id and version.state <> 'published' and part = 'sign_off';
"""
GUARDS = """
create trigger append_only before update or delete on report_file
    for each row execute function deny_change();
alter table report_file enable always trigger append_only;
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on report_file from causeway_app;
    end if;
end $$;
"""


def upgrade() -> None:
    """Add the targets, the parts and the table of files."""
    targets = sa.Column("targets", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}")
    op.add_column("report_project", targets)
    named = op.f("ck_report_section_report_section_part")
    op.drop_constraint(named, "report_section", type_="check")
    allowed = ", ".join(f"'{part}'" for part in PARTS)
    op.create_check_constraint(named, "report_section", f"part in ({allowed})")
    op.get_bind().connection.driver_connection.execute(NEW_PARTS)
    op.create_table(
        "report_file",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["report_version.id"], name="fk_report_file_version_id"
        ),
        sa.PrimaryKeyConstraint("sha256", name="pk_report_file"),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_report_file_sha256_is_one")),
    )
    op.create_index("ix_report_file_version_id", "report_file", ["version_id"])
    op.get_bind().connection.driver_connection.execute(GUARDS)


def downgrade() -> None:
    """What was published by target would be lost."""
    raise NotImplementedError("What was published is not thrown away.")
