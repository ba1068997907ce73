"""The ways in that no page shows at once: over several steps, by letter, by file, by program."""

import io
import json
import re
from collections.abc import Callable

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.reading.text import without_controls
from marketplace.core.worker import TASKS
from marketplace.demo import world
from marketplace.federation import service as federation
from marketplace.federation.rules import reading
from marketplace.media import service as media
from marketplace.orders.models import Order
from marketplace.projects.models import Project, ProjectUpdate, ProjectUpdatePhoto
from tests.browser import people
from tests.browser.addresses import DESK, GUEST, OWN, PRODUCT, PROJECT
from tests.browser.hostile.crawl import links_of
from tests.browser.hostile.market import PHOTO, Market
from tests.browser.hostile.payloads import CALL, Pen
from tests.federation.remote import KIND, Remote

EVERYBODY = (GUEST, world.SHOPPER, world.MEMBER, world.OWNER, world.OPERATOR)
REPORT = f"{DESK}/reports"
NEXT_JOBS = "select id, task_name, args from procrastinate_jobs where status = 'todo' order by id"


def buy(market: Market, pen: Pen) -> None:
    """Buy something, with a hostile name and address, and pay."""
    who = world.SHOPPER
    market.fill_page(pen, who, f"/products/{PRODUCT[0]}", only="/basket")
    market.fill_page(pen, who, "/checkout/delivery", only="/checkout/delivery")
    market.fill_page(pen, who, "/checkout/projects", only="/checkout/projects", do="continue")
    market.fill_page(pen, who, "/checkout/payment", only="/checkout/payment")
    order = market.db.scalars(sa.select(Order).order_by(Order.id.desc()).limit(1)).one()
    run_jobs(market)
    market.db.refresh(order)


def order_by_program(market: Market, pen: Pen) -> None:
    """Order with a key, and try to put words where there are none."""
    user = market.db.scalars(sa.select(User).where(User.email == world.SHOPPER)).one()
    with atomic():
        _token, secret = accounts.issue_token(
            user=user, name="till", scopes=["orders:write"], now=clock.now()
        )
    variant = market.db.scalars(
        sa.select(Variant).where(Variant.on_hand - Variant.reserved > 5).limit(1)
    ).one()
    delivery = dict.fromkeys(("name", "street", "city"), "") | {
        "email": "somebody@example.org",
        "postal_code": "10123",
        "country": "IT",
    }
    delivery |= {
        name: without_controls(pen.write(80)).strip() for name in ("name", "street", "city")
    }
    market.post(
        GUEST,
        "/api/v1/orders",
        json={"lines": [{"variant_id": str(variant.id), "quantity": 1}], "delivery": delivery},
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "hostile-order-1"},
    )
    market.heard()


def report(market: Market, pen: Pen) -> None:
    """Begin a report, write it, have it read and published; ask, answer, complain."""
    who = world.MEMBER
    begun = market.fill_page(
        pen,
        who,
        REPORT,
        only=f"{REPORT}$",
        starts_on="2026-09-01",
        ends_on="2026-10-31",
        countries="IT",
    )
    path = begun[0].location if begun and begun[0].location else REPORT
    _publish(market, pen, path)
    public = path.replace("/company/", "/companies/")
    for email in (world.SHOPPER, world.OWNER):
        market.fill_page(pen, email, f"{public}/questions", only="/questions$")
    market.fill_page(pen, who, f"{path}/questions", only="/questions/")
    for link in links_of(market.open(world.OWNER, f"{public}/questions")):
        if link.endswith("/complaint"):
            market.fill_page(pen, world.OWNER, link, only="/complaint")
    market.fill_page(pen, world.OPERATOR, "/staff/questions", only="/staff/questions/", what="keep")
    market.fill_page(pen, who, path, only="/restate")
    _publish(market, pen, path)


def _publish(market: Market, pen: Pen, path: str) -> None:
    who, review = world.MEMBER, f"{path}/review"
    market.fill_page(pen, who, path, only=f"{path}$", what="save", countries="IT")
    market.fill_page(pen, who, path, only=f"{path}$", what="submit", countries="IT")
    market.fill_page(pen, people.SECOND_MEMBER, f"{path}/preview", only=review, what="approve")
    market.fill_page(pen, who, f"{path}/preview", only=review, what="publish")


def from_elsewhere(market: Market, pen: Pen) -> None:
    """Let somebody of another server answer to what a project tells, and complain of it."""
    ada = Remote()
    document = ada.document(
        name=pen.write(200).replace("\x00", ""),
        preferredUsername=f"ada<script>{CALL}(20)</script>",
        url=f"javascript:{CALL}(21)",
        summary=pen.write(500).replace("\x00", ""),
    )
    with atomic():
        federation.keep_actor(person=reading.read_person(document, uri=ada.uri), now=clock.now())
    project = market.db.scalars(sa.select(Project).where(Project.slug == PROJECT)).one()
    update = market.db.scalars(
        sa.select(ProjectUpdate)
        .where(ProjectUpdate.project_id == project.id)
        .order_by(ProjectUpdate.id.desc())
        .limit(1)
    ).one()
    note = f"http://localhost/federation/updates/{update.id}"
    for number in range(4):
        words = pen.write(4_000).replace("\x00", "")
        reply = ada.reply(note, number, content=words, summary=words[:200], name=words[:200])
        reply |= {"url": f"javascript:{CALL}(22)", "tag": [{"type": "Mention", "href": words[:50]}]}
        _deliver(market, ada, ada.activity("Create", reply, number))
    about = [f"http://localhost/federation/projects/{project.id}"]
    _deliver(market, ada, ada.activity("Flag", about, 9, content=pen.write(400)))
    for path in (f"{OWN}/elsewhere", "/staff/federation?which=comments"):
        page = market.open(world.OWNER if path.startswith(OWN) else world.OPERATOR, path)
        for action in re.findall(
            r'action="(/project-desk/[^"]+/(?:show|approve|publish))"', page.text
        ):
            market.post(world.OWNER, action)


