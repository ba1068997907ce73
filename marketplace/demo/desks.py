"""What the demo's project owners have written and not published yet."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from marketplace.core.db import atomic
from marketplace.demo.world import World
from marketplace.drafts import queries, service
from marketplace.drafts.service import Said

SLUG = "riwa-springs"
ZONE = "Africa/Nairobi"
HALF = Said(
    title="What the dry month taught us",
    body="The lower spring gave half as much as in May. We measured it every morning:\n\n"
    "- first week: 18 litres a minute\n- last week: 9 litres a minute\n\nStill to write: what we "
    "will do about it.",
    is_setback=True,
)
READY = Said(
    title="The third tap opens next week",
    body="The pipe lies in the ground, and on Monday the tap is set. Come and see it: everybody "
    "who carried stones is invited, and everybody who paid for them, too.",
)


def write(world: World) -> None:
    """Leave a draft on a desk, and an update that comes out by itself in some days."""
    if SLUG not in world.projects:
        return
    project, owner = world.projects[SLUG], world.owners[SLUG]
    day = (world.now + timedelta(days=9)).astimezone(ZoneInfo(ZONE)).date()
    at = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(ZONE))
    with atomic():
        service.keep(project=project, by=owner, said=HALF, now=world.now)
        ready = service.keep(project=project, by=owner, said=READY, now=world.now)
        held = queries.lock_draft(project.id, ready.id)
        service.schedule(draft=held, at=at, zone=ZONE)
