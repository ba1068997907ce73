"""Rows that a statement of ours has written together with others."""

from sqlalchemy.orm import make_transient_to_detached

from marketplace.core.db import Base, session


def keep(row: Base) -> None:
    """Let the session know a row that was just written, as if it had read it."""
    make_transient_to_detached(row)
    session.add(row)