def _deliver(market: Market, by: Remote, activity: object) -> None:
    body = json.dumps(activity).encode()
    headers = by.headers("POST", "/federation/inbox", "localhost", body)
    kind = headers.pop("content-type", KIND)
    market.post(GUEST, "/federation/inbox", data=body, headers=headers, content_type=kind)


def bring_files(market: Market, pen: Pen) -> None:
    """Bring tables full of it: products to the shop, receipts to a project."""
    cells = [
        f'"{pen.write(200).replace(chr(0), "").replace(chr(34), chr(34) * 2)}"' for _ in range(6)
    ]
    table = (
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant Price\n"
        f"hostile,{','.join(cells)},Grün,12.00\n"
        f"hostile-2,{','.join(cells)},Blau,twelve {cells[0][1:20]}\n".replace("\r", " ")
    )
    file = (io.BytesIO(table.encode()), f"../{pen.write(60)}.csv".replace("\x00", ""))
    answer = market.post(world.MEMBER, f"{DESK}/import", data={"file": file, "format": "auto"})
    if answer.location:
        market.fill_page(pen, world.MEMBER, answer.location, only="/import/")
    run_jobs(market)
    rows = f"date,payee,purpose,amount,note\n2026-10-01,{cells[0]},{cells[1]},12.00,{cells[2]}\n"
    file = (io.BytesIO(rows.encode()), "rows.csv")
    market.post(world.OWNER, f"{OWN}/spending/import", data={"file": file})


def by_letter(market: Market, pen: Pen) -> None:
    """Sign up and be invited: the rest of it stands in a letter."""
    for path, who in ((f"{DESK}/people", world.MEMBER), (f"{OWN}/people", world.OWNER)):
        market.fill_page(pen, who, path, only="/people$", email="newcomer@example.org")
    market.fill_page(pen, GUEST, "/sign-up", only="/sign-up")
    run_jobs(market)
    for letter in market.app.extensions["post"].letters:
        body = letter.get_body(("plain",))
        for link in re.findall(
            r"http://localhost((?:/\w\w)?/(?:sign-up|invitation)/[\w.-]+)", body.get_content()
        ):
            market.clients.pop("nobody", None)
            market.clients["nobody"] = market.app.test_client()
            market.fill_page(pen, "nobody", link, only=link)


def run_jobs(market: Market) -> list[str]:
    """Do what waits to be done: letters, papers, exports."""
    done = []
    while jobs := market.db.execute(sa.text(NEXT_JOBS)).all():
        for number, name, arguments in jobs:
            market.db.execute(
                sa.text("delete from procrastinate_jobs where id = :id"), {"id": number}
            )
            market.db.commit()
            try:
                TASKS[name].run(**arguments)
            except Exception as error:  # a job that fails is what we look for
                market.broken.append(f"job {name}: {type(error).__name__}: {error}"[:300])
                market.db.rollback()
            done.append(name)
    return done


def translate(market: Market, pen: Pen) -> None:
    """Translate an update with a photo; publish, refuse, report and take down translations."""
    update = market.db.scalars(
        sa.select(ProjectUpdate)
        .join(Project)
        .where(Project.slug == PROJECT, ProjectUpdate.taken_back_at.is_(None))
        .order_by(ProjectUpdate.published_at)
        .limit(1)
    ).one()
    photo = media.store_photo(
        upload=io.BytesIO(PHOTO), alt="Two pixels", user_id=None, now=clock.now()
    )
    photo.caption = "Green, and not green"
    market.db.add(ProjectUpdatePhoto(update_id=update.id, photo_id=photo.id, position=9))
    market.db.commit()
    desk = f"{OWN}/translations"
    for who, language, way in (
        (world.MEMBER, "fr", "/publish"),
        (world.SHOPPER, "fr", "/publish"),
        (world.MEMBER, "it", "/refuse"),
        (world.MEMBER, "it", "/publish"),
        (world.OPERATOR, "fr", "/take-down"),
    ):
        path = f"/projects/{PROJECT}/updates/{update.id}/translate/{language}"
        if way != "/take-down":
            market.fill_page(pen, who, path, only=path, how="offer")
        for link in links_of(market.open(world.OWNER, desk)):
            if f"{desk}/" in link:
                market.fill_page(pen, world.OWNER, link, only=way)
                if way == "/take-down":
                    break
    public, staff = f"/projects/{PROJECT}/updates/{update.id}/translations", "/staff/translations"
    for link in links_of(market.open(world.MEMBER, public)):
        if link.endswith("/complaint"):
            market.fill_page(pen, world.MEMBER, link, only="/complaint")
    for link in links_of(market.open(world.OPERATOR, staff)):
        if f"{staff}/" in link:
            market.fill_page(pen, world.OPERATOR, link, only=f"{staff}/", what="take_down")


WAYS: tuple[Callable[[Market, Pen], None], ...] = (
    buy,
    order_by_program,
    report,
    from_elsewhere,
    bring_files,
    by_letter,
    translate,
)
