"""The demo world's papers: who may have gift receipts written, what invoices say, some receipts."""

from datetime import timedelta

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import atomic, session
from marketplace.demo.world import OPERATOR, World, read
from marketplace.orders.models import Allocation, Order, OrderState
from marketplace.papers import service
from marketplace.papers.rules import RecipientKind

RECIPIENTS = {
    # project: name, kind, number (invented), address, document
    "officina-aurora": (
        "Officina Aurora APS",
        RecipientKind.ASSOCIATION,
        "97512340015",
        "Via Cecchi 17\n10152 Torino",
        "Extract of the register of the third sector, seen with its president",
    ),
    "shelter-kitchen": (
        "Casa Ginestra ETS",
        RecipientKind.CHARITY,
        "95211870632",
        "Vico Lungo 8\n80137 Napoli",
        "Extract of the register of the third sector",
    ),
    "plouarn": (
        "Haies de Plouarn",
        RecipientKind.ASSOCIATION,
        "W291004512",
        "2 route du Bourg\n29120 Plouarn",
        "Rescript of the tax office, letter of last March",
    ),
}
RECEIPTS_TO_ASK_FOR = 6


def write(world: World) -> None:
    """Mark three recipients, fill in the companies' data, let the shopper ask for receipts."""
    with atomic():
        operator = session.scalars(sa.select(User).where(User.email == OPERATOR)).one()
        for slug, (name, kind, registered, address, document) in RECIPIENTS.items():
            project = world.projects[slug]
            said = {
                "name": name,
                "kind": kind,
                "country": project.country,
                "registration_number": registered,
                "address": address,
                "valid_from": (world.began_at - timedelta(days=200)).date(),
                "valid_until": None,
                "document": document,
            }
            service.qualify(project=project, said=said, operator=operator, now=world.began_at)
        for row in read()["companies"]:
            number = sum(map(ord, row["slug"])) * 7919 % 10**9
            service.say_seller(
                company_id=world.companies[row["slug"]].id,
                said={
                    "legal_name": f"{row['name']} {'S.r.l.' if row['country'] == 'IT' else 'SARL'}",
                    "address": f"Via dei Mestieri {number % 90 + 1}\n{row['city']}"
                    if row["country"] == "IT"
                    else f"{number % 90 + 1} rue des Métiers\n{row['city']}",
                    "vat_number": f"{row['country']}{number:011}",
                    "registration": "",
                },
                by=operator,
                now=world.began_at,
            )
    _ask(world)


def _ask(world: World) -> None:
    shopper, (country, city, postal_code, street) = world.shoppers[0]
    projects = [world.projects[slug].id for slug in RECIPIENTS]
    giver = service.Giver(shopper.name, street, postal_code, city, country)
    wanted = session.scalars(
        sa.select(Order.id)
        .where(
            Order.customer_id == shopper.id,
            Order.state == OrderState.PAID,
            Order.top_up_minor > 0,
            sa.exists().where(
                Allocation.order_id == Order.id,
                Allocation.project_id.in_(projects),
                Allocation.line_id.is_(None),
            ),
        )
        .order_by(Order.placed_at)
        .limit(RECEIPTS_TO_ASK_FOR)
    ).all()
    session.rollback()
    for order_id in wanted:
        with atomic():
            service.ask(order_id=order_id, giver=giver, locale="en", now=world.now)
