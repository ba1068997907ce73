"""What projects tell in the demo world: updates, and what they spent with a receipt."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import sqlalchemy as sa
from markupsafe import escape
from PIL import Image, ImageDraw

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import CompanyMember, PledgeChange
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.core.money import to_decimal_text
from marketplace.corrections import service as corrections
from marketplace.demo import volunteers
from marketplace.demo.world import World, read
from marketplace.following.models import Follow, News
from marketplace.following.rules import Frequency, NewsKind
from marketplace.impact import queries as impact
from marketplace.media import service as media
from marketplace.projects import service as projects
from marketplace.projects.models import BudgetLine, ProjectUpdate
from marketplace.projects.service import Foreign, Spent

COMPANY, PROJECT = "tessitura-arbosca", "riwa-springs"
"""What the first shopper follows beside the projects that tell something."""

SHARES_SPENT = ((130, 30), (70, 25), (12, 30))
"""How many days ago a project spent how many percent of what it was paid by now."""


def tell(world: World) -> None:
    """Post the updates of the demo's file, spread over the year; spend most of what was paid."""
    for row in read()["projects"]:
        project, owner = world.projects[row["slug"]], world.owners[row["slug"]]
        with atomic():
            for place, (title, body) in enumerate(row["updates"]):
                at = world.now - timedelta(days=200 // (place + 1), hours=place)
                update = ProjectUpdate(
                    id=new_id(),
                    project_id=project.id,
                    author_id=owner.id,
                    title=title,
                    body=body,
                    body_html=f"<p>{escape(body)}</p>",
                    published_at=at,
                )
                session.add(update)
                session.add(_news(update))
            if row["updates"]:
                _follow(world, Frequency.AT_ONCE, project_id=project.id)
        paid_out = impact.project_totals([project.id])[project.id].paid_out_minor
        session.rollback()
        if row["updates"] and paid_out:
            for place, (days, share) in enumerate(SHARES_SPENT):
                _spend(world, row["slug"], place, (days, paid_out * share // 100))
    volunteers.translate(world)
    _correct(world)
    _hear(world)


def _news(update: ProjectUpdate) -> News:
    """Return that it was told; letters about the past are sent to nobody."""
    return News(
        kind=NewsKind.UPDATE,
        subject_id=update.id,
        project_id=update.project_id,
        person_id=update.author_id,
        at=update.published_at,
    )


def _follow(world: World, frequency: Frequency, **thing: uuid.UUID) -> None:
    """Let the first shopper follow something from the beginning; letters come from now on."""
    follower = world.shoppers[0][0].id
    session.add(
        Follow(
            user_id=follower,
            frequency=frequency,
            created_at=world.began_at,
            since_at=world.now,
            **thing,
        )
    )


def _hear(world: World) -> None:
    """Let the first shopper follow a company and somebody, too; one promise was another before."""
    company, owner = world.companies[COMPANY], world.owners[PROJECT]
    at = world.began_at - timedelta(days=3)
    signer = session.scalars(
        sa.select(CompanyMember.user_id)
        .where(CompanyMember.company_id == company.id, CompanyMember.role == MemberRole.OWNER)
        .limit(1)
    ).one()
    session.rollback()
    with atomic():
        _follow(world, Frequency.DAILY, company_id=company.id)
        _follow(world, Frequency.WEEKLY, person_id=owner.id)
        change = PledgeChange(
            id=new_id(),
            company_id=company.id,
            before_bp=(company.pledge_bp or 0) // 2 if company.pledge_bp else None,
            before_unit_minor=company.pledge_unit_minor and company.pledge_unit_minor // 2,
            after_bp=company.pledge_bp,
            after_unit_minor=company.pledge_unit_minor,
            by_id=signer,
            at=at,
        )
        session.add(change)
        session.add(
            News(
                kind=NewsKind.PLEDGE,
                subject_id=change.id,
                company_id=company.id,
                person_id=signer,
                at=at,
            )
        )


def _correct(world: World) -> None:
    """Correct what one project told first, as happens to everybody."""
    project, owner = world.projects["officina-aurora"], world.owners["officina-aurora"]
    with atomic():
        update = session.scalars(
            sa.select(ProjectUpdate)
            .where(ProjectUpdate.project_id == project.id)
            .order_by(ProjectUpdate.published_at)
            .limit(1)
        ).one()
        corrections.correct(
            project_id=project.id,
            update_id=update.id,
            title=update.title,
            body=f"{update.body} One of them came back for repair and is in use again.",
            reason="We had left out that one was sent back",
            by=owner,
            now=update.published_at + timedelta(days=6),
        )


def _spend(world: World, slug: str, place: int, spent: tuple[int, int]) -> None:
    project, owner = world.projects[slug], world.owners[slug]
    days, amount_minor = spent
    at = world.now - timedelta(days=days)
    spent_on = at.date()
    with atomic():
        lines = session.scalars(
            sa.select(BudgetLine)
            .where(BudgetLine.project_id == project.id)
            .order_by(BudgetLine.position)
        ).all()
        line = lines[place % len(lines)] if lines else None
        receipt = media.store_photo(
            upload=_receipt(project.organisation, amount_minor, spent_on),
            alt=f"Receipt of {spent_on.isoformat()}, demo",
            user_id=owner.id,
            now=at,
        )
        projects.spend(
            project=project,
            by=owner,
            spent=Spent(
                *(amount_minor, spent_on, "Demo supplier", line.title if line else "Materials"),
                receipt=receipt,
                budget_line_id=line.id if line else None,
                foreign=_shillings(amount_minor, spent_on) if project.country == "KE" else None,
            ),
            update_id=None,
            now=at,
        )


def _shillings(amount_minor: int, day: date) -> Foreign:
    """Return what was paid in Kenya."""
    return Foreign(amount_minor * 150, "KES", Decimal("150.00"), day, "Slip of the bank, demo")


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
