"""What projects tell in the demo world: updates, and what they spent with a receipt."""

from datetime import date, timedelta
from io import BytesIO

import sqlalchemy as sa
from markupsafe import escape
from PIL import Image, ImageDraw

from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.core.money import to_decimal_text
from marketplace.demo.world import World, read
from marketplace.impact import queries as impact
from marketplace.media import service as media
from marketplace.projects.models import BudgetLine, Follow, ProjectUpdate, Spending

SHARE_SPENT = 85
"""Percent of what a project was paid that it has spent by now."""


def tell(world: World) -> None:
    """Post the updates of the demo's file, spread over the year; spend most of what was paid."""
    for row in read()["projects"]:
        project, owner = world.projects[row["slug"]], world.owners[row["slug"]]
        with atomic():
            for place, (title, body) in enumerate(row["updates"]):
                at = world.now - timedelta(days=200 // (place + 1), hours=place)
                session.add(
                    ProjectUpdate(
                        project_id=project.id,
                        author_id=owner.id,
                        title=title,
                        body=body,
                        body_html=f"<p>{escape(body)}</p>",
                        published_at=at,
                    )
                )
            if row["updates"]:
                follower = world.shoppers[0][0].id
                session.add(
                    Follow(user_id=follower, project_id=project.id, created_at=world.began_at)
                )
        paid_out = impact.project_totals([project.id])[project.id].paid_out_minor
        session.rollback()
        if row["updates"] and paid_out:
            _spend(world, row["slug"], paid_out * SHARE_SPENT // 100)


def _spend(world: World, slug: str, amount_minor: int) -> None:
    project, owner = world.projects[slug], world.owners[slug]
    spent_on = (world.now - timedelta(days=12)).date()
    with atomic():
        line = session.scalar(
            sa.select(BudgetLine)
            .where(BudgetLine.project_id == project.id)
            .order_by(BudgetLine.position)
        )
        receipt = media.store_photo(
            upload=_receipt(project.organisation, amount_minor, spent_on),
            alt=f"Receipt of {spent_on.isoformat()}, demo",
            user_id=owner.id,
            now=world.now,
        )
        session.add(
            Spending(
                id=new_id(),
                project_id=project.id,
                budget_line_id=line.id if line else None,
                amount_minor=amount_minor,
                spent_on=spent_on,
                payee="Demo supplier",
                purpose=line.title if line else "Materials",
                receipt_id=receipt.id,
                created_by_id=owner.id,
                created_at=world.now,
            )
        )


def _receipt(organisation: str, amount_minor: int, spent_on: date) -> BytesIO:
    """Draw a receipt that says it is one of the demo world."""
    page = Image.new("RGB", (600, 360), "#F5F1E8")
    pen = ImageDraw.Draw(page)
    lines = (
        "RECEIPT (demo world)",
        organisation,
        spent_on.isoformat(),
        f"{to_decimal_text(amount_minor, 'EUR')} EUR",
    )
    for place, text in enumerate(lines):
        pen.text((40, 40 + place * 60), text.encode("ascii", "replace").decode(), fill="#17262B")
    pen.rectangle((20, 20, 580, 340), outline="#17262B")
    file = BytesIO()
    page.save(file, "PNG")
    file.seek(0)
    return file
