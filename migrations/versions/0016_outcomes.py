"""What projects measure: indicators, values that stay, their proof and who looked at them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# What everybody was told stays: a correction is another row. A draft is its author's to change.
STAYS = """
create function outcome_stays() returns trigger language plpgsql as $$
begin
    if old.state = 'published' then
        raise exception 'a published value stays as it is' using errcode = '55000';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger stays before update or delete on outcome
    for each row execute function outcome_stays();

create function outcome_evidence_stays() returns trigger language plpgsql as $$
begin
    if exists (
        select from outcome where state = 'published' and id = case
            when tg_op = 'INSERT' then new.outcome_id else old.outcome_id end
    ) then
        raise exception 'the proof of a published value stays as it is' using errcode = '55000';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger stays before insert or update or delete on outcome_evidence
    for each row execute function outcome_evidence_stays();

create trigger append_only before update or delete on outcome_review
    for each row execute function deny_change();
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def one_of(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def link(table: str, column: str, target: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def make_indicators() -> None:
    """Make the tables of papers and of what is measured."""
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", sa.Uuid()),
        moment("created_at"),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_is_not_empty")),
        link("document", "uploaded_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("key", name=op.f("uq_document_key")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "unit", "code")),
        sa.Column("kind", one_of("indicator_kind", "adds level"), nullable=False),
        sa.Column("baseline", sa.Numeric(18, 4)),
        sa.Column("baseline_on", sa.Date()),
        sa.Column("target", sa.Numeric(18, 4)),
        sa.Column("target_on", sa.Date()),
        sa.Column("budget_line_id", sa.Uuid()),
        sa.Column("position", sa.Integer(), nullable=False),
        moment("created_at"),
        moment("ended_at", nullable=True),
        sa.CheckConstraint(
            "length(title) between 1 and 200", name=op.f("ck_indicator_title_is_short")
        ),
        sa.CheckConstraint(
            "length(unit) between 1 and 60", name=op.f("ck_indicator_unit_is_short")
        ),
        link("indicator", "project_id", "project", "CASCADE"),
        link("indicator", "budget_line_id", "budget_line", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
    )
    op.create_index("ix_indicator_project", "indicator", ["project_id", "position", "id"])


def make_outcomes() -> None:
    """Make the tables of values, proofs and reviews."""
    op.create_table(
        "outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Numeric(18, 4), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("method", "note")),
        sa.Column("state", one_of("outcome_state", "draft published"), nullable=False),
        sa.Column("corrects_id", sa.Uuid()),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        moment("created_at"),
        moment("published_at", nullable=True),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)",
            name=op.f("ck_outcome_published_has_a_time"),
        ),
        sa.CheckConstraint(
            "not is_withdrawn or corrects_id is not null",
            name=op.f("ck_outcome_only_a_correction_withdraws"),
        ),
        link("outcome", "indicator_id", "indicator", "CASCADE"),
        link("outcome", "corrects_id", "outcome"),
        link("outcome", "author_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_outcome_corrects_id")),
    )
    op.create_index("ix_outcome_indicator", "outcome", ["indicator_id", "measured_on", "id"])
    op.create_table(
        "outcome_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Uuid()),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("url", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(photo_id, document_id, url) = 1",
            name=op.f("ck_outcome_evidence_is_one_thing"),
        ),
        link("outcome_evidence", "outcome_id", "outcome", "CASCADE"),
        link("outcome_evidence", "photo_id", "photo"),
        link("outcome_evidence", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_evidence")),
    )
    op.create_index(op.f("ix_outcome_evidence_outcome_id"), "outcome_evidence", ["outcome_id"])
    op.create_table(
        "outcome_review",
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("role", one_of("reviewer_role", "owner operator"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        moment("at"),
        link("outcome_review", "outcome_id", "outcome", "CASCADE"),
        link("outcome_review", "reviewer_id", "user_account"),
        sa.PrimaryKeyConstraint("outcome_id", "reviewer_id", name=op.f("pk_outcome_review")),
    )


def upgrade() -> None:
    """Make the tables, and keep what everybody was told."""
    make_indicators()
    make_outcomes()
    op.get_bind().connection.driver_connection.execute(STAYS)


def downgrade() -> None:
    """Take the tables away."""
    for table in ("outcome_review", "outcome_evidence", "outcome", "indicator", "document"):
        op.drop_table(table)
    op.execute("drop function outcome_stays; drop function outcome_evidence_stays")
