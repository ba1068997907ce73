"""Alembic's environment: our models against the database that `core.migrate` names."""

import sqlalchemy as sa
from alembic import context

from marketplace.core.db import Base

MIGRATION_LOCK = 5_283_940_112


def is_ours(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Leave alone what the job queue and the sandbox own."""
    return not (kind == "table" and reflected and (name or "").startswith("procrastinate_"))


def run() -> None:
    """Migrate while holding a lock: two starts at once must not both do it."""
    url = sa.make_url(context.config.attributes["dsn"]).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=is_ours,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
