"""Reads of who follows from elsewhere, of what goes there and of what comes from there."""

from marketplace.federation.queries.comments import (
    count_comments,
    list_projects_to_tell,
    list_reports,
    list_shown,
    list_to_decide,
    lock_comment,
    lock_report,
)
from marketplace.federation.queries.hosts import (
    find_block,
    list_blocks,
    list_failed,
    list_hosts,
    lock_delivery,
)
from marketplace.federation.queries.own import (
    count_site,
    count_updates,
    find_key,
    find_last_activity,
    find_project,
    find_project_by_slug,
    find_update,
    list_told,
)
from marketplace.federation.queries.people import (
    count_followers,
    find_actor,
    find_actor_by_handle,
    find_delivery,
    list_follower_hosts,
    list_inboxes,
)

__all__ = [
    "count_comments",
    "count_followers",
    "count_site",
    "count_updates",
    "find_actor",
    "find_actor_by_handle",
    "find_block",
    "find_delivery",
    "find_key",
    "find_last_activity",
    "find_project",
    "find_project_by_slug",
    "find_update",
    "list_blocks",
    "list_failed",
    "list_follower_hosts",
    "list_hosts",
    "list_inboxes",
    "list_projects_to_tell",
    "list_reports",
    "list_shown",
    "list_to_decide",
    "list_told",
    "lock_comment",
    "lock_delivery",
    "lock_report",
]
