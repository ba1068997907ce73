"""Who and what there is in the demo world, from `world.json`."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from markupsafe import escape

from marketplace.accounts import service as accounts
from marketplace.accounts.models import MemberRole, User
from marketplace.catalog.models import Category, Product, ProductState, Variant
from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.giving import service as giving
from marketplace.projects.models import BudgetLine, Cause, Project, ProjectOwner, ProjectState

Row = Mapping[str, Any]  # Any: JSON

PASSWORD = "causeway demo 2026"  # noqa: S105  # of the demo world, printed at its start
OPERATOR_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # printed, too
"""The operator's second factor in the demo; production refuses the demo world."""

SHOPPER = "elena@demo.example"
MEMBER = "marta@demo.example"
OWNER = "achieng@demo.example"
OPERATOR = "giulia@demo.example"


@dataclass
class World:
    """What was made, by its short name."""

    began_at: datetime
    now: datetime
    companies: dict[str, Company] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    owners: dict[str, User] = field(default_factory=dict)
    variants: list[uuid.UUID] = field(default_factory=list)
    shoppers: list[tuple[User, Sequence[str]]] = field(default_factory=list)


def read() -> Row:
    """Return the demo world's own file."""
    text = Path(__file__).with_name("world.json").read_text(encoding="utf-8")
    loaded: Row = json.loads(text)
    return loaded


def make(now: datetime) -> World:
    """Make the people, companies, products and projects; purchases come in `history`."""
    said = read()
    world = World(began_at=now - timedelta(days=365), now=now)
    secret_hash = accounts.hash_password(PASSWORD)
    operator = _person(world, "Giulia Ferrero", OPERATOR, secret_hash, is_operator=True)
    operator.totp_secret, operator.totp_confirmed_at = OPERATOR_SECRET, world.began_at
    categories = _categories(said["categories"])
    causes = _causes(said["causes"])
    for row in said["projects"]:
        _project(world, row, causes, secret_hash)
    for row in said["companies"]:
        _company(world, row, categories, secret_hash)
    for place, (name, *address) in enumerate(said["shoppers"]):
        email = SHOPPER if place == 0 else f"shopper{place}@demo.example"
        person = _person(world, name, email, secret_hash)
        person.is_public_supporter = place % 2 == 0
        world.shoppers.append((person, address))
    session.flush()
    return world


def sign_ins() -> str:
    """Return in words how to sign in to the demo world."""
    people = {
        "shopper": SHOPPER,
        "company member": MEMBER,
        "project owner": OWNER,
        "operator": OPERATOR,
    }
    code = pyotp.TOTP(OPERATOR_SECRET).now()
    return "\n".join(
        [
            f"  Password of all: {PASSWORD}",
            *(f"  {role:<15} {email}" for role, email in people.items()),
            f"  operator's second factor: secret {OPERATOR_SECRET}, code now {code}",
        ]
    )


def _person(
    world: World, name: str, email: str, password_hash: str, *, is_operator: bool = False
) -> User:
    user = User(
        id=new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        is_operator=is_operator,
        email_confirmed_at=world.began_at,
        created_at=world.began_at,
    )
    session.add(user)
    session.flush()
    return user


def _categories(rows: Sequence[Sequence[str]]) -> dict[str, uuid.UUID]:
    made: dict[str, uuid.UUID] = {}
    for place, (slug, english, french, italian, glyph) in enumerate(rows):
        made[slug] = new_id()
        session.add(
            Category(
                id=made[slug],
                slug=slug,
                name_en=english,
                name_fr=french,
                name_it=italian,
                glyph=glyph,
                position=place,
            )
        )
    session.flush()
    return made


def _causes(rows: Sequence[Sequence[Any]]) -> dict[str, uuid.UUID]:  # Any: text and a number
    made: dict[str, uuid.UUID] = {}
    for place, (slug, english, french, italian, sdg) in enumerate(rows):
        made[slug] = new_id()
        session.add(
            Cause(
                id=made[slug],
                slug=slug,
                name_en=english,
                name_fr=french,
                name_it=italian,
                sdg=sdg,
                position=place,
            )
        )
    session.flush()
    return made


