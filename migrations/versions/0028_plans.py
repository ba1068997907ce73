"""What projects plan: story, milestones, targets, needs; pauses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STATES = "'proposed', 'open', 'full', 'closed', 'suspended', 'paused', 'archived'"


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def link(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def make(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Make a table whose rows belong to a project, in an order."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("position", sa.Integer(), nullable=False),
        link(table, "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_project_id"), table, ["project_id"])


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def make_plans() -> None:
    """Make the tables of the plan."""
    make("story_section", text("title"), text("body"))
    make(
        "milestone",
        text("title"),
        sa.Column("due_on", sa.Date()),
        sa.Column("reached_on", sa.Date()),
        sa.Column("update_id", sa.Uuid()),
        link("milestone", "update_id", "project_update", "SET NULL"),
    )
    kinds = ("time", "skill", "thing", "lift", "hosting")
    make(
        "need",
        sa.Column(
            "kind",
            sa.Enum(*kinds, name="need_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        text("title"),
        sa.Column("until_on", sa.Date()),
        moment("created_at"),
        moment("closed_at", nullable=True),
    )
    op.create_table(
        "need_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        text("message"),
        sa.Column("shares_email", sa.Boolean(), nullable=False, server_default=sa.false()),
        moment("created_at"),
        link("need_answer", "need_id", "need"),
        link("need_answer", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_answer")),
        sa.UniqueConstraint("need_id", "user_id", name=op.f("uq_need_answer_need_id_user_id")),
    )
    op.create_index(op.f("ix_need_answer_user_id"), "need_answer", ["user_id"])


def make_givers() -> None:
    """Make the table of who made projects possible."""
    op.create_table(
        "project_giver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("purchases", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        moment("counted_at"),
        link("project_giver", "project_id", "project"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_project_giver_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_giver")),
    )
    op.create_index("ix_project_giver_most", "project_giver", ["project_id", "amount_minor"])


def widen_projects() -> None:
    """Let projects be paused, name targets, mark lines and updates."""
    op.add_column(
        "project",
        sa.Column("sdg_targets", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.add_column("project", moment("reminded_at", nullable=True))
    for table, column in (("project_update", "is_setback"), ("budget_line", "is_minimum")):
        op.add_column(
            table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.drop_constraint(op.f("ck_project_project_state"), "project", type_="check")
    op.create_check_constraint(op.f("ck_project_project_state"), "project", f"state in ({STATES})")


def upgrade() -> None:
    """Make the tables, and widen those that are there."""
    make_plans()
    make_givers()
    widen_projects()


def downgrade() -> None:
    """Take away what was planned; what is paused is open again."""
    for table in (
        "project_giver",
        "need_answer",
        "need",
        "other_funding",
        "milestone",
        "story_section",
    ):
        op.drop_table(table)
    op.execute("update project set state = 'open' where state = 'paused'")
    for table, column in (
        ("project", "sdg_targets"),
        ("project", "reminded_at"),
        ("project_update", "is_setback"),
        ("budget_line", "is_minimum"),
    ):
        op.drop_column(table, column)
