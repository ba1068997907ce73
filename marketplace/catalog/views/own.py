"""Whose desk it is, for the pages of a company's products and imports."""

import uuid

from flask_login import current_user

from marketplace.catalog.queries import desk
from marketplace.companies import queries as companies
from marketplace.companies.models import Company
from marketplace.companies.policies import may_edit_products
from marketplace.core.errors import NotFound


def own_company(slug: str) -> Company:
    """Return a company whose products the person who is here may edit.

    :raises NotFound: there is none; to others there is none either.
    """
    company = desk.find_seller(slug)
    if company is None:
        raise NotFound
    user_id: uuid.UUID = current_user.id
    if not may_edit_products(companies.find_membership(company.id, user_id)):
        raise NotFound
    return company
