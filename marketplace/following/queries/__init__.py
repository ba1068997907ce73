"""Reads of follows, of news and of what letters are due."""

from marketplace.following.queries.follows import (
    Followed,
    count_followers,
    find_follow,
    find_person,
    find_stopped,
    list_follows,
)
from marketplace.following.queries.letters import (
    Reason,
    find_reason,
    gets_digests,
    is_wanted,
    list_due,
    list_to_tell,
    list_unwanted,
)
from marketplace.following.queries.news import (
    EVERYWHERE,
    PER_PAGE,
    Scope,
    Story,
    is_told,
    list_followed_news,
    list_news,
    list_stories,
)
from marketplace.following.queries.people import PersonPage, find_person_page

__all__ = [
    "EVERYWHERE",
    "PER_PAGE",
    "Followed",
    "PersonPage",
    "Reason",
    "Scope",
    "Story",
    "count_followers",
    "find_follow",
    "find_person",
    "find_person_page",
    "find_reason",
    "find_stopped",
    "gets_digests",
    "is_told",
    "is_wanted",
    "list_due",
    "list_followed_news",
    "list_follows",
    "list_news",
    "list_stories",
    "list_to_tell",
    "list_unwanted",
]
