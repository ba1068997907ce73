"""Questions about projects and companies, beside those about reports."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

RENAMED = {
    "question": (
        "pk",
        "fk_asker_id",
        "fk_answered_by_id",
        "fk_report_id",
        "ck_body_is_readable",
        "ck_answer_is_readable",
        "ck_answered_by_somebody",
    ),
    "question_complaint": ("pk", "fk_question_id", "fk_by_id", "ck_why_is_readable"),
}
"""Constraints, without the table's name."""
OLD = {"question": "report_question", "question_complaint": "report_complaint"}
ABOUT = "num_nonnulls(report_id, project_id, company_id) = 1"


def named(kind: str, table: str) -> str:
    """Return a constraint's name in a table of this name."""
    prefix, _between, rest = kind.partition("_")
    return "_".join(filter(None, (prefix, table, rest)))


LETTERS = {
    "report_question_mails": "question_mails",
    "report_answer_mail": "question_answer_mail",
}
"""Jobs that may be waiting."""


KINDS = {"report_question": "question", "report_answer": "question_answer"}
"""Letters that somebody may have refused."""


def rename() -> None:
    """Give tables, constraints, indexes and waiting jobs their other names."""
    for new, old in OLD.items():
        op.rename_table(old, new)
        for kind in RENAMED[new]:
            was, now = named(kind, old), named(kind, new)
            op.execute(f"alter table {new} rename constraint {was} to {now}")
    op.execute("alter index ix_report_question_newest rename to ix_question_report")
    op.execute("alter index ix_report_complaint_open rename to ix_question_complaint_open")
    for was, now in LETTERS.items():
        op.execute(
            f"update procrastinate_jobs set task_name = '{now}' "  # our own words
            f"where task_name = '{was}' and status = 'todo'"
        )
    for was, now in KINDS.items():
        op.execute(
            f"update unwanted_letter set kind = '{now}' "  # our own words
            f"where kind = '{was}'"
        )


def upgrade() -> None:
    """Let a question be about a project or a company, too."""
    rename()
    op.alter_column("question", "report_id", nullable=True)
    op.add_column(
        "question", sa.Column("hidden_because", sa.Text(), nullable=False, server_default="")
    )
    for about in ("project", "company"):
        op.add_column("question", sa.Column(f"{about}_id", sa.Uuid()))
        op.create_foreign_key(
            op.f(f"fk_question_{about}_id"), "question", about, [f"{about}_id"], ["id"]
        )
        op.create_index(f"ix_question_{about}", "question", [f"{about}_id", "asked_at", "id"])
    op.create_check_constraint(op.f("ck_question_is_about_one_thing"), "question", ABOUT)


def downgrade() -> None:
    """What was asked about projects and companies would be lost."""
    raise NotImplementedError("What readers asked is not thrown away.")
