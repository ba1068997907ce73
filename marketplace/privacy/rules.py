"""What stands where a person was named, and what is never handed out."""

GONE_NAME = "\N{EM DASH}"
"""Stands where a name stood; it says the same in every language."""
GONE_DOMAIN = "erased.invalid"
"""No letter is ever sent there (RFC 2606)."""

SECRET = ("hash", "secret", "token", "checkout_key")
"""Columns whose names hold one of these are never handed out: they open doors."""


def is_secret(column: str) -> bool:
    """Say whether a column must not be handed out, not even to whom it belongs."""
    return any(part in column for part in SECRET)


def gone_address(user_id: object) -> str:
    """Return the address of an account that is no more; it is still unlike any other."""
    return f"{user_id}@{GONE_DOMAIN}"
