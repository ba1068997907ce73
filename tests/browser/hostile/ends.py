"""What wants somebody else before, or comes last: ends of things, with the words they want."""

import re
from collections.abc import Callable
from io import BytesIO

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.demo import world
from marketplace.drafts.rules import addresses
from marketplace.orders.models import (
    Allocation,
    CompanyOrder,
    CompanyOrderState,
    Order,
    OrderState,
)
from marketplace.papers.models import GiftReceipt, GiftRecipient
from marketplace.payouts import service as payouts
from marketplace.people import queries as teams
from marketplace.people.rules import TeamKind
from marketplace.projects.models import Project, ProjectUpdate
from tests.browser import people
from tests.browser.addresses import COMPANY, DESK, GUEST, OWN, PROJECT, TEAM
from tests.browser.hostile.crawl import links_of
from tests.browser.hostile.forms import Reader
from tests.browser.hostile.market import PHOTO, Market
from tests.browser.hostile.payloads import Pen


def offer(market: Market, pen: Pen) -> None:
    """Offer a product, and change it."""
    known = {"variant_price": "12.00", "variant_stock": "3"}
    path = f"{DESK}/products/new"
    for _ in range(2):
        for answer in market.fill_page(pen, world.MEMBER, path, only=f"{path}$", **known):
            path = answer.location or path


def sponsor(market: Market, pen: Pen) -> None:
    """Say under which name one funds pools."""
    market.fill_page(pen, world.OWNER, "/account/pools", only="/sponsor$")


def set_out(market: Market, pen: Pen) -> None:
    """Take a team's challenge back, and set out to another."""
    for form in Reader(market.open(world.SHOPPER, f"/teams/{TEAM}").text).forms:
        if form.action.endswith("/withdraw"):
            market.post(world.SHOPPER, form.action)
    market.fill_page(pen, world.SHOPPER, f"/teams/{TEAM}/challenge", only="/challenge$")


def be_concerned(market: Market, pen: Pen) -> None:
    """Tell the operator of a concern, and add to it."""
    for answer in market.fill_page(pen, GUEST, f"/projects/{PROJECT}/concern", only="/concern$"):
        if answer.location:
            market.fill_page(pen, GUEST, answer.location, only="/concerns/")


def draft(market: Market, pen: Pen) -> None:
    """Write drafts with a photo; change one on the desk, and publish one by a letter's link."""
    for by_letter in (False, True):
        said = {"title": pen.write(190), "body": pen.write(900), "alts": [pen.write(200)]}
        photo = [(BytesIO(PHOTO), "photo.png")]
        kept = market.post(world.OWNER, OWN, data={**said, "photos": photo, "how": "keep"})
        path = kept.location or OWN
        if by_letter:
            secret = str(market.app.secret_key)
            token = addresses.publish_token(secret, path.rpartition("/")[2])  # type: ignore[arg-type]  # it becomes text there
            market.fill_page(pen, GUEST, f"/publish/{token}", only="/publish/")
        else:
            market.fill_page(pen, world.OWNER, path, only=r"/drafts/[\w-]+$", how="preview")


def send(market: Market, pen: Pen) -> None:
    """Send an order of the company's; where all are sent, one that was sent before is again."""
    market.db.execute(
        sa.update(CompanyOrder)
        .where(
            CompanyOrder.id
            == sa.select(CompanyOrder.id)
            .join(Company, Company.id == CompanyOrder.company_id)
            .where(
                Company.slug == COMPANY["slug"],
                CompanyOrder.state == CompanyOrderState.SENT,
                CompanyOrder.released_at.is_(None),
            )
            .order_by(CompanyOrder.placed_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        .values(state=CompanyOrderState.TO_SEND, sent_at=None, window_closes_at=None, tracking="")
    )
    for path in links_of(market.open(world.MEMBER, f"{DESK}/orders")):
        market.fill_page(pen, world.MEMBER, path, only="/sent$")


def ask_for_receipts(market: Market, pen: Pen) -> None:
    """Ask for the receipts of a gift, in a hostile name."""
    given = sa.exists().where(
        Allocation.order_id == Order.id,
        Allocation.line_id.is_(None),
        Allocation.project_id.in_(sa.select(GiftRecipient.project_id)),
    )
    waiting = (
        sa.select(Order.token)
        .where(Order.state == OrderState.PAID, Order.top_up_minor > 0, given)
        .where(~sa.exists().where(GiftReceipt.order_id == Order.id))
        .order_by(Order.placed_at.desc())
        .limit(20)
    )
    for token in market.db.scalars(waiting).all():
        path = f"/receipt/{token}/papers"
        if market.fill_page(pen, GUEST, path, only="/papers$", country="IT"):
            break


def change_account(market: Market, pen: Pen) -> None:
    """Ask for another account for a project's money; the operator refuses, with words."""
    project = market.db.scalars(sa.select(Project).where(Project.slug == PROJECT)).one()
    owner = market.db.scalars(sa.select(User).where(User.email == world.OWNER)).one()
    with atomic():
        payouts.open_account(
            team=teams.get_team(TeamKind.PROJECT, project.slug),
            country="KE",
            url=None,
            by=owner,
            now=clock.now(),
        )
    market.fill_page(pen, world.OPERATOR, "/staff/payouts", only="/accounts/.*/refuse$")


def end_things(market: Market, pen: Pen) -> None:
    """End, take back, refund and block, each with the words that such a thing wants."""
    market.fill_page(
        pen, world.OWNER, f"{OWN}/updates/{_newest_update(market)}", only=r"/updates/[\w-]+$"
    )
    for who, path, action in (
        (world.MEMBER, f"{DESK}/pools", "/end"),
        (world.MEMBER, f"{DESK}/orders?state=all", "/refund"),
        (world.OWNER, f"{OWN}/updates/{_newest_update(market)}", "/take-back"),
        (world.OPERATOR, "/staff/recipients", "/end"),
        (world.OPERATOR, f"/staff/people?email={people.SECOND_MEMBER}", "/forget-proofs"),
    ):
        first = market.open(who, path)
        pages = [path, first.location or path, *links_of(first)]
        for page in dict.fromkeys(
            one for one in pages if one.startswith(("/", "http://localhost/"))
        ):
            answer = market.open(who, page)
            forms = Reader(answer.text).forms if answer.mimetype == "text/html" else []
            if any(re.search(rf"{action}$", form.action) and form.texts for form in forms):
                market.fill_page(pen, who, page, only=action)
                break


def _newest_update(market: Market) -> str:
    newest = (
        sa.select(ProjectUpdate.id)
        .join(Project, Project.id == ProjectUpdate.project_id)
        .where(Project.slug == PROJECT, ProjectUpdate.taken_back_at.is_(None))
        .order_by(ProjectUpdate.id.desc())
    )
    return str(market.db.scalars(newest).first())


ENDS: tuple[Callable[[Market, Pen], None], ...] = (
    offer,
    sponsor,
    set_out,
    be_concerned,
    draft,
    send,
    ask_for_receipts,
    change_account,
    end_things,
)
