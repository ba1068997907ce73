"""Whose desk it is, and the figures that stand in the side navigation."""

from flask_login import current_user

from marketplace.companies import queries
from marketplace.companies.models import CompanyMember
from marketplace.core.errors import NotFound


def own_membership(slug: str) -> CompanyMember:
    """Return what the person who is here is to a company, with the company.

    :raises NotFound: there is no such company; to others there is none either.
    """
    membership = queries.find_own(slug, current_user.id)
    if membership is None:
        raise NotFound
    return membership
