"""Who sees an address, and whose an answer is."""

from marketplace.accounts.models import User
from marketplace.planning.models import NeedAnswer


def may_see_email(answer: NeedAnswer) -> bool:
    """Say whether a project's people may see the address of who answered."""
    return answer.shares_email


def may_change_answer(answer: NeedAnswer, user: User) -> bool:
    """Say whether an answer is somebody's own."""
    return answer.user_id == user.id
