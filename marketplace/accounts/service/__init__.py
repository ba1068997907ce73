"""What changes accounts: one function for each use case."""

from marketplace.accounts.service.audit import record
from marketplace.accounts.service.limits import allow, forgive, purge_limits
from marketplace.accounts.service.links import Links
from marketplace.accounts.service.passwords import hash_password, make_cheap
from marketplace.accounts.service.people import (
    LinkUsed,
    WrongCredentials,
    admit,
    ask_email_change,
    ask_reset,
    ask_sign_up,
    authenticate,
    block,
    change_email,
    change_password,
    change_profile,
    require_password,
    reset_password,
    tell_of_change,
    unblock,
)
from marketplace.accounts.service.recovery import are_own_codes, issue_codes
from marketplace.accounts.service.second_factor import (
    WrongCode,
    drop,
    enrol,
    otpauth_uri,
    propose_secret,
    prove,
    renew_codes,
    take_away,
)
from marketplace.accounts.service.sessions import (
    begin_session,
    note_seen,
    purge_sessions,
    revoke_session,
    revoke_sessions,
    rotate_session,
)
from marketplace.accounts.service.tokens import issue_token, note_used, revoke_token

__all__ = [
    "LinkUsed",
    "Links",
    "WrongCode",
    "WrongCredentials",
    "admit",
    "allow",
    "are_own_codes",
    "ask_email_change",
    "ask_reset",
    "ask_sign_up",
    "authenticate",
    "begin_session",
    "block",
    "change_email",
    "change_password",
    "change_profile",
    "drop",
    "enrol",
    "forgive",
    "hash_password",
    "issue_codes",
    "issue_token",
    "make_cheap",
    "note_seen",
    "note_used",
    "otpauth_uri",
    "propose_secret",
    "prove",
    "purge_limits",
    "purge_sessions",
    "record",
    "renew_codes",
    "require_password",
    "reset_password",
    "revoke_session",
    "revoke_sessions",
    "revoke_token",
    "rotate_session",
    "take_away",
    "tell_of_change",
    "unblock",
]
