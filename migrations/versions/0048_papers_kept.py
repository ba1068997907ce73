"""The file of a paper that was given is kept for a time; that it was given stays."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TABLE = "asked_paper"


def upgrade() -> None:
    """Let a paper lose its file on a day that is written down."""
    op.add_column(TABLE, sa.Column("file_deleted_at", sa.DateTime(timezone=True), nullable=True))
    has_a_file = op.f(f"ck_{TABLE}_what_is_given_has_a_file")
    op.drop_constraint(has_a_file, TABLE, type_="check")
    op.create_check_constraint(
        has_a_file,
        TABLE,
        "(state = 'asked' or file_deleted_at is not null) = (document_id is null)",
    )
    op.create_check_constraint(
        op.f(f"ck_{TABLE}_only_what_was_given_is_deleted"),
        TABLE,
        "file_deleted_at is null or state <> 'asked'",
    )


def downgrade() -> None:
    """Files that were deleted do not come back."""
    raise NotImplementedError("Papers whose files were deleted cannot have one again.")
