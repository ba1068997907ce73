"""The smallest valid rows. Each takes overrides; nothing commits."""

import itertools
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask.testing import FlaskClient

from marketplace.accounts import service as accounts
from marketplace.accounts.models import MemberRole, User
from marketplace.catalog.models import Category, Product, ProductState, Variant
from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.core import clock
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.projects.models import Cause, Project, ProjectOwner, ProjectState

NOW = datetime(2026, 3, 12, 18, 42, tzinfo=UTC)
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)
Row = TypeVar("Row")


def _add(row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def make_user(**overrides: Any) -> User:  # Any: any column
    """Add a person without a usable password; let them in with `sign_in`."""
    number = next(_numbers)
    values = {
        "id": new_id(),
        "email": f"person{number}@example.org",
        "name": f"Person {number}",
        "password_hash": "!",
        "email_confirmed_at": NOW,
        "created_at": NOW,
    }
    return _add(User(**values | overrides))


def sign_in(client: FlaskClient, user: User) -> str:
    """Sign a person in without a password, an operator with the second factor; return the token."""
    now = clock.now()
    token = accounts.begin_session(
        user=user,
        user_agent="tests",
        now=now,
        second_factor_at=now if user.is_operator else None,
    )
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return token


def make_company(**overrides: Any) -> Company:  # Any: any column
    """Add a verified company that gives 8% of the net price."""
    number = next(_numbers)
    values = {
        "id": new_id(),
        "slug": f"company-{number}",
        "name": f"Company {number}",
        "currency": "EUR",
        "pledge_bp": 800,
        "state": CompanyState.VERIFIED,
        "verified_at": NOW,
        "created_at": NOW,
    }
    return _add(Company(**values | overrides))


def make_member(company: Company, user: User | None = None, **overrides: Any) -> CompanyMember:
    """Add an owner to a company."""  # Any: any column
    user = user or make_user()
    values = {
        "company_id": company.id,
        "user_id": user.id,
        "role": MemberRole.OWNER,
        "title": "Founder",
        "created_at": NOW,
    }
    return _add(CompanyMember(**values | overrides))


def make_category(**overrides: Any) -> Category:  # Any: any column
    """Add a category."""
    number = next(_numbers)
    names = dict.fromkeys(("name_en", "name_fr", "name_it"), f"Category {number}")
    return _add(Category(**{"id": new_id(), "slug": f"category-{number}"} | names | overrides))


def make_product(
    company: Company | None = None,
    *,
    price_minor: int = 3660,
    on_hand: int = 10,
    **overrides: Any,  # Any: any column
) -> Product:
    """Add a live product with one variant; the price includes 22% of VAT."""
    number = next(_numbers)
    company = company or make_company()
    values = {
        "id": new_id(),
        "company_id": company.id,
        "slug": f"product-{number}",
        "title": f"Product {number}",
        "state": ProductState.LIVE,
        "currency": company.currency,
        "vat_bp": 2200,
        "price_from_minor": price_minor,
        "created_at": NOW,
        "published_at": NOW,
    }
    product = _add(Product(**values | overrides))
    make_variant(product, price_minor=price_minor, on_hand=on_hand)
    session.refresh(product, ["variants"])
    return product


def make_variant(product: Product, **overrides: Any) -> Variant:  # Any: any column
    """Add a variant."""
    number = next(_numbers)
    values = {
        "id": new_id(),
        "product_id": product.id,
        "sku": f"SKU-{number}",
        "title": f"Variant {number}",
        "price_minor": 3660,
        "on_hand": 10,
        "reserved": 0,
        "position": number,
    }
    return _add(Variant(**values | overrides))


def make_cause(**overrides: Any) -> Cause:  # Any: any column
    """Add a cause."""
    number = next(_numbers)
    names = dict.fromkeys(("name_en", "name_fr", "name_it"), f"Cause {number}")
    return _add(Cause(**{"id": new_id(), "slug": f"cause-{number}", "sdg": 6} | names | overrides))


def make_project(**overrides: Any) -> Project:  # Any: any column
    """Add a project that can be chosen."""
    number = next(_numbers)
    values = {
        "id": new_id(),
        "slug": f"project-{number}",
        "title": f"Project {number}",
        "organisation": f"Organisation {number}",
        "currency": "EUR",
        "goal_minor": 1_000_000,
        "state": ProjectState.OPEN,
        "verified_at": NOW,
        "created_at": NOW,
    }
    if "cause_id" not in overrides:
        values["cause_id"] = make_cause().id
    return _add(Project(**values | overrides))


def make_owner(project: Project, user: User | None = None, **overrides: Any) -> ProjectOwner:
    """Add an owner to a project."""  # Any: any column
    user = user or make_user()
    values = {
        "project_id": project.id,
        "user_id": user.id,
        "role": MemberRole.OWNER,
        "title": "Coordinator",
        "created_at": NOW,
    }
    return _add(ProjectOwner(**values | overrides))