def _project(world: World, row: Row, causes: Mapping[str, uuid.UUID], password_hash: str) -> None:
    project = Project(
        id=new_id(),
        slug=row["slug"],
        title=row["title"],
        summary=row["summary"],
        story=row["story"],
        risks=row["risks"],
        organisation=row["organisation"],
        place=row["place"],
        country=row["country"],
        cause_id=causes[row["cause"]],
        sdgs=row["sdgs"],
        sdg_targets=row.get("targets", []),
        currency="EUR",
        goal_minor=row["goal"],
        state=ProjectState.OPEN,
        verified_at=world.began_at,
        created_at=world.began_at,
    )
    session.add(project)
    session.flush()
    name, title = row["owner"]
    email = OWNER if row["slug"] == "riwa-springs" else f"{row['slug']}@demo.example"
    owner = _person(world, name, email, password_hash)
    session.add(
        ProjectOwner(
            project_id=project.id,
            user_id=owner.id,
            role=MemberRole.OWNER,
            title=title,
            created_at=world.began_at,
        )
    )
    for place, (purpose, amount) in enumerate(row["budget"]):
        session.add(
            BudgetLine(project_id=project.id, title=purpose, amount_minor=amount, position=place)
        )
    world.projects[row["slug"]], world.owners[row["slug"]] = project, owner


def _company(
    world: World, row: Row, categories: Mapping[str, uuid.UUID], password_hash: str
) -> None:
    company = Company(
        id=new_id(),
        slug=row["slug"],
        name=row["name"],
        tagline=row["tagline"],
        about=row["about"],
        city=row["city"],
        country=row["country"],
        palette=row["palette"],
        currency="EUR",
        pledge_bp=row.get("pledge_bp"),
        pledge_unit_minor=row.get("pledge_unit"),
        shipping_minor=row["shipping"],
        free_shipping_from_minor=row["free_from"],
        state=CompanyState.VERIFIED,
        verified_at=world.began_at,
        created_at=world.began_at,
    )
    session.add(company)
    session.flush()
    for place, (name, title) in enumerate(row["members"]):
        email = MEMBER if name == "Marta Bonino" else f"{row['slug']}-{place}@demo.example"
        person = _person(world, name, email, password_hash)
        role = MemberRole.OWNER if place == 0 else MemberRole.EDITOR
        session.add(
            CompanyMember(
                company_id=company.id,
                user_id=person.id,
                role=role,
                title=title,
                created_at=world.began_at,
            )
        )
    giving.set_defaults(
        company_id=company.id,
        project_ids=[world.projects[slug].id for slug in row["defaults"]],
    )
    for place, product in enumerate(row["products"]):
        _product(world, company, categories, (place, product))
    world.companies[row["slug"]] = company


def _product(
    world: World,
    company: Company,
    categories: Mapping[str, uuid.UUID],
    row: tuple[int, Sequence[Any]],  # Any: JSON
) -> None:
    place, (slug, title, category, price, vat_bp, material, summary, *rest) = row
    pledge_unit = rest[0] if rest else None
    kinds = rest[1] if len(rest) > 1 else ("",)
    published_at = world.began_at + timedelta(days=place * 9, hours=len(world.variants))
    product = Product(
        id=new_id(),
        company_id=company.id,
        category_id=categories[category],
        slug=slug,
        title=title,
        summary=summary,
        description_html=f"<p>{escape(summary)}.</p>",
        material=material,
        state=ProductState.LIVE,
        currency="EUR",
        vat_bp=vat_bp,
        price_from_minor=price,
        pledge_unit_minor=pledge_unit,
        created_at=published_at,
        published_at=published_at,
    )
    session.add(product)
    session.flush()
    for position, kind in enumerate(kinds):
        variant = Variant(
            id=new_id(),
            product_id=product.id,
            sku=f"{slug}-{position + 1}".upper(),
            title=kind,
            position=position,
            price_minor=price * 3 - 200 if kind == "Three bottles" else price,
            on_hand=400,
        )
        session.add(variant)
        world.variants.append(variant.id)
    session.flush()
