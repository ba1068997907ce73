"""What changes follows and letters, and what is written down when something is told."""

from marketplace.following.service.choosing import (
    choose,
    end_follows,
    follow,
    refuse_letter,
    stop,
    stop_everything,
    unfollow,
)
from marketplace.following.service.letters import (
    begin_digest,
    begin_letter,
    end_digest,
    end_letter,
    forget_letters,
)
from marketplace.following.service.telling import tell, tell_spending, untell
from marketplace.following.service.wording import Told, promise_in_words, put_in_words

__all__ = [
    "Told",
    "begin_digest",
    "begin_letter",
    "choose",
    "end_digest",
    "end_follows",
    "end_letter",
    "follow",
    "forget_letters",
    "promise_in_words",
    "put_in_words",
    "refuse_letter",
    "stop",
    "stop_everything",
    "tell",
    "tell_spending",
    "unfollow",
    "untell",
]
