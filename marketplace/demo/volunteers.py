"""What volunteers translate in the demo world: some is published, some waits, one annoys."""

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
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import Said, TranslationState


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
        _complain(world)


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


def _complain(world: World) -> None:
    """Let a reader tell the operator of the translation that was published last."""
    shown = session.scalars(
        sa.select(UpdateTranslation)
        .where(UpdateTranslation.state == TranslationState.PUBLISHED)
        .order_by(UpdateTranslation.published_at.desc(), UpdateTranslation.id)
        .limit(1)
    ).one()
    reader = next(one for one, _address in world.shoppers if one.id != shown.translator_id)
    service.complain(
        translation_id=shown.id,
        why="The laboratory looked at one sample. Without that the sentence reads as if the water "
        "were clean for good, and the original does not promise it.",
        by=reader,
        now=world.now - timedelta(days=1),
    )
