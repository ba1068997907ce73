"""Follow projects from elsewhere: keys, servers and people, what goes to and fro, comments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = (
    *("update_comment", "delivery", "remote_follow", "outgoing_activity", "federation_key"),
    *("remote_report", "remote_actor", "federation_block", "remote_host", "incoming_activity"),
)
"""In the order in which they can be taken away."""


def make_own() -> None:
    """Make what is ours: keys, blocks, what we tell, what waits to be read."""
    op.create_table(
        "federation_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("public_pem", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_federation_key_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_key")),
    )
    op.create_index(
        "uq_federation_key_project_id",
        "federation_key",
        ["project_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "federation_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_federation_block_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_block")),
        sa.UniqueConstraint("target", name=op.f("uq_federation_block_target")),
    )
    op.create_table(
        "outgoing_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("update_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_outgoing_activity_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_activity")),
    )
    op.create_index(op.f("ix_outgoing_activity_created_at"), "outgoing_activity", ["created_at"])
    op.create_index("ix_outgoing_activity_project_id", "outgoing_activity", ["project_id"])
    op.create_index("ix_outgoing_activity_update_id", "outgoing_activity", ["update_id", "id"])
    op.create_table(
        "incoming_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_activity")),
    )


def make_others() -> None:
    """Make servers and people elsewhere, and what they follow and report."""
    op.create_table(
        "remote_host",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_remote_host")),
    )
    op.create_table(
        "remote_actor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("shared_inbox", sa.Text(), nullable=False),
        sa.Column("keys", postgresql.JSONB(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host"], ["remote_host.host"], name=op.f("fk_remote_actor_host")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_actor")),
        sa.UniqueConstraint("uri", name=op.f("uq_remote_actor_uri")),
    )
    op.create_index(op.f("ix_remote_actor_host"), "remote_actor", ["host"])
    op.create_table(
        "remote_follow",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("follow_uri", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["remote_actor.id"],
            name=op.f("fk_remote_follow_actor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_remote_follow_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "actor_id", name=op.f("pk_remote_follow")),
    )
    op.create_index(op.f("ix_remote_follow_actor_id"), "remote_follow", ["actor_id"])
    op.create_table(
        "remote_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("about", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["user_account.id"], name=op.f("fk_remote_report_closed_by_id")
        ),
        sa.ForeignKeyConstraint(["host"], ["remote_host.host"], name=op.f("fk_remote_report_host")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_report")),
        sa.UniqueConstraint("uri", name=op.f("uq_remote_report_uri")),
    )
    op.create_index("ix_remote_report_open", "remote_report", ["closed_at", "id"])


def make_traffic() -> None:
    """Make deliveries and comments."""
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "delivered",
                "failed",
                name="delivery_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["outgoing_activity.id"],
            name=op.f("fk_delivery_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["host"], ["remote_host.host"], name=op.f("fk_delivery_host")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_host", "delivery", ["host", "state"])
    op.create_index("ix_delivery_state", "delivery", ["state", "id"])
    op.create_index(
        "uq_delivery_activity_id_inbox", "delivery", ["activity_id", "inbox"], unique=True
    )
    op.create_table(
        "update_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "shown",
                "refused",
                name="comment_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at is null)",
            name=op.f("ck_update_comment_decided_has_its_time"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["remote_actor.id"],
            name=op.f("fk_update_comment_actor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_update_comment_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_update_comment_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_update_comment_update_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_update_comment")),
        sa.UniqueConstraint("uri", name=op.f("uq_update_comment_uri")),
    )
    op.create_index(op.f("ix_update_comment_actor_id"), "update_comment", ["actor_id"])
    op.create_index(
        "ix_update_comment_shown", "update_comment", ["update_id", "state", "published_at", "id"]
    )
    op.create_index("ix_update_comment_state", "update_comment", ["state", "id"])
    op.create_index("ix_update_comment_waiting", "update_comment", ["project_id", "state", "id"])


def upgrade() -> None:
    """Add the tables, which are empty until somebody elsewhere follows a project."""
    make_own()
    make_others()
    make_traffic()


def downgrade() -> None:
    """Take them away."""
    for table in TABLES:
        op.drop_table(table)
