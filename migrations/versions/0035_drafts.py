"""Let updates be drafts first, come by letter, be translated; words below photos."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def link(column: str, target: str, ondelete: str | None = None) -> sa.Column:
    """Return a column that names a row of another table; the table's name makes its own."""
    return sa.Column(
        column,
        sa.Uuid(),
        sa.ForeignKey(f"{target}.id", ondelete=ondelete),
        nullable=ondelete == "SET NULL",
    )


def words(name: str, kind: str, *values: str) -> sa.Column:
    states = sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, states, nullable=False)


def key() -> sa.Column:
    return sa.Column("id", sa.Uuid(), nullable=False, primary_key=True)


def position() -> sa.Column:
    return sa.Column("position", sa.Integer(), nullable=False)


def pair(table: str, *columns: sa.Column) -> None:
    """Make a table whose first two columns are its key."""
    op.create_table(table, *columns, sa.PrimaryKeyConstraint(columns[0].name, columns[1].name))


def make_drafts() -> None:
    """Make the tables of what is not out yet."""
    op.create_table(
        "update_draft",
        key(),
        link("project_id", "project", "CASCADE"),
        link("author_id", "user_account", "CASCADE"),
        text("title"),
        text("body"),
        sa.Column("language", sa.String(5), nullable=False),
        flag("is_setback"),
        sa.Column("spent", postgresql.JSONB(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), sa.ForeignKey("photo.id")),
        sa.Column("document_id", sa.Uuid(), sa.ForeignKey("document.id")),
        link("milestone_id", "milestone", "SET NULL"),
        link("outcome_id", "outcome", "SET NULL"),
        moment("publish_at", nullable=True),
        text("zone"),
        text("problem"),
        flag("is_by_mail"),
        moment("created_at"),
        moment("changed_at"),
    )
    for column in ("project_id", "author_id"):
        op.create_index(f"ix_update_draft_{column}", "update_draft", [column])
    draft = ("draft_id", "update_draft", "CASCADE")
    update = ("update_id", "project_update", "CASCADE")
    pair("update_draft_photo", link(*draft), link("photo_id", "photo"), position())
    for table, owner in (("update_draft_paper", draft), ("update_paper", update)):
        pair(table, link(*owner), link("document_id", "document"), text("title"), position())
    pair("update_outcome", link(*update), link("outcome_id", "outcome", "CASCADE"))


def make_letters() -> None:
    """Make the tables of what comes in by mail."""
    op.create_table(
        "writing_address",
        key(),
        link("project_id", "project", "CASCADE"),
        link("user_id", "user_account", "CASCADE"),
        moment("created_at"),
        moment("expires_at"),
        moment("revoked_at", nullable=True),
    )
    op.create_index("ix_writing_address_user_id", "writing_address", ["user_id"])
    op.create_index(
        "uq_writing_address_in_use",
        "writing_address",
        ["project_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
    )
    op.create_table(
        "received_letter",
        key(),
        link("address_id", "writing_address", "CASCADE"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        words("state", "letter_state", "waiting", "drafted", "refused", "ignored"),
        sa.Column("raw", sa.LargeBinary()),
        link("draft_id", "update_draft", "SET NULL"),
        moment("received_at"),
        sa.CheckConstraint("(state = 'waiting') = (raw is not null)", name="raw_goes"),
    )
    op.create_index("ix_received_letter_received_at", "received_letter", ["received_at"])
    op.create_index(
        "uq_received_letter_fingerprint",
        "received_letter",
        ["address_id", "fingerprint"],
        unique=True,
    )


def make_notices() -> None:
    """Make the table of when people were told that answers wait."""
    op.create_table(
        "answer_notice",
        sa.Column(
            "project_id",
            sa.Uuid(),
            sa.ForeignKey("project.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        moment("told_at"),
    )


def upgrade() -> None:
    """Make the tables, and say of updates in which language they are: their authors'."""
    make_drafts()
    make_letters()
    make_notices()
    op.add_column("photo", sa.Column("caption", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "project_update",
        sa.Column("language", sa.String(5), nullable=False, server_default="en"),
    )
    op.execute(
        "update project_update set language = author.locale from user_account author "
        "where author.id = author_id and author.locale <> 'en'"
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("project_update", "language")
    op.drop_column("photo", "caption")
    for table in (
        "answer_notice",
        "received_letter",
        "writing_address",
        "update_outcome",
        "update_paper",
        "update_draft_paper",
        "update_draft_photo",
        "update_draft",
    ):
        op.drop_table(table)
