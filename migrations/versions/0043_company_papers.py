"""Companies say what they are and hand in papers, too."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BACKED_BY = ("organisation", "hosted_group", "group", "public_body", "company", "sole_trader")
PAPERS = (
    *("statutes", "register_extract", "host_agreement", "mandate", "persons", "bank_proof"),
    *("trade_proof", "other"),
)
ONE_SUBJECT = "num_nonnulls(company_id, project_id) = 1"


def widen(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    """Let a column hold more words."""
    listed = ", ".join(f"'{one}'" for one in values)
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({listed})")


def allow_companies(table: str) -> None:
    """Let a row be of a company."""
    op.alter_column(table, "project_id", nullable=True)
    op.add_column(table, sa.Column("company_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_company_id"), table, "company", ["company_id"], ["id"])
    op.create_check_constraint(op.f(f"ck_{table}_is_of_a_company_or_a_project"), table, ONE_SUBJECT)


def upgrade() -> None:
    """Give what stands behind something a name of its own, and let both be of companies."""
    op.add_column("backing", sa.Column("id", sa.Uuid(), nullable=True))
    op.execute("update backing set id = gen_random_uuid()")
    op.alter_column("backing", "id", nullable=False)
    op.drop_constraint(op.f("pk_backing"), "backing", type_="primary")
    op.create_primary_key(op.f("pk_backing"), "backing", ["id"])
    for table in ("backing", "asked_paper"):
        allow_companies(table)
    for column in ("company_id", "project_id"):
        op.create_unique_constraint(op.f(f"uq_backing_{column}"), "backing", [column])
    op.create_index(op.f("ix_asked_paper_company_id"), "asked_paper", ["company_id"])
    op.create_index(
        "uq_asked_paper_once_company",
        "asked_paper",
        ["company_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind <> 'other'"),
    )
    widen("backing", "kind", "backing_kind", BACKED_BY)
    widen("asked_paper", "kind", "asked_paper_kind", PAPERS)


def downgrade() -> None:
    """What companies handed in would be lost."""
    raise NotImplementedError("Papers that somebody handed in are not thrown away.")
