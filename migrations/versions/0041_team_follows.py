"""Follow teams, too, and hear of their challenges and captains."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

KINDS = ("update", "correction", "outcome", "spending", "report", "answer", "pledge")
NEW_KINDS = ("challenge", "reached", "not_reached", "captain")


def point_to_team(table: str) -> None:
    """Let a row be of a team."""
    op.add_column(table, sa.Column("team_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{table}_team_id"), table, "team", ["team_id"], ["id"], ondelete="CASCADE"
    )


def hold(table: str, name: str, said: str, *, again: bool = True) -> None:
    """Let a check say something, instead of what it said."""
    if again:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, said)


def upgrade() -> None:
    """Add the columns, and widen what holds of the tables."""
    for table in ("follow", "news"):
        point_to_team(table)
    op.create_index(op.f("ix_follow_team_id"), "follow", ["team_id"])
    op.create_unique_constraint(op.f("uq_follow_user_id_team_id"), "follow", ["user_id", "team_id"])
    hold(
        "follow",
        "is_of_one_thing",
        "num_nonnulls(project_id, company_id, person_id, team_id) = 1",
    )
    op.create_index("ix_news_team", "news", ["team_id", "at", "id"])
    hold("news", "is_of_one_thing", "num_nonnulls(project_id, company_id, team_id) = 1")
    hold("news", "names_nobody_of_a_team", "num_nonnulls(team_id, person_id) <= 1", again=False)
    listed = ", ".join(f"'{one}'" for one in (*KINDS, *NEW_KINDS))
    hold("news", "news_kind", f"kind in ({listed})")


def downgrade() -> None:
    """Who follows a team would be forgotten."""
    raise NotImplementedError("What people chose to follow is not thrown away.")
