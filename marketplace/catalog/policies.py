"""Who may do what with products."""

from marketplace.catalog.models import Product, ProductState
from marketplace.companies.models import CompanyMember


def may_manage_products(membership: CompanyMember | None) -> bool:
    """Say whether somebody may change a company's products: every member may."""
    return membership is not None


def may_publish_product(product: Product) -> bool:
    """Say whether a product can be offered: something in it has to be."""
    is_away = product.state is not ProductState.LIVE
    return is_away and any(variant.is_offered for variant in product.variants)
