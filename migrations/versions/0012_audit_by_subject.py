"""Find in the audit log what was done to a thing, or by a person, without reading all of it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two indexes of the operator's page."""
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id", "at"])
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_audit_entry_actor", table_name="audit_entry")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
