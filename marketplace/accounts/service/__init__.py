"""What changes accounts: one function for each use case."""

from marketplace.accounts.service.audit import record
from marketplace.accounts.service.limits import allow, forgive, purge_limits
from marketplace.accounts.service.sessions import (
    begin_session,
    note_seen,
    purge_sessions,
    revoke_session,
    revoke_sessions,
    rotate_session,
)

__all__ = [
    "allow",
    "begin_session",
    "forgive",
    "note_seen",
    "purge_limits",
    "purge_sessions",
    "record",
    "revoke_session",
    "revoke_sessions",
    "rotate_session",
]
