"""When a guest asked to be forgotten, since when a company is suspended, what is not shown."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENTS = (
    ("customer_order", "forget_asked_at"),
    ("company", "suspended_at"),
    ("photo", "withheld_at"),
)

SUSPENDED = """
    update company set suspended_at = coalesce(
        (select max(at) from audit_entry
         where action = 'company.suspend' and subject_id = company.id::text), now())
    where state = 'suspended'
"""

# Photos of updates that were taken back before: nothing shows them any more.
WITHHELD = """
    update photo set withheld_at = now() where not exists (
        select from (
            select photo_id from company union all select photo_id from project
            union all select photo_id from product union all select photo_id from product_photo
            union all select photo_id from project_update_photo
            union all select receipt_id from spending
            union all select photo_id from outcome_evidence
        ) shown (id) where shown.id = photo.id
    )
"""


def upgrade() -> None:
    """Add the moments; for companies that are suspended as the audit log tells it."""
    for table, column in MOMENTS:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True)))
    op.execute(SUSPENDED)
    op.execute(WITHHELD)
    op.create_index(
        "ix_photo_withheld", "photo", ["key"], postgresql_where=sa.text("withheld_at is not null")
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_photo_withheld", "photo")
    for table, column in MOMENTS:
        op.drop_column(table, column)
