"""Who is behind projects and companies: papers, checks, concerns, handovers."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ONE_SUBJECT = "num_nonnulls(company_id, project_id) = 1"
PAPERS = (
    "statutes", "register_extract", "host_agreement", "mandate", "persons", "bank_proof", "other",
)  # fmt: skip
TABLES = (
    "concern_note", "concern", "verification", "verification_check", "asked_paper", "backing",
    "handover",
)  # fmt: skip

GUARD = """
create trigger stays before update or delete on verification_check
    for each row execute function deny_change();
create trigger stays_whole before truncate on verification_check
    for each statement execute function deny_change();
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on verification_check from causeway_app;
        revoke delete on verification, concern, concern_note, handover from causeway_app;
    end if;
end $$
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def uid(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def state(column: str, name: str, *values: str, nullable: bool = False) -> sa.Column:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(column, kind, nullable=nullable)


def link(table: str, column: str, target: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def fact(table: str, name: str, condition: str) -> sa.Constraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def make(table: str, *parts: sa.schema.SchemaItem, people: tuple[str, ...] = ()) -> None:
    """Make a table with an id and links to people."""
    op.create_table(
        table,
        uid("id"),
        *parts,
        *(link(table, column, "user_account") for column in people),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def subject(table: str, ondelete: str | None = None) -> tuple[sa.schema.SchemaItem, ...]:
    """Return what names a company or a project."""
    fact_name = "is_for_a_company_or_a_project" if ondelete else "is_of_a_company_or_a_project"
    return (
        uid("company_id", nullable=True),
        uid("project_id", nullable=True),
        link(table, "company_id", "company", ondelete),
        link(table, "project_id", "project", ondelete),
        fact(table, fact_name, ONE_SUBJECT),
    )


def make_papers() -> None:
    """Make the tables of recipients and of what they are asked for."""
    op.create_table(
        "backing",
        uid("project_id"),
        state("kind", "backing_kind", "organisation", "hosted_group", "group", "public_body"),
        text("register_entry"),
        text("host"),
        uid("changed_by_id"),
        moment("changed_at"),
        uid("consent_by_id", nullable=True),
        moment("consent_at", nullable=True),
        link("backing", "project_id", "project"),
        link("backing", "changed_by_id", "user_account"),
        link("backing", "consent_by_id", "user_account"),
        fact("backing", "a_hosted_group_has_one", "(kind = 'hosted_group') = (host <> '')"),
        fact(
            "backing",
            "somebody_consents_on_a_day",
            "(consent_by_id is null) = (consent_at is null)",
        ),
        fact(
            "backing",
            "entries_are_short",
            "length(register_entry) <= 200 and length(host) <= 200",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_backing")),
    )
    make(
        "asked_paper",
        uid("project_id"),
        state("kind", "asked_paper_kind", *PAPERS),
        text("what"),
        state("state", "asked_paper_state", "asked", "given", "accepted", "refused"),
        moment("asked_at"),
        uid("document_id", nullable=True),
        uid("given_by_id", nullable=True),
        moment("given_at", nullable=True),
        uid("decided_by_id", nullable=True),
        moment("decided_at", nullable=True),
        text("reason"),
        link("asked_paper", "project_id", "project"),
        link("asked_paper", "document_id", "document"),
        fact(
            "asked_paper", "what_is_given_has_a_file", "(state = 'asked') = (document_id is null)"
        ),
        fact("asked_paper", "refused_for_a_reason", "state <> 'refused' or reason <> ''"),
        fact("asked_paper", "another_paper_is_named", "kind <> 'other' or what <> ''"),
        people=("given_by_id", "decided_by_id"),
    )
    op.create_index(
        "uq_asked_paper_once",
        "asked_paper",
        ["project_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind <> 'other'"),
    )
    op.create_index(
        "ix_asked_paper_given",
        "asked_paper",
        ["given_at"],
        postgresql_where=sa.text("state = 'given'"),
    )
    op.create_index(op.f("ix_asked_paper_project_id"), "asked_paper", ["project_id"])


def make_checks() -> None:
    """Make the tables of checks and of what they carry."""
    make(
        "verification_check",
        *subject("verification_check"),
        state(
            "step",
            "verification_step",
            "register",
            "persons",
            "sanctions",
            "bank",
            "documents",
            "visit",
        ),
        state("result", "verification_result", "passed", "failed"),
        text("what"),
        sa.Column("list_on", sa.Date()),
        sa.Column("checked_on", sa.Date(), nullable=False),
        uid("checked_by_id"),
        moment("made_at"),
        fact(
            "verification_check",
            "a_list_has_a_day",
            "(step = 'sanctions') = (list_on is not null)",
        ),
        fact("verification_check", "what_is_short", "length(what) between 1 and 300"),
        people=("checked_by_id",),
    )
    make(
        "verification",
        *subject("verification"),
        state("level", "verification_level", "declared", "existence", "documents", "visited"),
        uid("decided_by_id"),
        moment("decided_at"),
        sa.Column("valid_until", sa.Date(), nullable=False),
        moment("reminded_at", nullable=True),
        people=("decided_by_id",),
    )
    op.create_index(op.f("ix_verification_valid_until"), "verification", ["valid_until"])


def make_concerns() -> None:
    """Make the tables of concerns and of what operators note about them."""
    make(
        "concern",
        *subject("concern"),
        text("body"),
        text("email"),
        uid("reporter_id", nullable=True),
        sa.Column("locale", sa.String(5), nullable=False),
        state("state", "concern_state", "new", "looking", "answered", "closed"),
        state(
            "outcome",
            "concern_outcome",
            "nothing_found",
            "put_right",
            "measures",
            "set_aside",
            nullable=True,
        ),
        text("answer"),
        moment("received_at"),
        moment("answered_at", nullable=True),
        moment("ended_at", nullable=True),
        fact("concern", "body_is_readable", "length(body) between 1 and 5000"),
        fact("concern", "email_is_lower_case", "email = lower(email)"),
        fact(
            "concern",
            "what_ended_has_an_outcome",
            "(state in ('answered', 'closed')) = (outcome is not null and ended_at is not null)",
        ),
        people=("reporter_id",),
    )
    op.create_index(op.f("ix_concern_reporter_id"), "concern", ["reporter_id"])
    op.create_index(
        "ix_concern_open",
        "concern",
        ["received_at"],
        postgresql_where=sa.text("state in ('new', 'looking')"),
    )
    make(
        "concern_note",
        uid("concern_id"),
        uid("author_id", nullable=True),
        text("body"),
        moment("at"),
        link("concern_note", "concern_id", "concern"),
        fact("concern_note", "body_is_readable", "length(body) between 1 and 5000"),
        people=("author_id",),
    )
    op.create_index(op.f("ix_concern_note_concern_id"), "concern_note", ["concern_id"])


def make_handovers() -> None:
    """Make the table of who answers since when."""
    make(
        "handover",
        *subject("handover", "CASCADE"),
        uid("to_id"),
        uid("by_id"),
        sa.Column("is_by_operator", sa.Boolean(), nullable=False),
        text("said"),
        moment("at"),
        fact("handover", "said_is_short", "length(said) <= 300"),
        fact("handover", "an_operator_says_why", "not is_by_operator or said <> ''"),
        people=("to_id", "by_id"),
    )


def upgrade() -> None:
    """Make the tables, and let papers be private."""
    op.add_column(
        "document",
        sa.Column("is_private", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("document", sa.Column("suffix", sa.Text(), nullable=False, server_default="pdf"))
    op.create_check_constraint(
        op.f("ck_document_is_readable"),
        "document",
        "suffix = 'pdf' or suffix = 'webp' and is_private",
    )
    op.add_column("invitation", sa.Column("said", sa.Text(), nullable=False, server_default=""))
    make_papers()
    make_checks()
    make_concerns()
    make_handovers()
    for table in ("verification_check", "verification", "concern", "handover"):
        for column in ("company_id", "project_id"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.execute(GUARD)


def downgrade() -> None:
    """Take them away; private papers have no place any more."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("invitation", "said")
    op.drop_constraint(op.f("ck_document_is_readable"), "document", type_="check")
    op.execute("delete from document where is_private")
    op.drop_column("document", "suffix")
    op.drop_column("document", "is_private")
