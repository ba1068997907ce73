"""What volunteers translate in the demo world: some is published, some waits."""

import json
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from marketplace.accounts.models import User
from marketplace.core.db import atomic, session
from marketplace.demo.world import World
from marketplace.projects.models import ProjectUpdate
from marketplace.volunteer_translations import service
from marketplace.volunteer_translations.rules import Said


def translate(world: World) -> None:
    """Let shoppers translate updates as they read when they were new."""
    text = Path(__file__).with_name("volunteers.json").read_text(encoding="utf-8")
    with atomic():
        for slug, rows in json.loads(text).items():
            updates = session.scalars(
                sa.select(ProjectUpdate)
                .where(ProjectUpdate.project_id == world.projects[slug].id)
                .options(selectinload(ProjectUpdate.photos))
            )
            by_title = {one.title: one for one in updates}
            for title, *row in rows:
                _offer(world, by_title[title], row, world.owners[slug])


def _offer(world: World, update: ProjectUpdate, row: list[object], owner: User) -> None:
    """Offer a translation some days after its original, and publish it after some more, or not."""
    language, shopper, after, until, title, body = row
    by = world.shoppers[int(str(shopper))][0]
    at = update.published_at + timedelta(days=int(str(after)))
    draft = service.keep(
        update=update,
        language=str(language),
        said=Said(str(title), str(body)),
        read_at=update.published_at,
        by=by,
        now=at,
    )
    service.offer(draft_id=draft.id, is_own=False, by=by, now=at)
    if until is not None:
        day = at + timedelta(days=int(str(until)))
        service.publish(translation_id=draft.id, by=owner, now=day)
