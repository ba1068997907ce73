"""The database: one session per thread, one place that commits."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, scoped_session, sessionmaker

from marketplace.core.cursors import Cursor
from marketplace.core.ids import new_id

APP_ROLE = "causeway_app"
"""The role the product works as: it may add to the ledger, never change it."""
MAY_BECOME = (
    "select exists (select from pg_roles where rolname = %s and pg_has_role(oid, 'member') "
    "and has_table_privilege(oid, to_regclass('public.alembic_version'), 'select'))"
)
"""A role that was made after the tables has no rights in them: then their owner goes on."""

CONNECT_SECONDS = 5
"""So long a connection is waited for; the page then says that we are busy."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """A table; each constraint is named for the fact that it protects."""

    metadata = sa.MetaData(naming_convention=NAMES)


Id = Annotated[uuid.UUID, mapped_column(primary_key=True, default=new_id)]
Moment = Annotated[dt.datetime, mapped_column(sa.DateTime(timezone=True))]
Minor = Annotated[int, mapped_column(sa.BigInteger)]
Text = Annotated[str, mapped_column(sa.Text)]
Currency = Annotated[str, mapped_column(sa.CHAR(3))]


def states(kind: type[enum.StrEnum], name: str) -> sa.Enum:
    """Return a text column that a CHECK holds to the values of an enum."""
    return sa.Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
    )


_make_session = sessionmaker(expire_on_commit=False)
session: scoped_session[Session] = scoped_session(_make_session)


def make_engine(dsn: str, *, pool_size: int = 8) -> sa.Engine:
    """Return an engine whose connections act as the product's own role where it exists.

    What is only read needs no transaction: each statement sees what is committed, as it would
    inside one, and the round trips for its begin and end are saved. `atomic` opens one.
    """
    url = sa.make_url(dsn).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_recycle=1800,
        pool_use_lifo=True,  # the connection used last has the plans of the most statements
        hide_parameters=True,  # they are personal data, and errors are logged
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        connect_args={
            "cursor_factory": Cursor,
            "prepare_threshold": 2,
            "application_name": "causeway",
            "connect_timeout": CONNECT_SECONDS,
        },
    )
    sa.event.listen(engine, "connect", _become_app_role)
    return engine


def _become_app_role(connection: object, _record: object) -> None:
    """Prepare a connection; one that breaks meanwhile is closed, as nobody else knows of it yet."""
    try:
        _prepare(connection.cursor())  # type: ignore[attr-defined]  # the driver's connection
        connection.commit()  # type: ignore[attr-defined]  # the driver's connection
    except BaseException:
        connection.close()  # type: ignore[attr-defined]  # the driver's connection
        raise


def _prepare(cursor: psycopg.Cursor[tuple[bool]]) -> None:
    cursor.execute(MAY_BECOME, (APP_ROLE,))
    if (cursor.fetchone() or (False,))[0]:
        cursor.execute(f"set role {APP_ROLE}")
    cursor.execute("set jit = off; set timezone = 'UTC'")
    cursor.execute("set pg_trgm.word_similarity_threshold = 0.45")  # of `catalog`'s second guess
    cursor.close()


def bind(engine: sa.Engine | sa.Connection, *, inside_savepoint: bool = False) -> None:
    """Let every session of this process work on `engine`.

    `inside_savepoint` is for tests: what commits then only ends a savepoint of the connection.
    """
    session.remove()
    mode = "create_savepoint" if inside_savepoint else "conditional_savepoint"
    _make_session.configure(bind=engine, join_transaction_mode=mode)


class NestedTransaction(RuntimeError):
    """`atomic()` was entered inside `atomic()`: two edges, which is a bug."""


@contextmanager
def atomic() -> Iterator[Session]:
    """Run one use case: commit if it returns, roll back if it raises. It does not nest.

    Whatever was read before (by the sign-in loader, say) is let go first, so that the use case
    sees the present.

    :raises NestedTransaction: inside another `atomic()`.
    """
    current = session()
    if current.info.get("atomic"):
        raise NestedTransaction
    current.info["atomic"] = True
    if isinstance(current.get_bind(), sa.Engine):  # tests are inside a transaction of their own
        current.commit()
        current.connection(execution_options={"isolation_level": "READ COMMITTED"})
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info["atomic"] = False


@contextmanager
def snapshot() -> Iterator[Session]:
    """Read over several statements as things stood at one moment; nothing can be written.

    :raises NestedTransaction: inside an `atomic()`.
    """
    with atomic() as current:
        if isinstance(current.get_bind(), sa.Engine):  # tests are inside a transaction of their own
            current.execute(sa.text("set transaction isolation level repeatable read, read only"))
        yield current


def violated(error: sa.exc.IntegrityError) -> str | None:
    """Return the name of the constraint that refused a statement, if the server named it."""
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
