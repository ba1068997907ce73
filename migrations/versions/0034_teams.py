"""Teams, their people, challenges and complaints; links to what somebody gave."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def holds(table: str, name: str, condition: str) -> sa.Constraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def states(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def make_teams() -> None:
    """Make the table of teams."""
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), nullable=False),
        text("slug"),
        text("name"),
        sa.Column(
            "made_of",
            states("team_made_of", "friends", "school", "employees", "others"),
            nullable=False,
        ),
        text("about"),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        text("token"),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        moment("confirmed_at", nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid()),
        moment("created_at"),
        moment("suspended_at", nullable=True),
        text("suspended_reason"),
        moment("dissolved_at", nullable=True),
        refers("team", "company_id", "company"),
        refers("team", "confirmed_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("slug", name=op.f("uq_team_slug")),
        sa.UniqueConstraint("token", name=op.f("uq_team_token")),
        holds("team", "name_is_short", "length(name) between 3 and 80"),
        holds("team", "about_is_short", "length(about) <= 2000"),
        holds(
            "team", "confirmed_by_somebody", "(confirmed_at is null) = (confirmed_by_id is null)"
        ),
        holds("team", "confirmed_by_a_company", "confirmed_at is null or company_id is not null"),
        holds("team", "suspended_for_a_reason", "(suspended_at is null) = (suspended_reason = '')"),
    )
    op.create_index(op.f("ix_team_company_id"), "team", ["company_id"])
    op.create_index(
        "ix_team_listed",
        "team",
        ["name", "id"],
        postgresql_where=sa.text("is_public and suspended_at is null and dissolved_at is null"),
    )


def make_members() -> None:
    """Make the table of who is in a team from when until when."""
    op.create_table(
        "team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", states("team_role", "captain", "member"), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        moment("joined_at"),
        moment("left_at", nullable=True),
        sa.Column("is_removed", sa.Boolean(), nullable=False, server_default=sa.false()),
        refers("team_member", "team_id", "team"),
        refers("team_member", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        holds("team_member", "left_after_joining", "left_at is null or left_at >= joined_at"),
        holds("team_member", "removed_is_gone", "not is_removed or left_at is not null"),
    )
    op.create_index(op.f("ix_team_member_user_id"), "team_member", ["user_id"])
    op.create_index("ix_team_member_team_id", "team_member", ["team_id"])
    op.create_index(
        "ix_team_member_once",
        "team_member",
        ["team_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("left_at is null"),
    )
    op.create_index(
        "ix_team_member_one_captain",
        "team_member",
        ["team_id"],
        unique=True,
        postgresql_where=sa.text("left_at is null and role = 'captain'"),
    )


def make_challenges() -> None:
    """Make the tables of what teams set out to do, and of what somebody finds wrong."""
    op.create_table(
        "team_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        text("title"),
        sa.Column(
            "counts",
            states("team_challenge_counts", "pledge", "projects", "people"),
            nullable=False,
        ),
        sa.Column("goal", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        moment("created_at"),
        moment("withdrawn_at", nullable=True),
        refers("team_challenge", "team_id", "team"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_challenge")),
        holds("team_challenge", "goal_is_positive", "goal > 0"),
        holds("team_challenge", "ends_after_its_start", "starts_on <= ends_on"),
        holds("team_challenge", "title_is_short", "length(title) between 1 and 120"),
    )
    op.create_index(op.f("ix_team_challenge_team_id"), "team_challenge", ["team_id"])
    op.create_table(
        "team_complaint",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        text("why"),
        moment("made_at"),
        moment("settled_at", nullable=True),
        refers("team_complaint", "team_id", "team"),
        refers("team_complaint", "by_id", "user_account", "CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "by_id", name=op.f("pk_team_complaint")),
        holds("team_complaint", "why_is_readable", "length(why) between 1 and 1000"),
    )
    op.create_index(
        "ix_team_complaint_open",
        "team_complaint",
        ["made_at"],
        postgresql_where=sa.text("settled_at is null"),
    )


def make_shares() -> None:
    """Make the table of links to what somebody gave."""
    op.create_table(
        "impact_share",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        text("token"),
        sa.Column("shows_amounts", sa.Boolean(), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("is_indexed", sa.Boolean(), nullable=False),
        moment("made_at"),
        refers("impact_share", "user_id", "user_account", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_impact_share")),
        sa.UniqueConstraint("token", name=op.f("uq_impact_share_token")),
    )


def upgrade() -> None:
    """Make the tables."""
    make_teams()
    make_members()
    make_challenges()
    make_shares()


def downgrade() -> None:
    """Take them away with all that was said in them; no money hangs on it."""
    for table in ("impact_share", "team_complaint", "team_challenge", "team_member", "team"):
        op.drop_table(table)
