"""Who may do what with accounts. Rights on companies and projects are said there."""

from typing import Protocol

from marketplace.accounts.models import User, UserSession


class Somebody(Protocol):
    """A visitor: a `User`, or flask-login's anonymous one."""

    @property
    def is_authenticated(self) -> bool:
        """Say whether this is somebody with an account."""


def is_operator(user: Somebody) -> bool:
    """Say whether somebody runs the marketplace. `access("staff")` also wants a second factor."""
    return user.is_authenticated and bool(getattr(user, "is_operator", False))


def may_drop_second_factor(user: User) -> bool:
    """Say whether somebody may go without a second factor: operators may not."""
    return not user.is_operator


def may_revoke_session(user: User, user_session: UserSession) -> bool:
    """Say whether somebody may end a session: their own ones."""
    return user_session.user_id == user.id


def may_block(operator: User, user: User) -> bool:
    """Say whether an operator has power over somebody's account: over all but their own."""
    return is_operator(operator) and operator.id != user.id
